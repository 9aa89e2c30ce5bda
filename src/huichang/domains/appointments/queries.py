"""What others may ask of bookings: offers, loads, lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from huichang.domains.appointments.models import (
    PROMISED,
    Away,
    BlockKind,
    Booking,
    BookingBand,
    BookingBlock,
    BookingStatus,
    Equipment,
    EquipmentOutage,
)
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.offers import (
    Alternative,
    BlockOffer,
    Check,
    DaySummary,
    Offers,
    Slot,
    present,
)
from huichang.domains.appointments.planning.plans import Ask
from huichang.domains.appointments.planning.reserve import Reserve
from huichang.domains.appointments.planning.search import Search
from huichang.domains.appointments.policies import STRIP
from huichang.domains.appointments.quoting import Quote, QuoteLine, estimate
from huichang.domains.appointments.timeline import Moment, timeline
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import StaffMember
from huichang.domains.customers.models import Car
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.parts.queries import slowest_lead_days
from huichang.kernel.worktime import day_bounds, local_date

__all__ = [
    "Alternative", "BlockOffer", "Check", "DayLoad", "DaySummary", "Moment", "Offers", "Quote", "QuoteLine",
    "SkillLoad", "Slot", "advisor_of", "bands", "bookings_between", "estimate", "get", "jobs_of", "offers",
    "overview", "timeline", "upcoming_of", "work_blocks",
]  # fmt: skip

OCCUPYING = ("held", *PROMISED, "arrived")


def jobs_of(dealer: Dealer, labour_ids: Sequence[int]) -> tuple[planning.Job, ...]:
    """The jobs of the catalogue in the order asked; unknown or retired ones are left out. One query."""
    return tuple(
        planning.Job(row.pk, row.name, row.skill, float(row.standard_hours))
        for row in catalog.labour(dealer, labour_ids)
    )


def offers(
    *,
    dealer: Dealer,
    labour_ids: Sequence[int],
    now: datetime,
    earliest: date | None = None,
    day: date | None = None,
    wanted: datetime | None = None,
    days: int | None = None,
    priority: str = "",
    first_service: bool = False,
    advisor_id: int | None = None,
    ignore_booking: Booking | None = None,
    channel: str = "desk",
    waits: bool = False,
    ready_date: date | None = None,
    bay_id: int | None = None,
    technician_id: int | None = None,
    override: bool = False,
) -> Offers:
    """The slots that can be kept for these jobs, with reasons (CAP-01, CAP-03…07); seven queries at most.

    `days` days from `earliest` (default today) make the strip; the slots listed are those of `day`, else of the
    wanted start, else of the first day with room. `wanted` is on the grid; when it cannot be kept, `alternatives`
    hold the nearest that can. `ignore_booking` is the booking being moved. `channel` decides the discount and whether
    the online quota counts; `waits` whether the limit of waiting customers does; no slot lies before `ready_date`, the
    first day on which the parts can be there; `override` leaves out what is only counted.
    """
    first = max(filter(None, (earliest, local_date(now))))
    strip = days if days is not None else int(policy(STRIP, dealer, local_date(now)))
    reach = max(filter(None, (day, wanted and local_date(wanted), first)))
    first = min(filter(None, (day, wanted and local_date(wanted), first)))
    span = max(strip, (reach - first).days + 1)
    facts = planning.load(dealer, first, span, now, ignore=ignore_booking, labour_ids=labour_ids)
    ask = Ask(
        priority=priority, first_service=first_service, channel=channel, waits=waits, ready=ready_date,
        advisor_id=advisor_id, bay_id=bay_id, technician_id=technician_id, override=override,
    )  # fmt: skip
    search = Search(facts, facts.jobs, ask)
    lead = slowest_lead_days([job.labour_id for job in facts.jobs])
    ready = local_date(now) + timedelta(days=lead) if lead else None
    return present(facts, search, day=day, wanted=wanted, strip=strip, parts_ready=ready)


@dataclass(frozen=True, slots=True)
class SkillLoad:
    """One skill on one day, in hours; `percent` is booked over what may be promised."""

    skill: str
    available_hours: float
    limit_hours: float
    booked_hours: float

    @property
    def percent(self) -> int:
        if not self.limit_hours:
            return 100 if self.booked_hours else 0
        return round(100 * self.booked_hours / self.limit_hours)


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One day of a store: open or why not, load per skill, number of bookings that start on it."""

    day: date
    is_open: bool
    reason: str
    periods: tuple[calendars.Period, ...]
    skills: tuple[SkillLoad, ...]
    bookings: int

    @property
    def why_closed(self) -> str:
        return "" if self.is_open else self.reason

    @property
    def percent(self) -> int:
        """How full the whole store is."""
        limit = sum(load.limit_hours for load in self.skills)
        return round(100 * sum(load.booked_hours for load in self.skills) / limit) if limit else 0


def overview(*, dealer: Dealer, first: date, days: int, now: datetime) -> tuple[DayLoad, ...]:
    """Load per skill of `days` days from `first`; eleven queries."""
    facts = planning.load(dealer, first, days, now)
    reserve = Reserve(facts)
    skills = sorted({skill for person in facts.technicians for skill in person.skills})
    counted = _bookings_by_day(dealer, first, days, now)
    return tuple(
        DayLoad(
            day=info.day,
            is_open=info.is_open,
            reason=info.reason,
            periods=info.periods,
            skills=tuple(
                SkillLoad(
                    skill,
                    facts.capacity.get((skill, number), 0.0),
                    reserve.limit((skill, number)),
                    facts.booked.get((skill, number), 0.0),
                )
                for skill in skills
            ),
            bookings=counted.get(info.day, 0),
        )
        for number, info in enumerate(facts.calendar[:days])
    )


def _bookings_by_day(dealer: Dealer, first: date, days: int, now: datetime) -> dict[date, int]:
    start, end = day_bounds(first)[0], day_bounds(first + timedelta(days=days - 1))[1]
    rows = _current(dealer, now).filter(starts_at__gte=start, starts_at__lt=end)
    return dict(rows.values_list("starts_at__date").annotate(Count("pk")).order_by())


def _current(dealer: Dealer, now: datetime) -> QuerySet[Booking]:
    """Bookings that occupy somebody: holds past their end do not."""
    return Booking.objects.filter(dealer=dealer, status__in=OCCUPYING).exclude(
        Q(status=BookingStatus.HELD) & Q(hold_until__lte=now)
    )


def whole() -> QuerySet[Booking]:
    """Bookings with everything a page shows of them; five queries for any number."""
    return Booking.objects.select_related("car__vehicle", "customer", "created_by").prefetch_related(
        "blocks__bay", "blocks__staff", "blocks__equipment", "items__labour"
    )


def get(pk: int) -> Booking:
    """One booking of the open scope. Raises Booking.DoesNotExist."""
    return whole().get(pk=pk)


def bookings_between(
    *, dealer: Dealer, start: datetime, end: datetime, statuses: Iterable[str] | None = None
) -> list[Booking]:
    """Bookings whose work touches [start, end), by start; the blocks, jobs, car and customer are at hand."""
    rows = whole().filter(dealer=dealer, starts_at__lt=end, ends_at__gt=start)
    if statuses is not None:
        rows = rows.filter(status__in=tuple(statuses))
    return list(rows.order_by("starts_at", "pk"))


def upcoming_of(*, car: Car, now: datetime) -> list[Booking]:
    """What a car is booked for, soonest first: promised visits not yet over, and holds in force."""
    rows = (
        whole()
        .filter(car=car, ends_at__gt=now)
        .filter(Q(status__in=PROMISED) | Q(status=BookingStatus.HELD, hold_until__gt=now))
    )
    return list(rows.order_by("starts_at"))


def work_blocks(booking: Booking) -> list[BookingBlock]:
    """The bays and technicians of a booking in order (prefetched by the reads above)."""
    return sorted((b for b in booking.blocks.all() if b.kind == BlockKind.WORK), key=lambda b: b.position)


def advisor_of(booking: Booking) -> StaffMember | None:
    """Who receives the customer."""
    return next((b.staff for b in booking.blocks.all() if b.kind == BlockKind.RECEPTION), None)


def bands(dealer: Dealer) -> list[BookingBand]:
    """The store's booking bands by time of day."""
    return list(BookingBand.objects.filter(dealer=dealer).order_by("starts_at", "weekday"))


def bookings_of(
    *,
    start: datetime,
    end: datetime,
    staff_id: int | None = None,
    bay_id: int | None = None,
    equipment_id: int | None = None,
) -> list[Booking]:
    """Promised bookings that need a person, bay or piece in [start, end): who must be called when it is away."""
    needs = BookingBlock.objects.filter(is_active=True, starts_at__lt=end, ends_at__gt=start)
    wanted = {"staff_id": staff_id, "bay_id": bay_id, "equipment_id": equipment_id}
    asked = {column: key for column, key in wanted.items() if key}
    needs = needs.filter(**asked) if asked else needs.none()
    rows = whole().filter(status__in=PROMISED, pk__in=needs.values("booking_id"))
    return list(rows.order_by("starts_at"))


def promised_blocks(*, start: datetime, end: datetime, away: Sequence[Away]) -> list[BookingBlock]:
    """Blocks of promised bookings in [start, end) that need what is away; one query."""
    rows = BookingBlock.objects.filter(
        Q(staff_id__in=[row.staff_id for row in away if row.staff_id])
        | Q(bay_id__in=[row.bay_id for row in away if row.bay_id])
        | Q(equipment_id__in=[row.equipment_id for row in away if isinstance(row, EquipmentOutage)]),
        is_active=True, booking__status__in=PROMISED, starts_at__lt=end, ends_at__gt=start,
    )  # fmt: skip
    return list(rows)


def outages(dealer: Dealer, start: datetime, end: datetime) -> list[EquipmentOutage]:
    """Outages of equipment that touch [start, end), soonest first; one query."""
    rows = EquipmentOutage.objects.filter(dealer=dealer, starts_at__lt=end, ends_at__gt=start)
    return list(rows.select_related("equipment").order_by("starts_at", "pk"))


def active_equipment(dealer: Dealer) -> QuerySet[Equipment]:
    """The pieces in use, by kind and name."""
    return Equipment.objects.filter(dealer=dealer, is_active=True).order_by("kind", "name")
