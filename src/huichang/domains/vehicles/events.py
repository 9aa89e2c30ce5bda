from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ReadingRecorded(Event):
    """An odometer reading was taken or judged."""

    name: ClassVar[str] = "vehicles.reading_recorded"

    vehicle_id: int
