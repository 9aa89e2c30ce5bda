from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class Booked(Event):
    """A slot is promised to a customer."""

    name: ClassVar[str] = "appointments.booked"

    booking_id: int
    car_id: int


@dataclass(frozen=True, slots=True)
class BookingCancelled(Event):
    """A promised slot was given back (cancelled or not kept)."""

    name: ClassVar[str] = "appointments.booking_cancelled"

    booking_id: int
    car_id: int


@dataclass(frozen=True, slots=True)
class Arrived(Event):
    """The customer of a booking is at the store."""

    name: ClassVar[str] = "appointments.arrived"

    booking_id: int
    car_id: int
