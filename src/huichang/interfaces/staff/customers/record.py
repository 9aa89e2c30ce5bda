"""What the file of a customer and a car shows, gathered tab by tab with a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Booking
from huichang.domains.complaints.models import Complaint
from huichang.domains.contacts.models import Call, ContactPreference, Message, OptOut
from huichang.domains.contacts.queries import preference_of
from huichang.domains.customers.models import Car, Customer, CustomerPhone, NeedKind, Ownership
from huichang.domains.customers.queries import bonds_of, cars_of, owner_of
from huichang.domains.intake.models import RecordKind, RecordToDo
from huichang.domains.owners.queries import registrations_of
from huichang.domains.reminders import kinds, why
from huichang.domains.reminders.models import Due, DueStatus
from huichang.domains.reminders.queries import forecast_of
from huichang.domains.vehicles.models import OdometerReading
from huichang.domains.workshop.models import Finding, FindingStatus, OrderFlag, ServiceOrder
from huichang.interfaces.staff.customers.circle import household, needs_of
from huichang.kernel.worktime import day_bounds, local_date

SHOWN = 30  # rows of a list inside the file; more are one click away
MOST_CARS = 20
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reason:
    """A due date with the sentence that says why."""

    due: Due
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Spend:
    """Visits and money of a customer: ever, and in the last year."""

    visits: int = 0
    total: Decimal = Decimal(0)
    year_visits: int = 0
    year_total: Decimal = Decimal(0)
    last: datetime | None = None


@dataclass(slots=True)
class File:
    """The customer (None: the car has no known owner) and the car in focus (None: the customer has no car)."""

    customer: Customer | None
    car: Car | None
    cars: Sequence[Car] = field(default_factory=list)
    phones: Sequence[CustomerPhone] = field(default_factory=list)
    tags: Sequence[str] = field(default_factory=list)


def file_of_customer(customer: Customer, wanted_car: str) -> File:
    """A customer's file; `wanted_car` is the id of the car to show, the last visited one by default."""
    cars = cars_of(customer)[:MOST_CARS]
    car = next((one for one in cars if str(one.pk) == wanted_car), cars[0] if cars else None)
    return _with_person(File(customer, car, cars))


def file_of_car(car: Car) -> File:
    """The file behind a car."""
    owner = owner_of(car)
    cars = cars_of(owner)[:MOST_CARS] if owner else [car]
    return _with_person(File(owner, car, cars))


def _with_person(shown: File) -> File:
    if shown.customer is not None:
        shown.phones = list(shown.customer.phones.order_by("is_wrong", "-is_primary", "id"))
        shown.tags = list(shown.customer.tags.order_by("tag__name").values_list("tag__name", flat=True))
    return shown


def overview(shown: File, now: datetime) -> dict[str, Any]:
    """What to know and do first: dues, bookings, to-dos, findings, complaints, readings, people of the car."""
    car, customer = shown.car, shown.customer
    readings = (
        list(OdometerReading.objects.filter(vehicle=car.vehicle).order_by("-read_on", "-pk")[:6])
        if car
        else []
    )
    return {
        "reasons": _reasons(shown.cars),
        "bookings": _bookings(shown.cars, now),
        "todos": _todos(shown),
        "findings": _open_findings(shown.cars),
        "complaints": _open_complaints(shown),
        "spend": spend(customer, now),
        "readings": readings,
        "bonds": bonds_of(car) if car else [],
        "refusals": refusals_of(customer),
        "preference": preference(customer),
        "household": household(customer) if customer else None,
        "needs": needs_of(customer),
        "registrations": registrations_of(customer, shown.cars) if customer else [],
        "need_kinds": NeedKind.choices,
        "monthly_km": _monthly_km(car),
    }


def _monthly_km(car: Car | None) -> int | None:
    """What the car drives in a month by its forecast (CUS-25), in tens of kilometres."""
    forecast = forecast_of(car) if car else None
    return int(round(forecast.km_per_day * 30.4, -1)) if forecast else None


def _reasons(cars: Sequence[Car]) -> list[Reason]:
    rows = Due.objects.filter(car__in=cars, status=DueStatus.OPEN).select_related("car__vehicle")
    return [
        Reason(due, kinds.label(due.kind), why.text(due)) for due in rows.order_by("due_date", "pk")[:SHOWN]
    ]


def _bookings(cars: Sequence[Car], now: datetime) -> list[Booking]:
    start, _end = day_bounds(local_date(now))
    rows = Booking.objects.filter(car__in=cars, starts_at__gte=start).exclude(status__in=("expired", "held"))
    return list(rows.select_related("car").order_by("starts_at")[:6])


def _todos(shown: File) -> list[RecordToDo]:
    wanted = Q(record=RecordKind.CAR, record_id__in=[car.pk for car in shown.cars])
    if shown.customer is not None:
        wanted |= Q(record=RecordKind.CUSTOMER, record_id=shown.customer.pk)
    return list(RecordToDo.objects.filter(wanted, done_at=None).order_by("-created_at")[:SHOWN])


def _open_findings(cars: Sequence[Car]) -> list[Finding]:
    rows = Finding.objects.filter(car__in=cars).exclude(status=FindingStatus.DONE)
    return list(rows.select_related("car").order_by("-found_date", "-pk")[:SHOWN])


def _open_complaints(shown: File) -> list[Complaint]:
    wanted = Q(car__in=shown.cars) | Q(customer=shown.customer) if shown.customer else Q(car__in=shown.cars)
    return list(Complaint.objects.filter(wanted, status="open").order_by("-complained_date")[:SHOWN])


def refusals_of(customer: Customer | None) -> list[OptOut]:
    if customer is None:
        return []
    rows = OptOut.objects.filter(customer=customer).select_related("recorded_by", "car")
    return list(rows.order_by("lifted_at", "-recorded_at")[:SHOWN])


def preference(customer: Customer | None) -> ContactPreference | None:
    return preference_of(customer) if customer else None


def spend(customer: Customer | None, now: datetime) -> Spend:
    """Visits and money of a customer; one query."""
    if customer is None:
        return Spend()
    recent = Q(arrived_at__gte=now - YEAR)
    row = ServiceOrder.objects.filter(customer=customer).aggregate(
        visits=Count("pk"), total=Sum("paid_amount"), last=Max("arrived_at"),
        year_visits=Count("pk", filter=recent), year_total=Sum("paid_amount", filter=recent),
    )  # fmt: skip
    return Spend(
        row["visits"],
        row["total"] or Decimal(0),
        row["year_visits"],
        row["year_total"] or Decimal(0),
        row["last"],
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of the car; `is_own` False when it belongs to an earlier owner (then without name and money)."""

    order: ServiceOrder
    is_own: bool


def visits(shown: File, now: datetime) -> dict[str, Any]:
    """The workshop's history of the car in focus, with all its findings."""
    if shown.car is None:
        return {"visits": [], "findings": [], "spend": spend(shown.customer, now)}
    rows = ServiceOrder.objects.filter(car=shown.car).prefetch_related("lines").order_by("-arrived_at", "-pk")
    customer_id = shown.customer.pk if shown.customer else None
    return {
        "visits": [Visit(order, order.customer_id == customer_id) for order in rows[:SHOWN]],
        "findings": list(Finding.objects.filter(car=shown.car).order_by("-found_date", "-pk")[:SHOWN]),
        "spend": spend(shown.customer, now),
        "flag_labels": dict(OrderFlag.choices),
    }


def contacts(shown: File) -> dict[str, Any]:
    """Calls, messages and complaints of the customer, and how they may be reached."""
    customer = shown.customer
    if customer is None:
        return {"calls": [], "messages_sent": [], "complaints": [], "refusals": []}
    calls = Call.objects.filter(customer=customer).select_related("outcome", "agent", "car")
    messages = Message.objects.filter(customer=customer).select_related("car").order_by("-created_at")
    complaints = Complaint.objects.filter(Q(customer=customer) | Q(customer=None, car__in=shown.cars))
    return {
        "calls": list(calls.order_by("-started_at")[:SHOWN]),
        "messages_sent": list(messages[:SHOWN]),
        "complaints": list(complaints.order_by("-complained_date")[:SHOWN]),
        "refusals": refusals_of(customer),
        "preference": preference(customer),
    }


def bonds_of_file(shown: File) -> list[Ownership]:
    """Every bond of the customer or the car in focus, for the time line."""
    wanted = Q(car=shown.car) if shown.car else Q()
    if shown.customer is not None:
        wanted |= Q(customer=shown.customer)
    return (
        list(Ownership.objects.filter(wanted).select_related("customer"))
        if shown.car or shown.customer
        else []
    )


def age_of(day: date | None, today: date) -> str:
    """How long ago a day was, in whole years and months: `3 年 2 个月`."""
    if day is None or day > today:
        return ""
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    years, rest = divmod(months, 12)
    if years and rest:
        return _("{years} 年 {months} 个月").format(years=years, months=rest)
    return _("{years} 年").format(years=years) if years else _("{months} 个月").format(months=rest)
