from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class CarChanged(Event):
    """Facts of a car's file changed: dates, status (sold on, scrapped, moved away), owner."""

    name: ClassVar[str] = "customers.car_changed"

    car_id: int
