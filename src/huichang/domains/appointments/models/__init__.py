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
    ReservePurpose,
)
from huichang.domains.appointments.models.capacity import (
    ONLINE,
    BandDiscount,
    BookingOverride,
    Channel,
    JobLimit,
    Replan,
    ReplanStatus,
    ReserveDay,
    ReserveUse,
    WelcomeScreen,
)
from huichang.domains.appointments.models.equipment import Equipment, EquipmentNeed

__all__ = [
    "ACTIVE",
    "BOOKING_LIFECYCLE",
    "ONLINE",
    "PROMISED",
    "BandDiscount",
    "BlockKind",
    "Booking",
    "BookingBand",
    "BookingBlock",
    "BookingItem",
    "BookingOverride",
    "BookingStatus",
    "Channel",
    "Equipment",
    "EquipmentNeed",
    "JobLimit",
    "Priority",
    "Replan",
    "ReplanStatus",
    "ReserveDay",
    "ReservePurpose",
    "ReserveUse",
    "WelcomeScreen",
]
