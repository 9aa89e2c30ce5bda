"""What the store has done for the demo's bookings: papers printed, customers asked, first services, a waiting list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huichang.domains.dealers.models import Dealer

PRINTED_DAYS, ASKED_DAYS = 2, 3  # how far ahead papers are printed, customers asked
FAULTS = ("低速刹车时前轮有异响", "冷车启动抖动", "空调不够凉")
NEEDS = ("带小孩,需要儿童座椅", "需要代步车", "下午四点前要取车")


def add_bookings(dealer: Dealer, now: datetime) -> None:
    """Prepare the store's coming bookings as far as they are, and put customers on the waiting list. Repeatable."""
    from huichang.domains.appointments.models import PROMISED, Booking, WaitingEntry
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import local_date

    actor, today = system("huichang demo"), local_date(now)
    with dealer_scope(dealer.pk):
        if WaitingEntry.objects.exists():
            return
        ahead = Booking.objects.filter(dealer=dealer, status__in=PROMISED, starts_at__gte=now)
        rows = list(ahead.order_by("starts_at", "pk").values_list("pk", "starts_at"))
    for number, (pk, starts_at) in enumerate(rows):
        with dealer_scope(dealer.pk):
            _prepare(pk, number, (local_date(starts_at) - today).days, now=now, actor=actor)
    with dealer_scope(dealer.pk):
        _first_services(dealer, today, now=now, actor=actor)
        _wait(dealer, today, now=now, actor=actor)


def _prepare(pk: int, number: int, days: int, *, now: datetime, actor: Any) -> None:
    """Most papers of the next days are printed; every other customer has said that he comes."""
    from huichang.domains.appointments import operations
    from huichang.domains.appointments.models import Booking

    booking = Booking.objects.get(pk=pk)
    if days <= PRINTED_DAYS and number % 4:
        operations.print_documents(
            booking=booking, kinds=["work_order", "estimate", "issue_slip"], actor=actor, now=now
        )
    if days <= ASKED_DAYS and number % 2:
        operations.confirm(booking=booking, by_phone=False, actor=actor, now=now)


def _first_services(dealer: Dealer, today: date, *, now: datetime, actor: Any) -> None:
    """Three first services, whom their sales advisors tell who waits for them."""
    from huichang.domains.appointments import operations, queries
    from huichang.domains.catalog.queries import labour
    from huichang.domains.catalog.suggestions import suggest

    jobs = [job.pk for job in suggest(labour(dealer), kinds=["first_service"])][:1]
    for number, owner in enumerate(_people()[:3] if jobs else []):
        day = today + timedelta(days=1 + number)
        asked: dict[str, Any] = {"dealer": dealer, "labour_ids": jobs, "now": now, "first_service": True}
        free = [slot for slot in queries.offers(**asked, day=day).slots if slot.is_free]
        if free:
            operations.book(
                **asked, car=owner.car, customer=owner.customer, starts_at=free[len(free) // 2].starts_at,
                fault=FAULTS[number], special_needs=NEEDS[number], actor=actor,
            )  # fmt: skip


def _people() -> Any:
    from huichang.domains.customers.models import Bond, Ownership

    rows = Ownership.objects.filter(
        bond=Bond.OWNER, end_date=None, car__status="active", car__bookings=None, customer__kind="person"
    )
    return list(
        rows.select_related("car__vehicle", "customer").order_by("-car__vehicle__sale_date", "pk")[:8]
    )


def _wait(dealer: Dealer, today: date, *, now: datetime, actor: Any) -> None:
    """Customers who would come earlier, one of whom has an offer just now."""
    from huichang.domains.appointments import operations
    from huichang.domains.catalog.queries import labour
    from huichang.domains.catalog.suggestions import suggest

    jobs = [job.pk for job in suggest(labour(dealer), kinds=["scheduled_service"])]
    for number, owner in enumerate(_people()[3:7] if jobs else []):
        operations.join_waiting(
            dealer=dealer, car=owner.car, customer=owner.customer, labour_ids=jobs, actor=actor, now=now,
            first_day=today + timedelta(days=1 + number), last_day=today + timedelta(days=4 + number),
            clock_from=time(8, 30), clock_until=time(12) if number % 2 else time(17),
        )  # fmt: skip
    operations.offer_day(dealer=dealer, day=today + timedelta(days=2), actor=actor, now=now)
