"""The brief before a call: everything an agent should know in ten seconds (CAL-01). A constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.queries import upcoming_of
from huichang.domains.complaints.models import Complaint, ComplaintStatus
from huichang.domains.contacts.models import Call, ContactPreference, Message, OptOut
from huichang.domains.contacts.queries import (
    Pressure,
    calls_of,
    is_allowed,
    messages_of,
    preference_of,
    pressure_of,
    rules_of,
    standing_opt_outs,
    why_quiet,
)
from huichang.domains.customers.models import Car, Customer, CustomerNeed, CustomerPhone
from huichang.domains.customers.queries import cars_of
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners.models import OwnerBinding
from huichang.domains.owners.queries import registrations_of
from huichang.domains.reminders import kinds, why
from huichang.domains.reminders.models import CarForecast, Case, CaseStatus, Due, DueStatus
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.domains.workshop.models import Finding, FindingStatus, ServiceOrder
from huichang.kernel.worktime import local_date

SOURCE = "reminders.case"
SHOWN_ORDERS = 5
SHOWN_MESSAGES = 5
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to talk: what, until when, why; `is_allowed` False when the customer refused to hear of it.

    `booking` is the visit that is promised for it: there is nothing left to talk about.
    """

    due: Due
    label: str
    why: str
    is_allowed: bool
    booking: Booking | None = None

    @property
    def purpose(self) -> str:
        """What a refusal of this reason names."""
        return purpose_of(self.due.kind)


@dataclass(frozen=True, slots=True)
class Brief:
    """All the call desk shows of a customer and the car in question. `quiet` says why not to call now, or ''."""

    customer: Customer
    car: Car | None
    task: CallTask | None
    case: Case | None
    phones: Sequence[CustomerPhone]
    cars: Sequence[Car]
    members: Sequence[Customer]
    reasons: Sequence[Reason]
    orders: Sequence[ServiceOrder]
    year_amount: Decimal
    findings: Sequence[Finding]
    complaints: Sequence[Complaint]
    calls: Sequence[Call]
    refusals: Sequence[OptOut]
    preference: ContactPreference | None
    pressure: Pressure
    quiet: str
    messages: Sequence[Message] = field(default_factory=tuple)
    bookings: Sequence[Booking] = field(default_factory=tuple)
    expected_km: int | None = None
    registrations: Sequence[OwnerBinding] = field(default_factory=tuple)
    needs: Sequence[CustomerNeed] = field(default_factory=tuple)  # wishes that stand, the newest first

    @property
    def has_open_complaint(self) -> bool:
        """While a complaint is open no cheerful word is said (PEERS: tone guard)."""
        return any(one.status == ComplaintStatus.OPEN for one in self.complaints)

    @property
    def number(self) -> str:
        """The number to dial: the first that is not known to be wrong; '' when there is none."""
        return next((phone.number for phone in self.phones if not phone.is_wrong), "")

    @property
    def rating(self) -> int | None:
        """What the customer said of us last (1 to 10), if anything."""
        return next((call.rating for call in self.calls if call.rating), None)

    @property
    def not_done(self) -> list[Finding]:
        """Work that was advised and is not done."""
        return [one for one in self.findings if one.status != FindingStatus.DONE]

    @property
    def talk(self) -> list[Reason]:
        """The reasons to talk about: allowed, and without a promised visit; soonest first."""
        return [reason for reason in self.reasons if reason.is_allowed and reason.booking is None]


def purpose_of(kind: str) -> str:
    """What a customer refuses when they refuse to hear of `kind`: several kinds share a purpose."""
    return kinds.KINDS[kind].purpose if kind in kinds.KINDS else kind


def case_of(task: CallTask) -> Case | None:
    """The case a call task is about; None for callbacks."""
    if task.source != SOURCE:
        return None
    return Case.objects.select_related("car__vehicle").filter(pk=task.source_id).first()


def open_task_of(customer: Customer) -> CallTask | None:
    """The open call task of a customer (or of who is called for them): the soonest to become too late."""
    called = [customer.pk, customer.called_through_id or customer.pk]
    return (
        CallTask.objects.select_related("customer", "car__vehicle")
        .filter(customer_id__in=called, status=TaskStatus.OPEN)
        .order_by("last_safe_day", "pk")
        .first()
    )


def brief_of(
    *,
    customer: Customer,
    dealer: Dealer,
    now: datetime,
    task: CallTask | None = None,
    car: Car | None = None,
) -> Brief:
    """Gather the brief of a customer, for a call task or for a caller (`task` None)."""
    case = case_of(task) if task else open_case_of(customer)
    cars = cars_of(customer)
    car = car or (case.car if case else None) or (task.car if task else None) or (cars[0] if cars else None)
    refusals = standing_opt_outs([customer.pk])
    rules = rules_of(dealer, now)
    preference = preference_of(customer)
    orders = _orders_of(car)
    return Brief(
        customer=customer, car=car, task=task, case=case,
        phones=list(customer.phones.order_by("is_wrong", "-is_primary", "id")),
        cars=cars, members=list(customer.members.order_by("pk")[:12]),
        reasons=_reasons_of(case, refusals), orders=orders[:SHOWN_ORDERS],
        year_amount=_spent_since(orders, local_date(now) - YEAR),
        findings=_findings_of(car), complaints=_complaints_of(customer, car),
        calls=calls_of(customer), refusals=refusals, preference=preference,
        pressure=pressure_of(customer, rules, now), quiet=why_quiet(rules, now, preference),
        messages=messages_of(customer, limit=SHOWN_MESSAGES), bookings=upcoming_of(car=car, now=now) if car else (),
        expected_km=_expected_km(car, local_date(now)), registrations=registrations_of(customer, cars),
        needs=list(customer.needs.filter(ended_at=None).order_by("-noted_at", "-pk")[:5]),
    )  # fmt: skip


def open_case_of(customer: Customer) -> Case | None:
    """The case that is open or booked for a customer or for who is called for them."""
    called = [customer.pk, customer.called_through_id or customer.pk]
    return (
        Case.objects.select_related("car__vehicle")
        .filter(customer_id__in=called, status__in=(CaseStatus.OPEN, CaseStatus.BOOKED))
        .first()
    )


def _reasons_of(case: Case | None, refusals: Iterable[OptOut]) -> list[Reason]:
    if case is None:
        return []
    dues = (
        case.reasons.filter(status=DueStatus.OPEN)
        .select_related("car__vehicle", "booking")
        .order_by("due_date", "pk")
    )
    return [
        Reason(
            due, kinds.label(due.kind), why.text(due),
            is_allowed(refusals, purpose=purpose_of(due.kind), car_id=due.car_id),
            due.booking if due.booking and due.booking.status in PROMISED else None,
        )
        for due in dues
    ]  # fmt: skip


def _orders_of(car: Car | None) -> list[ServiceOrder]:
    if car is None:
        return []
    rows = ServiceOrder.objects.filter(car=car).prefetch_related("lines").order_by("-arrived_at", "-pk")
    return list(rows[:40])


def _spent_since(orders: Iterable[ServiceOrder], since: date) -> Decimal:
    return sum(
        (order.paid_amount for order in orders if local_date(order.arrived_at) >= since), start=Decimal(0)
    )


def _findings_of(car: Car | None) -> list[Finding]:
    return list(Finding.objects.filter(car=car).order_by("-found_date", "-pk")[:8]) if car else []


def _complaints_of(customer: Customer, car: Car | None) -> list[Complaint]:
    """Open ones first, then the newest; those of the customer and those about the car."""
    about = Q(customer=customer) | (Q(car=car) if car else Q(pk__in=()))
    rows = list(Complaint.objects.filter(about).order_by("-complained_date", "-pk")[:8])
    return sorted(rows, key=lambda one: one.status != ComplaintStatus.OPEN)


def _expected_km(car: Car | None, today: date) -> int | None:
    """Where the odometer should stand today, from the stored forecast."""
    forecast = CarForecast.objects.filter(car=car).first() if car else None
    if forecast is None or forecast.base_km is None or forecast.base_date is None:
        return None
    return round(forecast.base_km + forecast.km_per_day * max((today - forecast.base_date).days, 0))


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the queue shows besides its task."""

    reasons: Sequence[str]
    due_date: date | None
    has_open_complaint: bool
    number: str
    cars: int


def lines_of(tasks: Sequence[CallTask]) -> Mapping[int, Line]:
    """Reasons, soonest date, complaint and number of each task of a page, by task id; three queries."""
    case_ids = {task.source_id for task in tasks if task.source == SOURCE}
    people = {task.customer_id for task in tasks}
    dues: dict[int, list[Due]] = {}
    for due in Due.objects.filter(case_id__in=case_ids, status=DueStatus.OPEN).order_by("due_date", "pk"):
        dues.setdefault(due.case_id or 0, []).append(due)
    complaining = set(
        Complaint.objects.filter(customer_id__in=people, status=ComplaintStatus.OPEN).values_list(
            "customer_id", flat=True
        )
    )
    numbers: dict[int, str] = {}
    for phone in CustomerPhone.objects.filter(customer_id__in=people, is_wrong=False).order_by(
        "-is_primary", "id"
    ):
        numbers.setdefault(phone.customer_id, phone.number)
    return {
        task.pk: _line(
            dues.get(task.source_id, []) if task.source == SOURCE else [],
            task.customer_id in complaining,
            numbers.get(task.customer_id, ""),
        )
        for task in tasks
    }


def _line(dues: Sequence[Due], complains: bool, number: str) -> Line:
    names = dict.fromkeys(
        kinds.KINDS[due.kind].short if due.kind in kinds.KINDS else due.kind for due in dues
    )
    return Line(
        reasons=tuple(names), due_date=dues[0].due_date if dues else None, has_open_complaint=complains,
        number=number, cars=len({due.car_id for due in dues}),
    )  # fmt: skip
