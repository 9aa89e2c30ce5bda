"""What the end of a day finds: work that is not done, days whose ledger is not kept yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from huichang.domains.appointments.models import (
    BlockKind,
    Booking,
    BookingBlock,
    BookingStatus,
    ReserveDay,
)
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.kernel.worktime import day_bounds, local_date

_LOOKED_BACK = 14  # days in which work may have been left unfinished


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Work of one skill that is not done: `hours` are those still to do."""

    booking: Booking
    skill: str
    hours: Decimal
    bay_id: int | None = None
    technician_id: int | None = None


def unfinished_on(dealer: Dealer, day: date) -> list[Unfinished]:
    """Work of cars that are here whose time ended on the day or before and that nobody finished.

    Of a booking and skill only the last block counts: earlier ones were carried over into it.
    """
    end = day_bounds(day)[1]
    rows = BookingBlock.objects.filter(
        dealer=dealer, kind=BlockKind.WORK, is_active=True, finished_at=None, booking__status=BookingStatus.ARRIVED,
        ends_at__lte=end, ends_at__gt=end - timedelta(days=_LOOKED_BACK),
    ).select_related("booking")  # fmt: skip
    last: dict[tuple[int, str], BookingBlock] = {}
    for block in rows.order_by("ends_at", "pk"):
        last[block.booking_id, block.skill] = block
    later = set(
        BookingBlock.objects.filter(
            booking_id__in={pk for pk, _skill in last}, kind=BlockKind.WORK, is_active=True, ends_at__gt=end
        ).values_list("booking_id", "skill")
    )
    return [
        Unfinished(block.booking, skill, block.planned_hours, block.bay_id, block.staff_id)
        for (pk, skill), block in last.items()
        if (pk, skill) not in later
    ]


def days_to_close(dealer: Dealer, now: datetime) -> list[date]:
    """The open days of the last week whose doors are shut and whose ledger is not kept yet, oldest first."""
    today = local_date(now)
    first = today - timedelta(days=7)
    calendar = calendars.load(dealer, first, today)
    done = set(ReserveDay.objects.filter(dealer=dealer, day__gte=first).values_list("day", flat=True))
    found = []
    for number in range(8):
        day = first + timedelta(days=number)
        periods = calendar.moments(day)
        if periods and periods[-1][1] <= now and day not in done:
            found.append(day)
    return found
