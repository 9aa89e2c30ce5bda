from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class Booked(Event):
    """A slot is promised to a customer."""

    name: ClassVar[str] = "appointments.booked"

    booking_id: int
    car_id: int


@dataclass(frozen=True, slots=True)
class BookingChanged(Event):
    """A promised booking was moved; the time it had from `freed_at` on is free again."""

    name: ClassVar[str] = "appointments.booking_changed"

    booking_id: int
    car_id: int
    freed_at: datetime


@dataclass(frozen=True, slots=True)
class BookingConfirmed(Event):
    """The customer comes and everything is ready: a formal booking."""

    name: ClassVar[str] = "appointments.booking_confirmed"

    booking_id: int
    car_id: int


@dataclass(frozen=True, slots=True)
class BookingMissed(Event):
    """The customer did not come. Follows BookingCancelled, which tells of the freed time."""

    name: ClassVar[str] = "appointments.booking_missed"

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
