"""When a booking is touched: the plan of the choreography (CNF, CHG, D-03), worked out in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.models import Booking, SkipCause, Touch, TouchKind, TouchStatus
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.kernel.policies import Policy
from huichang.kernel.worktime import local_date, local_moment

# Touches that the job of the minute carries out; the others are settled by what people do.
BY_JOB = (TouchKind.CONFIRM_CALL, TouchKind.NAMES, TouchKind.SALES_NAMES, TouchKind.ONE_HOUR)
_LOOK_BACK = 21  # days in which a store that closes for the festival still has an open day before the visit


@dataclass(frozen=True, slots=True)
class Step:
    """One touch of a plan: when, or why not."""

    kind: TouchKind
    at: datetime
    skipped: str = ""


def days_and_values(
    dealer: Dealer, visit: date, now: datetime, *, also: Iterable[Policy[Any]] = ()
) -> tuple[calendars.Calendar, dict[str, Any]]:
    """The store's days before a visit, and its numbers for touches (and for what `also` names); one query."""
    return calendars.load_with_values(
        dealer,
        visit - timedelta(days=_LOOK_BACK),
        visit,
        declared=(*rules.FOR_TOUCHES, *also),
        on=local_date(now),
    )


def plan(booking: Booking, now: datetime) -> list[Step]:
    """The touches before a visit, those whose time is past with the cause "too late"; one query."""
    return steps(booking, *days_and_values(booking.dealer, local_date(booking.starts_at), now), now)


def steps(
    booking: Booking, calendar: calendars.Calendar, values: Mapping[str, Any], now: datetime
) -> list[Step]:
    """As `plan`, from days and values at hand."""
    return list(_steps(booking, calendar, values, now))


def _steps(
    booking: Booking, calendar: calendars.Calendar, values: Mapping[str, Any], now: datetime
) -> Iterator[Step]:
    start = local_date(booking.starts_at)
    call_day = _open_day(calendar, start - timedelta(days=values[rules.CONFIRM_DAYS.key]))
    eve = local_moment(_open_day(calendar, start - timedelta(days=1)), values[rules.NAMES_AT.key])
    minutes = values[rules.ONE_HOUR.key]
    before = booking.arrive_at - timedelta(minutes=minutes)

    def step(kind: TouchKind, at: datetime, *, is_on: bool) -> Step:
        cause = "" if is_on else SkipCause.SWITCHED_OFF
        return Step(kind, at, cause or (SkipCause.TOO_LATE if at < now else ""))

    yield step(TouchKind.CONFIRM_CALL, _opening(calendar, call_day), is_on=values[rules.CONFIRM_CALL.key])
    yield step(TouchKind.NAMES, eve, is_on=values[rules.NAMES_MESSAGE.key])
    if booking.is_first_service:
        yield step(TouchKind.SALES_NAMES, eve, is_on=values[rules.SALES_NAMES.key])
    yield step(TouchKind.ONE_HOUR, before, is_on=minutes > 0)
    yield Step(TouchKind.ARRIVAL, booking.arrive_at)


def _open_day(calendar: calendars.Calendar, day: date) -> date:
    """The day, or the last open one before it: nobody calls while the store is shut."""
    for back in range(_LOOK_BACK):
        if calendar.is_working(day - timedelta(days=back)):
            return day - timedelta(days=back)
    return day


def _opening(calendar: calendars.Calendar, day: date) -> datetime:
    periods = calendar.moments(day)
    return periods[0][0] if periods else local_moment(day, rules.NAMES_AT.default)


def rows(booking: Booking, steps: list[Step], now: datetime) -> list[Touch]:
    """The unsaved touches of a plan in the booking's present round."""
    return [
        Touch(
            dealer_id=booking.dealer_id, booking=booking, kind=step.kind, round=booking.times_moved,
            planned_at=step.at, cause=step.skipped, settled_at=now if step.skipped else None,
            status=TouchStatus.SKIPPED if step.skipped else TouchStatus.PLANNED,
        )
        for step in steps
    ]  # fmt: skip


def is_fresh(steps: list[Step]) -> bool:
    """Whether the customer agreed so shortly before the visit that there is nothing to confirm again."""
    return any(step.kind == TouchKind.CONFIRM_CALL and step.skipped == SkipCause.TOO_LATE for step in steps)


def due(now: datetime) -> list[tuple[int, int]]:
    """(store, touch) of the planned touches of the open scope whose time has come, oldest first.

    Those that people settle (the arrival) are not among them.
    """
    rows = Touch.objects.filter(status=TouchStatus.PLANNED, planned_at__lte=now, kind__in=BY_JOB)
    return list(rows.order_by("planned_at", "pk").values_list("dealer_id", "pk"))


def stores_with_calls() -> list[int]:
    """Stores of the open scope in which a call about a booking is under way."""
    rows = Touch.objects.filter(status=TouchStatus.ASKED, task_id__isnull=False)
    return list(rows.values_list("dealer_id", flat=True).distinct())
