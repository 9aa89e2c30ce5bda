"""Whatever is done in whatever order: nobody is booked twice and no day is promised beyond its reserve."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import ACTIVE, Booking, BookingBlock
from huichang.domains.catalog.models import LabourOperation
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["hold", "book", "book_hold", "change", "cancel", "release", "arrive", "no_show", "expire"]
        ),
        st.integers(0, 5),  # which booking
        st.integers(0, 34),  # which start of the day, every quarter from 8:45
        st.integers(0, 1),  # which day
        st.sets(st.integers(0, 2), min_size=1, max_size=2),  # which jobs
        st.sampled_from([0, 0, 4, 15]),  # minutes that pass before
    ),
    max_size=14,
)


def _furnish(store: Store) -> list[LabourOperation]:
    """One bay and technician a skill, one who can do both, and a job that takes more than a day's half."""
    store.bay("快保1号", "快保")
    store.bay("机修1号", "机修")
    store.technician("张伟", "快保")
    store.technician("韩超", "快保", "机修")
    store.advisor("吴倩")
    return [
        store.labour("保养", "快保", "0.8"),
        store.labour("制动片", "机修", "1.7"),
        store.labour("大修", "机修", "5.0"),
    ]


class Desk:
    """Does the steps; a polite refusal is an answer like any other."""

    def __init__(self, store: Store, jobs: list[LabourOperation]) -> None:
        self.store, self.jobs, self.now = store, jobs, NOW
        self.bookings: list[Booking] = []

    def do(self, step: str, which: int, quarter: int, day: int, jobs: set[int], minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        booking = self.bookings[which % len(self.bookings)] if self.bookings else None
        start = at("08:45") + timedelta(days=day, minutes=15 * quarter)
        try:
            getattr(self, step)(booking, start, [self.jobs[number].pk for number in jobs])
        except OperationRefused:
            if booking is not None:
                booking.refresh_from_db()

    def _visit(self, start: Any, labour_ids: list[int]) -> dict[str, Any]:
        visit = self.store.visit()
        return visit | {"starts_at": start, "labour_ids": labour_ids, "now": self.now}

    def hold(self, _: Booking | None, start: Any, labour_ids: list[int]) -> None:
        self.bookings.append(operations.hold(**self._visit(start, labour_ids)))

    def book(self, _: Booking | None, start: Any, labour_ids: list[int]) -> None:
        self.bookings.append(operations.book(**self._visit(start, labour_ids)))

    def book_hold(self, held: Booking | None, start: Any, labour_ids: list[int]) -> None:
        if held is not None and held.status == "held":
            own = {"car": held.car, "customer": held.customer, "starts_at": held.starts_at}
            own["labour_ids"] = list(held.items.values_list("labour_id", flat=True))
            self.bookings.append(operations.book(**self._visit(start, labour_ids) | own, hold=held))

    def change(self, booking: Booking | None, start: Any, labour_ids: list[int]) -> None:
        if booking is not None:
            operations.change(
                booking=booking,
                starts_at=start,
                labour_ids=labour_ids,
                actor=self.store.actor,
                now=self.now,
                reason="改时间",
            )

    def cancel(self, booking: Booking | None, *_: Any) -> None:
        if booking is not None:
            operations.cancel(booking=booking, actor=self.store.actor, now=self.now, reason="改主意")

    def release(self, booking: Booking | None, *_: Any) -> None:
        if booking is not None:
            operations.release(booking=booking, actor=self.store.actor, now=self.now)

    def arrive(self, booking: Booking | None, *_: Any) -> None:
        if booking is not None:
            operations.arrive(booking=booking, actor=self.store.actor, now=self.now)

    def no_show(self, booking: Booking | None, *_: Any) -> None:
        if booking is not None:
            late = booking.arrive_at + timedelta(minutes=31)
            operations.mark_no_show(booking=booking, actor=self.store.actor, now=late)

    def expire(self, *_: Any) -> None:
        operations.expire_holds(dealer=self.store.dealer, actor=self.store.actor, now=self.now)


def _broken(now: Any, store: Store) -> list[str]:
    """Every law that does not hold, in words."""
    found = []
    blocks = list(BookingBlock.objects.filter(is_active=True).select_related("booking"))
    for number, one in enumerate(blocks):
        if one.booking.status not in ACTIVE:
            found.append(f"{one.booking.status} booking keeps its time")
        for other in blocks[:number]:
            shared = one.staff_id == other.staff_id or (one.bay_id is not None and one.bay_id == other.bay_id)
            if shared and one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                found.append(f"{one.pk} and {other.pk} overlap")
    found += [
        f"{day.day} {load.skill} {load.booked_hours} > {load.limit_hours}"
        for day in queries.overview(dealer=store.dealer, first=MONDAY, days=8, now=now)
        for load in day.skills
        if load.booked_hours > load.limit_hours + 1e-6
    ]
    idle = Booking.objects.filter(status__in=ACTIVE).exclude(blocks__is_active=True).exclude(status="arrived")
    return found + [f"{row.number} promises nothing" for row in idle]


@settings(
    max_examples=20, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_any_sequence_of_operations_keeps_the_laws(store: Store, steps: list[Any]) -> None:
    if not LabourOperation.objects.exists():
        _furnish(store)
    Booking.objects.all().delete()
    desk = Desk(store, list(LabourOperation.objects.order_by("pk")))

    for step in steps:
        desk.do(*step)
        assert _broken(desk.now, store) == [], step
