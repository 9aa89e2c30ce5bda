from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class CarChanged(Event):
    """Facts of a car's file changed: dates, status (sold on, scrapped, moved away), owner, who is called about it."""

    name: ClassVar[str] = "customers.car_changed"

    car_id: int


@dataclass(frozen=True, slots=True)
class CustomersMerged(Event):
    """`dropped_id` became a pointer to `kept_id`; their rows moved in the same transaction."""

    name: ClassVar[str] = "customers.merged"

    kept_id: int
    dropped_id: int
