"""What parts tell those above them. A visit is known by its `reference`: the number of the booking or order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class PartsReady(Event):
    """Everything a visit needs is there, reserved or in its basket."""

    name: ClassVar[str] = "parts.ready"

    reference: str


@dataclass(frozen=True, slots=True)
class PartsLate(Event):
    """A part will not be there on the day of the visit: told once for each expected day."""

    name: ClassVar[str] = "parts.late"

    reference: str
    part_id: int
    expected_date: date
    need_date: date


@dataclass(frozen=True, slots=True)
class PartsReleased(Event):
    """A visit needs its parts no more; what lay in its basket waits to be put back."""

    name: ClassVar[str] = "parts.released"

    reference: str
