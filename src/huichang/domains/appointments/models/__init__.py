"""The tables of the appointments: bookings with their blocks, and the bands of the day."""

from __future__ import annotations

from huichang.domains.appointments.models.bands import BookingBand
from huichang.domains.appointments.models.booking import (
    ACTIVE,
    BOOKING_LIFECYCLE,
    PROMISED,
    BlockKind,
    Booking,
    BookingBlock,
    BookingItem,
    BookingStatus,
    Priority,
)

__all__ = [
    "ACTIVE",
    "BOOKING_LIFECYCLE",
    "PROMISED",
    "BlockKind",
    "Booking",
    "BookingBand",
    "BookingBlock",
    "BookingItem",
    "BookingStatus",
    "Priority",
]
