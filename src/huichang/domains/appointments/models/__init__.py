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
from huichang.domains.appointments.models.documents import (
    BookingDocument,
    DocumentKind,
    DocumentStatus,
    Estimate,
    EstimateLine,
    Grade,
    LineKind,
    Pricing,
    Supplier,
)
from huichang.domains.appointments.models.equipment import Away, Equipment, EquipmentNeed, EquipmentOutage
from huichang.domains.appointments.models.meetings import Meeting, MeetingKind, MeetingStatus
from huichang.domains.appointments.models.preparation import (
    CheckKind,
    DayCheck,
    PaperPlace,
    Preparation,
)
from huichang.domains.appointments.models.touches import SkipCause, Touch, TouchKind, TouchStatus
from huichang.domains.appointments.models.waiting import OfferStatus, SlotOffer, WaitingEntry, WaitingStatus

__all__ = [
    "ACTIVE",
    "BOOKING_LIFECYCLE",
    "ONLINE",
    "PROMISED",
    "Away",
    "BandDiscount",
    "BlockKind",
    "Booking",
    "BookingBand",
    "BookingBlock",
    "BookingDocument",
    "BookingItem",
    "BookingOverride",
    "BookingStatus",
    "Channel",
    "CheckKind",
    "DayCheck",
    "DocumentKind",
    "DocumentStatus",
    "Equipment",
    "EquipmentNeed",
    "EquipmentOutage",
    "Estimate",
    "EstimateLine",
    "Grade",
    "JobLimit",
    "LineKind",
    "Meeting",
    "MeetingKind",
    "MeetingStatus",
    "OfferStatus",
    "PaperPlace",
    "Preparation",
    "Pricing",
    "Priority",
    "Replan",
    "ReplanStatus",
    "ReserveDay",
    "ReservePurpose",
    "ReserveUse",
    "SkipCause",
    "SlotOffer",
    "Supplier",
    "Touch",
    "TouchKind",
    "TouchStatus",
    "WaitingEntry",
    "WaitingStatus",
    "WelcomeScreen",
]
