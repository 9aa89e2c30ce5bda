"""Was booking worth it, and who did not come: the figures of kept and broken bookings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from huichang.domains.appointments.models import PROMISED, Booking, BookingStatus
from huichang.domains.dealers.models import Dealer
from huichang.kernel import sql
from huichang.kernel.worktime import day_bounds

_PACKAGE = "huichang.domains.appointments"


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes from arrival to the start of work of `visits`; `prompt_percent` waited at most a quarter of an hour.

    Of `told` visits somebody entered when the work began; of the others it is where the board had it.
    """

    visits: int = 0
    median: Decimal | None = None
    p90: Decimal | None = None
    within_15: int = 0
    told: int = 0

    @property
    def prompt_percent(self) -> int:
        return round(100 * self.within_15 / self.visits) if self.visits else 0


@dataclass(frozen=True, slots=True)
class WaitToStart:
    """Booked against walk-in, and how many arrivals of the period could not be measured."""

    booked: Waits
    walk_in: Waits
    unmeasured: int

    @property
    def saved(self) -> Decimal | None:
        """Minutes by which the median of the booked is shorter; None while one side has no visits."""
        if self.booked.median is None or self.walk_in.median is None:
            return None
        return self.walk_in.median - self.booked.median


def wait_to_start(dealer: Dealer, first: date, until: date) -> WaitToStart:
    """The waiting of visits that began in [first, until); two queries."""
    start, end = day_bounds(first)[0], day_bounds(until)[0]
    rows = sql.rows(_PACKAGE, "wait_to_start", {"dealer_id": dealer.pk, "start": start, "end": end})
    found = {row.pop("walks_in"): Waits(**row) for row in rows}
    arrived = Booking.objects.filter(
        dealer=dealer, status=BookingStatus.ARRIVED, starts_at__gte=start, starts_at__lt=end
    )
    measured = sum(one.visits for one in found.values())
    return WaitToStart(found.get(False, Waits()), found.get(True, Waits()), arrived.count() - measured)


@dataclass(frozen=True, slots=True)
class NoShow:
    """A booking its customer did not come to; `times` counts all of that customer's, `is_back` whether he came since."""

    booking: Booking
    times: int
    is_back: bool
    next_booking: Booking | None


def no_shows(dealer: Dealer, first: date, until: date) -> list[NoShow]:
    """Who did not come in [first, until): first services that are still open on top (CHG-11), then the latest."""
    start, end = day_bounds(first)[0], day_bounds(until)[0]
    missed = Booking.objects.filter(dealer=dealer, status=BookingStatus.NO_SHOW)
    later = Booking.objects.filter(car=OuterRef("car"), starts_at__gt=OuterRef("starts_at"))
    rows = list(
        missed.filter(starts_at__gte=start, starts_at__lt=end)
        .select_related("car__vehicle", "customer")
        .annotate(
            came=Exists(later.filter(status=BookingStatus.ARRIVED)),
            again=Subquery(later.filter(status__in=PROMISED).order_by("starts_at").values("pk")[:1]),
        )
    )
    times = dict(
        missed.filter(customer__in={row.customer_id for row in rows})
        .values_list("customer")
        .annotate(Count("pk"))
        .order_by()
    )
    booked = Booking.objects.in_bulk([row.again for row in rows if row.again])
    found = [NoShow(row, times[row.customer_id], row.came, booked.get(row.again)) for row in rows]
    return sorted(found, key=_first_services_first)


def _first_services_first(one: NoShow) -> tuple[bool, float]:
    is_open_first = one.booking.is_first_service and not one.is_back and one.next_booking is None
    return (not is_open_first, -one.booking.starts_at.timestamp())


def times_missed(customer_ids: set[int]) -> dict[int, int]:
    """How often each of these customers did not come; those who always came are left out."""
    rows = Booking.objects.filter(Q(customer__in=customer_ids), status=BookingStatus.NO_SHOW)
    return dict(rows.values_list("customer").annotate(Count("pk")).order_by())
