"""Reads about reasons and cases, of the open scope; pages by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Count, Model, Q, QuerySet

from huichang.domains.customers.models import Car, Customer
from huichang.domains.reminders import engine
from huichang.domains.reminders.batch import area_of
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.models import CarForecast, Case, CaseStatus, Due, DueStatus
from huichang.domains.worklist.models import TaskStatus

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows and the key of the page after them ('' when this is the last)."""

    rows: list[M]
    next: str


def page(rows: QuerySet[M], by: str, *, after: str, limit: int) -> Page[M]:
    """A page of rows in the order of a date column and the id. A key that is none begins at the first row."""
    day, _, pk = after.partition("~")
    if pk.isdigit():
        since = date.fromisoformat(day)
        rows = rows.filter(Q(**{f"{by}__gt": since}) | Q(**{by: since, "pk__gt": int(pk)}))
        rows = rows.filter(**{f"{by}__gte": since})  # said again so that the index begins there
    found = list(rows.order_by(by, "pk")[: limit + 1])
    if len(found) <= limit:
        return Page(found, "")
    last = found[limit - 1]
    return Page(found[:limit], f"{getattr(last, by).isoformat()}~{last.pk}")


@dataclass(frozen=True, slots=True)
class DueSearch:
    """What S0's reminder search asks: dates are inclusive on both ends; empty fields do not restrict."""

    kind: str = ""
    status: str = DueStatus.OPEN
    plate: str = ""
    vin: str = ""
    text: str = ""  # the tail of a plate or VIN, or the beginning of a customer's name
    series: str = ""
    sale_from: date | None = None
    sale_to: date | None = None
    warranty_start_from: date | None = None
    warranty_start_to: date | None = None
    warranty_end_from: date | None = None
    warranty_end_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None


_PERIODS = {
    "sale": "car__vehicle__sale_date", "warranty_start": "car__vehicle__warranty_start_date",
    "warranty_end": "car__forecast__warranty_end_date", "due": "due_date",
}  # fmt: skip


def _searched(search: DueSearch) -> QuerySet[Due]:
    exact = {"kind": search.kind, "status": search.status, "car__vehicle__series": search.series}
    wanted: dict[str, Any] = {name: value for name, value in exact.items() if value}
    for name, column in _PERIODS.items():
        for end, lookup in (("from", "gte"), ("to", "lte")):
            if (value := getattr(search, f"{name}_{end}")) is not None:
                wanted[f"{column}__{lookup}"] = value
    # Tails are searched as ranges on the reversed columns: LIKE does not use an index under row security.
    for column, tail in (("plate_reversed", search.plate), ("vin_reversed", search.vin)):
        if tail := tail.strip().upper():
            wanted |= _between(f"car__{column}", tail[::-1])
    text = search.text.strip().upper()
    rows = Due.objects.filter(**wanted)
    return rows.filter(_anywhere(text)) if text else rows


def _between(column: str, start: str) -> dict[str, str]:
    return {f"{column}__gte": start, f"{column}__lt": start + "\U0010ffff"}


def _anywhere(text: str) -> Q:
    tail = text.replace("·", "")[::-1]
    return (
        Q(**_between("car__plate_reversed", tail))
        | Q(**_between("car__vin_reversed", tail))
        | Q(customer__name__istartswith=text)
    )


def dues(search: DueSearch, *, after: str = "", limit: int = 50) -> Page[Due]:
    """Reasons by due date, with car, vehicle, forecast, customer and case."""
    rows = _searched(search).select_related("car__vehicle", "car__forecast", "customer", "case")
    return page(rows, "due_date", after=after, limit=limit)


def dues_of_cars(car_ids: list[int]) -> list[Due]:
    """The open reasons of these cars, soonest first."""
    rows = Due.objects.filter(car_id__in=car_ids, status=DueStatus.OPEN)
    return list(rows.select_related("car__vehicle", "case").order_by("due_date", "pk"))


def forecast_of(car: Car) -> CarForecast | None:
    return CarForecast.objects.filter(car=car).first()


def cars_called_through(customer_id: int) -> list[int]:
    """The cars a customer is called about: their own and those of who is called through them."""
    return list(CarForecast.objects.filter(customer_id=customer_id).values_list("car_id", flat=True))


def open_case_of(customer_id: int) -> Case | None:
    """The open or booked case of a customer, or of the person they are called through."""
    through = Customer.objects.filter(pk=customer_id).values_list("called_through_id", flat=True).first()
    return Case.objects.filter(
        customer_id=through or customer_id, status__in=(CaseStatus.OPEN, CaseStatus.BOOKED)
    ).first()


def case_that_waits(message_key: str, *, on: date) -> Case | None:
    """The open case that a message told of (`steps.message_key`), if its call is due and has not begun."""
    source, _colon, rest = message_key.partition(":")
    pk = rest.partition(":")[0]
    if source != "case" or not pk.isdigit():
        return None
    waits = Case.objects.filter(pk=int(pk), status=CaseStatus.OPEN, call_date__lte=on)
    return waits.exclude(task__status=TaskStatus.OPEN).first()


def reasons_of(case: Case) -> list[Due]:
    """The reasons of a case: open ones first, by due date."""
    return list(case.reasons.select_related("car__vehicle").order_by("-status", "due_date", "pk"))


def upcoming(*, kind: str, first: date, last: date) -> int:
    """How many would be due of a kind from `first` up to, not including, `last`, by what is known today.

    Stores that have switched the kind off count nothing.
    """
    area = engine.where_on(KINDS[kind], area_of(None, first))
    found = engine.rows("count_dues", KINDS[kind].statement, area.parameters(since=first, until=last))
    return int(found[0]["number"])


@dataclass(frozen=True, slots=True)
class Counts:
    """Open reasons by kind, and open cases by what they wait for."""

    kinds: dict[str, int] = field(default_factory=dict)
    today: int = 0
    overdue: int = 0
    second: int = 0
    later: int = 0
    booked: int = 0
    unsafe: int = 0


def _views(as_of: date) -> dict[str, Q]:
    is_open = Q(status=CaseStatus.OPEN)
    return {
        "today": is_open & Q(call_date__lte=as_of),
        "overdue": is_open & Q(due_date__lt=as_of),
        "second": is_open & Q(step="second_call"),
        "later": is_open & Q(call_date__gt=as_of),
        "booked": Q(status=CaseStatus.BOOKED),
        "unsafe": is_open & Q(last_safe_day__lte=as_of + timedelta(days=1)),
    }


def counts(*, as_of: date) -> Counts:
    """The numbers of the rail; two queries."""
    by_kind = dict(
        Due.objects.filter(status=DueStatus.OPEN).values_list("kind").annotate(number=Count("pk")).order_by()
    )
    live = Case.objects.filter(status__in=(CaseStatus.OPEN, CaseStatus.BOOKED))
    views = live.aggregate(**{name: Count("pk", filter=rule) for name, rule in _views(as_of).items()})
    return Counts(kinds={code: by_kind.get(code, 0) for code in KINDS}, **views)


def cases(*, view: str = "all", as_of: date, after: str = "", limit: int = 50) -> Page[Case]:
    """Cases of a view (`today overdue second later booked unsafe`, or `all` open ones) by last safe day."""
    rule = _views(as_of).get(view, Q(status__in=(CaseStatus.OPEN, CaseStatus.BOOKED)))
    rows = Case.objects.filter(rule).select_related("customer", "car__vehicle", "task__claimed_by", "booking")
    return page(rows.prefetch_related("reasons"), "last_safe_day", after=after, limit=limit)
