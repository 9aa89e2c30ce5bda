"""Other times for a booking that cannot be kept: starts on which the parts are there and everybody is free."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from huichang.domains.appointments import queries
from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.planning.offers import Slot
from huichang.kernel.worktime import CHINA, local_date, local_moment

_DAYS = 14


def keepable(
    booking: Booking, *, now: datetime, ready_date: date | None = None, count: int = 3
) -> list[Slot]:
    """Up to `count` free starts from `ready_date` (default tomorrow) on, one a day, near the hour that was agreed."""
    labour = list(booking.items.order_by("pk").values_list("labour_id", flat=True))
    first = max(ready_date or date.min, local_date(now) + timedelta(days=1))
    ask: dict[str, Any] = {
        "dealer": booking.dealer, "labour_ids": labour, "now": now, "priority": booking.priority,
        "first_service": booking.is_first_service, "ignore_booking": booking, "waits": booking.waits,
        "channel": booking.source,
    }  # fmt: skip
    strip = queries.offers(earliest=first, days=_DAYS, **ask)
    found: list[Slot] = []
    clock = booking.starts_at.astimezone(CHINA).time()
    for day in [row.day for row in strip.days if row.free and row.day >= first]:
        free = [slot for slot in queries.offers(earliest=day, day=day, days=1, **ask).slots if slot.is_free]
        wanted = local_moment(day, clock)
        if free:
            found.append(min(free, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at)))
        if len(found) == count:
            break
    return found
