from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class VisitRecorded(Event):
    """A car was in the workshop: cases about it can close."""

    name: ClassVar[str] = "workshop.visit_recorded"

    car_id: int
    order_id: int
