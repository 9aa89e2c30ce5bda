"""What an owner sees of a car: gathered from the domains, a constant number of queries, nothing of earlier owners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.appointments import queries as appointments
from huichang.domains.appointments.models import Booking
from huichang.domains.contacts.models import Channel
from huichang.domains.contacts.queries import is_allowed, standing_opt_outs
from huichang.domains.customers.models import Bond, Ownership
from huichang.domains.owners.models import OwnerBinding
from huichang.domains.owners.permissions import P
from huichang.domains.owners.queries import actor_for
from huichang.domains.reminders import desk, kinds, why
from huichang.domains.reminders.models import CarForecast, Due, DueStatus
from huichang.domains.workshop.models import Finding, FindingStatus, ServiceOrder
from huichang.kernel.worktime import local_date

# Reasons that are the store's own worry, not something to show the owner.
UNSAID = ("at_risk", "lapsed", "birthday")
BIRTHDAY_DAYS = 3
SHOWN_ORDERS = 30


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something due: its name, day, the sentence that says why; `can_book` when a visit to the workshop settles it."""

    due: Due
    label: str
    why: str
    days: int
    can_book: bool

    @property
    def tone(self) -> str:
        if self.days < 0:
            return "bad"
        return "warn" if self.days <= 30 else "ok"


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of a warranty is used: `percent` 0 to 100; `left` in words."""

    label: str
    percent: int
    left: str
    until: str

    @property
    def tone(self) -> str:
        if self.percent >= 100:
            return "over"
        return "soon" if self.percent >= 85 else "good"


@dataclass(frozen=True, slots=True)
class Garage:
    """One car on its owner's phone."""

    binding: OwnerBinding
    reminders: Sequence[Reminder]
    findings: Sequence[Finding]
    clocks: Sequence[Clock]
    bookings: Sequence[Booking]
    forecast: CarForecast | None
    expected_km: int | None
    is_birthday: bool = False
    sees_file: bool = False

    @property
    def is_before_first_service(self) -> bool:
        return self.forecast is not None and self.forecast.service_kind == "first_service"

    @property
    def next(self) -> Reminder | None:
        """What to book first."""
        return next((one for one in self.reminders if one.can_book), None)


def garage_of(binding: OwnerBinding, now: datetime) -> Garage:
    """Everything the page of a car shows, in its store's open scope."""
    today = local_date(now)
    sees_file = actor_for(binding).can(P.SEE_FILE)
    forecast = CarForecast.objects.filter(car_id=binding.car_id).first()
    return Garage(
        binding=binding, reminders=reminders_of(binding, today), findings=findings_of(binding) if sees_file else (),
        clocks=_clocks(binding, forecast, today), bookings=bookings_of(binding, now), forecast=forecast,
        expected_km=_expected_km(forecast, today), is_birthday=sees_file and _is_birthday(binding, today),
        sees_file=sees_file,
    )  # fmt: skip


def reminders_of(binding: OwnerBinding, today: date) -> list[Reminder]:
    """The open reasons of the car, soonest first; what the owner refused to hear of in any way is left out (CAL-08)."""
    rows = Due.objects.filter(car_id=binding.car_id, status=DueStatus.OPEN).exclude(kind__in=UNSAID)
    refusals = standing_opt_outs([binding.customer_id])
    return [
        Reminder(
            due,
            kinds.label(due.kind),
            why.text(due),
            (due.due_date - today).days,
            kinds.is_for_workshop(due.kind),
        )
        for due in rows.order_by("due_date", "pk")
        if not refusals
        or is_allowed(refusals, purpose=desk.purpose_of(due.kind), channel=Channel.ALL, car_id=due.car_id)
    ]


def since_of(binding: OwnerBinding) -> date | None:
    """From when on the car's history is the owner's: what was before belongs to somebody else."""
    rows = Ownership.objects.filter(
        car_id=binding.car_id, customer_id=binding.customer_id, bond=Bond.OWNER, end_date=None
    )
    return rows.values_list("start_date", flat=True).first()


def findings_of(binding: OwnerBinding) -> list[Finding]:
    """Work advised to this owner and not done, the latest first."""
    since = since_of(binding)
    rows = Finding.objects.filter(car_id=binding.car_id).exclude(status=FindingStatus.DONE)
    mine = Q(order__customer_id=binding.customer_id)
    mine |= Q(order=None, found_date__gte=since) if since else Q(order=None)
    return list(rows.filter(mine).order_by("-found_date", "-pk")[:20])


def orders_of(binding: OwnerBinding, *, most: int = SHOWN_ORDERS) -> list[ServiceOrder]:
    """The visits of this owner with this car, the latest first, with their lines."""
    rows = ServiceOrder.objects.filter(car_id=binding.car_id, customer_id=binding.customer_id)
    return list(rows.prefetch_related("lines").order_by("-arrived_at", "-pk")[:most])


def bookings_of(binding: OwnerBinding, now: datetime) -> list[Booking]:
    """What the car is booked for by this owner: promised visits, soonest first."""
    rows = appointments.upcoming_of(car=binding.car, now=now)
    return [one for one in rows if one.customer_id == binding.customer_id and one.status != "held"]


def booking_of(binding: OwnerBinding, pk: int) -> Booking | None:
    """One of this owner's bookings of this car, whatever became of it; None for anybody else's."""
    rows = appointments.whole().filter(car_id=binding.car_id, customer_id=binding.customer_id)
    return rows.exclude(status__in=("held", "expired")).filter(pk=pk).first()


def _expected_km(forecast: CarForecast | None, today: date) -> int | None:
    if forecast is None or forecast.base_km is None or forecast.base_date is None:
        return None
    return round(forecast.base_km + forecast.km_per_day * max((today - forecast.base_date).days, 0))


def _clocks(binding: OwnerBinding, forecast: CarForecast | None, today: date) -> list[Clock]:
    """The warranty by time and by distance: whichever ends first ends it (REM-10)."""
    vehicle = binding.car.vehicle
    end = vehicle.warranty_end_date or (forecast and forecast.warranty_end_date)
    limit = vehicle.warranty_km or (forecast and forecast.warranty_km)
    start = vehicle.warranty_start_date or vehicle.sale_date
    found = []
    if end and start and end > start:
        last, days = end - timedelta(days=1), (end - today).days
        left = _("还有 {days} 天").format(days=days) if days > 0 else _("已到期")
        found.append(
            Clock(_("按时间"), _share((today - start).days, (end - start).days), left, last.isoformat())
        )
    km = _expected_km(forecast, today)
    if limit and km is not None:
        left = _("约还有 {km} 公里").format(km=f"{limit - km:,}") if limit > km else _("里程已到")
        found.append(Clock(_("按里程"), _share(km, limit), left, f"{limit:,} km"))
    return found


def _share(part: int, whole: int) -> int:
    return max(0, min(100, round(100 * part / whole)))


def _is_birthday(binding: OwnerBinding, today: date) -> bool:
    born = binding.customer.birthday
    if born is None:
        return False
    days = [today + timedelta(days=shift) for shift in range(-BIRTHDAY_DAYS, 1)]
    return any((day.month, day.day) == (born.month, born.day) for day in days)
