"""The demo's bookings of the desk: kept and broken ones of last week, the coming days in every state, a waiting list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huichang.domains.appointments.models import Booking
    from huichang.domains.customers.models import Ownership
    from huichang.domains.dealers.models import Dealer

PAST, AHEAD, A_DAY = 6, 9, 5  # days back, days ahead, bookings of the desk a day
KINDS = ("scheduled_service", "first_service", "deferred_repair")


def add_bookings(dealer: Dealer, now: datetime) -> None:
    """Book for cars of the store, prepare what is near, let some customers not come. Does nothing a second time."""
    from huichang.domains.appointments.models import Booking
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import local_date

    with dealer_scope(dealer.pk):
        if Booking.objects.filter(source="desk").exists():
            return
        people = _people(dealer)
    actor, today, used = system("huichang demo"), local_date(now), 0
    for offset in (*range(-PAST, 0), *range(1, AHEAD)):
        day = today + timedelta(days=offset)
        for number in range(A_DAY if offset < 6 else 2):
            with dealer_scope(dealer.pk):
                made = _book(
                    dealer, people[used % len(people)], day, number, now=_asked(day, now), actor=actor
                )
                used += 1
                if made is not None:
                    _live_on(made, number, offset, now=now, actor=actor)
    with dealer_scope(dealer.pk):
        _wait(dealer, people[used : used + 4], today, now=now, actor=actor)


def _people(dealer: Dealer) -> Sequence[Ownership]:
    from huichang.domains.customers.models import Bond, Ownership

    rows = Ownership.objects.filter(
        bond=Bond.OWNER, end_date=None, car__status="active", car__bookings=None, customer__kind="person"
    )
    return list(
        rows.select_related("car__vehicle", "customer").order_by("-car__last_visit_date", "pk")[:120:2]
    )


def _asked(day: date, now: datetime) -> datetime:
    """When it was booked: three days before, or just now for what lies ahead."""
    from huichang.kernel.worktime import local_moment

    return min(now, local_moment(day - timedelta(days=3), time(10)))


def _book(
    dealer: Dealer, owner: Ownership, day: date, number: int, *, now: datetime, actor: Any
) -> Booking | None:
    from huichang.domains.appointments import operations, queries
    from huichang.domains.catalog.queries import labour
    from huichang.domains.catalog.suggestions import suggest

    kind = KINDS[number % len(KINDS)]
    jobs = suggest(
        labour(dealer), kinds=[kind], findings=["前刹车片偏薄"] if kind == "deferred_repair" else []
    )
    if not jobs:
        return None
    asked: dict[str, Any] = {"dealer": dealer, "labour_ids": [job.pk for job in jobs[:2]], "now": now}
    first = kind == "first_service"
    free = [s for s in queries.offers(**asked, day=day, first_service=first).slots if s.is_free]
    if not free:
        return None
    made: Booking = operations.book(
        **asked, car=owner.car, customer=owner.customer, starts_at=free[len(free) * number // A_DAY].starts_at,
        actor=actor, first_service=first, waits=number % 2 == 0, note="客户要求洗车" if number == 2 else "",
        fault="低速刹车时前轮有异响" if kind == "deferred_repair" else "",
        special_needs="带小孩,需要儿童座椅" if number == 1 else "",
    )  # fmt: skip
    return made


def _live_on(made: Booking, number: int, offset: int, *, now: datetime, actor: Any) -> None:
    """What became of it: yesterday's came or not; tomorrow's are prepared, most of the day after too."""
    from huichang.domains.appointments import operations

    if offset < 0:
        late = timedelta(minutes=(-8, 3, 20, -2, 11)[number % 5])
        if number == 4 and offset in {-2, -4}:
            operations.mark_no_show(booking=made, actor=actor, now=made.arrive_at + timedelta(hours=1))
        else:
            operations.arrive(booking=made, actor=actor, now=made.arrive_at + late)
        return
    if offset <= 2 and number != 3:
        operations.print_documents(
            booking=made, kinds=["work_order", "estimate", "issue_slip"], actor=actor, now=now
        )
    if offset <= 3 and number % 2 == 0:
        made.refresh_from_db()
        operations.confirm(booking=made, by_phone=False, actor=actor, now=now)


def _wait(dealer: Dealer, people: Sequence[Ownership], today: date, *, now: datetime, actor: Any) -> None:
    """Customers who would come earlier, one of whom has an offer just now."""
    from huichang.domains.appointments import operations
    from huichang.domains.catalog.queries import labour
    from huichang.domains.catalog.suggestions import suggest

    jobs = [job.pk for job in suggest(labour(dealer), kinds=["scheduled_service"])]
    for number, owner in enumerate(people if jobs else []):
        operations.join_waiting(
            dealer=dealer, car=owner.car, customer=owner.customer, labour_ids=jobs, actor=actor, now=now,
            first_day=today + timedelta(days=1 + number), last_day=today + timedelta(days=4 + number),
            clock_from=time(8, 30), clock_until=time(12) if number % 2 else time(17),
        )  # fmt: skip
    operations.offer_day(dealer=dealer, day=today + timedelta(days=2), actor=actor, now=now)
