"""Reads for those who steer: what ate the reserve, who went beyond the rules, what became of bookings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from huichang.domains.appointments.models import (
    BlockKind,
    Booking,
    BookingBlock,
    BookingOverride,
    BookingStatus,
    Channel,
    ReserveDay,
    ReservePurpose,
    ReserveUse,
)
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.reserve import Line, Reserve
from huichang.domains.dealers.models import Dealer
from huichang.kernel.models import StatusChange
from huichang.kernel.worktime import day_bounds, local_date


@dataclass(frozen=True, slots=True)
class Eater:
    """One thing that ate the reserve: a block of a car, or hours without one."""

    skill: str
    purpose: str
    hours: float
    why: str
    booking: Booking | None
    who: str


def reserve_of(dealer: Dealer, day: date, now: datetime) -> list[Line]:
    """The ledger of a day, one line a skill: as kept at closing for days that are closed, else as it stands."""
    kept = list(ReserveDay.objects.filter(dealer=dealer, day=day).order_by("skill"))
    if not kept:
        return Reserve(planning.load(dealer, day, 1, now)).lines(0)
    return [
        Line(
            skill=row.skill, capacity=float(row.capacity), reserve=float(row.reserve), kept=0.0,
            promised=float(row.promised), seats={},
            eaten={
                "quick": float(row.quick), "urgent": float(row.urgent), "carry_over": float(row.carry_over),
                "unforeseen": float(row.unforeseen),
            },
        )
        for row in kept
    ]  # fmt: skip


def _why(booking: Booking) -> str:
    if not booking.priority:
        return booking.note
    return ":".join(filter(None, (str(booking.get_priority_display()), booking.priority_reason)))


def eaters_of(dealer: Dealer, day: date) -> list[Eater]:
    """Everything that ate the reserve of a day; two queries."""
    start, end = day_bounds(day)
    blocks = (
        BookingBlock.objects.filter(
            dealer=dealer, is_active=True, kind=BlockKind.WORK, starts_at__lt=end, ends_at__gt=start
        )
        .exclude(purpose="")
        .select_related("booking__car", "booking__customer", "staff")
    )
    found = [
        Eater(
            block.skill, str(block.get_purpose_display()), float(block.planned_hours),
            _why(block.booking),
            block.booking, block.staff.name if block.staff else "",
        )
        for block in blocks.order_by("starts_at")
    ]  # fmt: skip
    uses = ReserveUse.objects.filter(dealer=dealer, day=day).select_related(
        "booking__car", "booking__customer"
    )
    return found + [
        Eater(
            row.skill, str(ReservePurpose(row.purpose).label), float(row.hours), row.reason, row.booking,
            row.created_by_name,
        )
        for row in uses.order_by("created_at")
    ]  # fmt: skip


def overrides_between(dealer: Dealer, start: datetime, end: datetime) -> list[BookingOverride]:
    """Bookings made in [start, end) although a rule stood against them, newest first; one query."""
    rows = BookingOverride.objects.filter(dealer=dealer, created_at__gte=start, created_at__lt=end)
    return list(rows.select_related("booking__car", "booking__customer").order_by("-created_at"))


def real(dealer: Dealer) -> Q:
    """Bookings that were promised: not holds, nor what became of holds that nobody booked."""
    return Q(dealer=dealer, hold_until=None) & ~Q(status__in=(BookingStatus.HELD, BookingStatus.EXPIRED))


@dataclass(frozen=True, slots=True)
class Statistics:
    """The booking statistics table of a period (APT-22, RPT-15). Counts of bookings; shares in percent or None."""

    made: int
    by_channel: tuple[tuple[str, int], ...]
    due: int  # were to come in the period
    arrived: int
    on_time: int
    missed: int
    cancelled: int
    still_open: int
    walk_ins: int
    first_services: int
    invited: int  # of those made: the store asked (主动预约); the others asked themselves (APT-16)
    moved: int
    again: int  # customers who came booked in the period and booked another visit since
    came: int
    days: tuple[tuple[date, int, int, int, int], ...]  # day, to come, arrived, missed, walk-ins

    @property
    def show_percent(self) -> int | None:
        done = self.arrived + self.missed
        return round(100 * self.arrived / done) if done else None

    @property
    def asked(self) -> int:
        """Bookings that customers asked for themselves."""
        return self.made - self.invited

    @property
    def booked_percent(self) -> int | None:
        """Booked cars among all cars that came (CAP-02: about 80 %)."""
        whole = self.arrived + self.walk_ins
        return round(100 * self.arrived / whole) if whole else None

    @property
    def again_percent(self) -> int | None:
        """Whether booking was worth it to the customer: who came booked and books again (APT-26)."""
        return round(100 * self.again / self.came) if self.came else None


def statistics(dealer: Dealer, first: date, last: date) -> Statistics:
    """The table of the days `first` to `last` inclusive; six queries."""
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    rows = Booking.objects.filter(real(dealer))
    booked = ~Q(source=Channel.WALK_IN)
    made = rows.filter(booked, created_at__gte=start, created_at__lt=end)
    names = dict(Channel.choices)
    channels = made.values_list("source").annotate(count=Count("pk")).order_by("-count")
    to_come = rows.filter(starts_at__gte=start, starts_at__lt=end)
    facts = list(
        to_come.values_list("starts_at", "status", "source", "is_first_service", "times_moved", "customer_id")
    )
    mine = [row for row in facts if row[2] != Channel.WALK_IN]
    statuses = Counter(row[1] for row in mine)
    later = Booking.objects.filter(
        real(dealer), booked, customer_id=OuterRef("customer_id"), created_at__gt=OuterRef("starts_at")
    )
    kept = to_come.filter(booked, status=BookingStatus.ARRIVED)
    came = dict(kept.annotate(again=Exists(later)).order_by("starts_at").values_list("customer_id", "again"))
    return Statistics(
        made=made.count(),
        by_channel=tuple((str(names.get(source, source)), count) for source, count in channels),
        due=len(mine),
        arrived=statuses["arrived"],
        on_time=_on_time(kept),
        missed=statuses["no_show"],
        cancelled=statuses["cancelled"],
        still_open=sum(statuses[one] for one in ("tentative", "prepared", "confirmed")),
        walk_ins=len(facts) - len(mine),
        first_services=sum(row[3] for row in mine),
        invited=made.filter(is_invited=True).count(),
        moved=sum(row[4] > 0 for row in mine),
        again=sum(came.values()),
        came=len(came),
        days=_days(facts, first, last),
    )


def _on_time(kept: QuerySet[Booking]) -> int:
    """Who was at the store within ten minutes of the agreed arrival."""
    due = dict(kept.values_list("pk", "arrive_at"))
    changes = StatusChange.objects.filter(
        table_name=Booking._meta.db_table, after="arrived", row_id__in=list(due)
    )
    return sum(at <= due[pk] + timedelta(minutes=10) for pk, at in changes.values_list("row_id", "at"))


def _days(
    facts: Sequence[tuple[Any, ...]], first: date, last: date
) -> tuple[tuple[date, int, int, int, int], ...]:
    counted: dict[date, Counter[str]] = {}
    for starts_at, status, source, *_rest in facts:
        of_day = counted.setdefault(local_date(starts_at), Counter())
        if source == Channel.WALK_IN:
            of_day["walk_in"] += 1
        else:
            of_day["due"] += 1
            of_day[str(status)] += 1
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    zero: Counter[str] = Counter()
    return tuple(
        (day, of_day["due"], of_day["arrived"], of_day["no_show"], of_day["walk_in"])
        for day in days
        if (of_day := counted.get(day, zero)) is not zero
    )


def register(dealer: Dealer, start: datetime, end: datetime) -> list[Booking]:
    """Every booking promised in [start, end) in the order made: the booking register (form 12); six queries."""
    rows = (
        Booking.objects.filter(
            real(dealer), ~Q(source=Channel.WALK_IN), created_at__gte=start, created_at__lt=end
        )
        .select_related("car__vehicle", "customer", "created_by")
        .prefetch_related("blocks__bay", "blocks__staff", "items__labour")
    )
    return list(rows.order_by("created_at", "pk"))
