from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class OwnerRegistered(Event):
    """Somebody proved to be the owner of a car, or was invited by the owner, and now sees it on the phone."""

    name: ClassVar[str] = "owners.registered"

    binding_id: int
    customer_id: int
    car_id: int


@dataclass(frozen=True, slots=True)
class OwnerLeft(Event):
    """A car is no longer shown on somebody's phone."""

    name: ClassVar[str] = "owners.left"

    binding_id: int
    customer_id: int
    car_id: int
