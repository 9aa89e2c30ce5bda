"""Search, the list of cars, the list of customers: keyset pages, a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huichang.domains.customers.models import Car, CarStatus, Customer, CustomerPhone, Ownership
from huichang.domains.customers.permissions import P
from huichang.domains.customers.policies import FILE_DAYS
from huichang.domains.customers.queries import Hit, owner_of, primary_phones, search
from huichang.domains.customers.queries import cars as whole_cars
from huichang.domains.dealers.queries import policy
from huichang.domains.reminders.models import Due, DueStatus
from huichang.domains.workshop.models import ServiceOrder
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.customers.forms import CarFilter
from huichang.kernel.worktime import day_bounds, local_date

PAGE = 40
FOUND = 60  # lines of a search in the list
YEAR = timedelta(days=365)
NEVER = "never"  # in a cursor: the car was never in the workshop


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of cars; `car` is None for a customer without one."""

    car: Car | None
    owner: Customer | None
    phone: str
    due_date: date | None


def typeahead(request: StaffRequest) -> HttpResponse:
    """The lines under the search field, and an order whose number was typed."""
    text = request.GET.get("q", "").strip()
    context = {
        "text": text,
        "hits": search(dealer=request.dealer, text=text) if text else [],
        "order": _order_named(request, text),
        "merged": _merged_under(text),
        "today": local_date(request.now),
    }
    return render(request, "staff/customers/_hits.html", context)


def _order_named(request: StaffRequest, text: str) -> ServiceOrder | None:
    if len(text) < 4 or not request.actor.can(P.SEE):
        return None
    return ServiceOrder.objects.select_related("car").filter(number=text.upper()).first()


def _merged_under(text: str) -> Customer | None:
    """The customer whose former number was typed: a number that was once given out keeps finding its owner."""
    if len(text) < 3:
        return None
    pointer = Customer.objects.filter(number=text.upper(), merged_into__isnull=False)
    found = pointer.select_related("merged_into").first()
    return found.merged_into if found else None


def cars(request: StaffRequest) -> HttpResponse:
    """Cars of the store, the last visited first; what is typed is looked up like in the search field."""
    form = CarFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    text = wanted.get("q", "")
    rows, after = (_found(request, text), "") if text else _page(wanted, request.GET.get("after", ""))
    context = {
        "form": form, "rows": rows, "after": after, "is_first": not request.GET.get("after"), "text": text,
        "is_filtered": any(wanted.values()), "today": local_date(request.now), "may_edit": request.actor.can(P.EDIT),
        "may_merge": request.actor.can(P.MERGE), "tab": "cars",
        "is_empty": not rows and not any(wanted.values()) and not request.GET.get("after"),
    }  # fmt: skip
    return render(request, "staff/customers/cars.html", context)


def _found(request: StaffRequest, text: str) -> list[Row]:
    hits = search(dealer=request.dealer, text=text, most=FOUND)
    found = {car.pk: car for car in whole_cars().filter(pk__in=[hit.car_id for hit in hits if hit.car_id])}
    alone = [hit.customer_id for hit in hits if hit.car_id is None and hit.customer_id]
    people = {one.pk: one for one in Customer.objects.filter(pk__in=alone).prefetch_related(primary_phones())}
    due = _next_dues(found)
    return [_row_of_hit(hit, found, people, due) for hit in _once(hits)]


def _once(hits: Iterable[Hit]) -> list[Hit]:
    """A car stands in the list once, even when several of its people were found."""
    seen: dict[tuple[int | None, int | None], Hit] = {}
    for hit in hits:
        seen.setdefault((hit.car_id, None if hit.car_id else hit.customer_id), hit)
    return list(seen.values())


def _row_of_hit(hit: Hit, found: dict[int, Car], people: dict[int, Customer], due: dict[int, date]) -> Row:
    if hit.car_id is not None:
        return _row(found[hit.car_id], due)
    person = people[hit.customer_id or 0]
    return Row(None, person, _phone(person), None)


def _page(wanted: dict[str, Any], after: str) -> tuple[list[Row], str]:
    """One page and the cursor of the next: cars with a visit by its day, then those never seen."""
    rows = _filtered(wanted)
    found: list[Car] = []
    if not after.startswith(NEVER):
        found = list(_visited(rows, after)[: PAGE + 1])
    if len(found) <= PAGE:
        never = rows.filter(last_visit_date=None).order_by("-pk")
        if after.startswith(NEVER):
            never = never.filter(pk__lt=_number(after))
        found += list(never[: PAGE + 1 - len(found)])
    shown, more = found[:PAGE], len(found) > PAGE
    due = _next_dues(shown)
    return [_row(car, due) for car in shown], _cursor(shown[-1]) if more else ""


def _filtered(wanted: dict[str, Any]) -> QuerySet[Car]:
    rows = whole_cars().filter(status=wanted.get("status") or CarStatus.ACTIVE)
    if usage := wanted.get("usage"):
        rows = rows.filter(usage=usage)
    if series := wanted.get("series"):
        rows = rows.filter(vehicle__series__startswith=series)
    return rows


def _visited(rows: QuerySet[Car], after: str) -> QuerySet[Car]:
    rows = rows.filter(last_visit_date__isnull=False).order_by("-last_visit_date", "-pk")
    day = _day(after.partition(":")[0])
    if day is None:
        return rows
    # The range on the first column lets the index start there; the rest sorts out that one day.
    return rows.filter(last_visit_date__lte=day).filter(Q(last_visit_date__lt=day) | Q(pk__lt=_number(after)))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # well formed, but no day of the calendar
        return None


def _number(after: str) -> int:
    tail = after.partition(":")[2]
    return int(tail) if tail.isdigit() else 0


def _cursor(car: Car) -> str:
    return f"{car.last_visit_date.isoformat() if car.last_visit_date else NEVER}:{car.pk}"


def _row(car: Car, due: dict[int, date]) -> Row:
    owner = owner_of(car)
    return Row(car, owner, _phone(owner), due.get(car.pk))


def _phone(customer: Customer | None) -> str:
    phones = list(customer.phones.all()) if customer else []
    return phones[0].number if phones else ""


def _next_dues(shown: Iterable[Car] | dict[int, Car]) -> dict[int, date]:
    """The soonest open reason of each car."""
    ids = list(shown) if isinstance(shown, dict) else [car.pk for car in shown]
    rows = Due.objects.filter(car_id__in=ids, status=DueStatus.OPEN).values("car_id")
    return {row["car_id"]: row["due"] for row in rows.annotate(due=Min("due_date"))}


def people(request: StaffRequest) -> HttpResponse:
    """Customers, the newest first; `?new=today` those added today (CUS-26), `incomplete` files to finish (CUS-12)."""
    rows = Customer.objects.filter(merged_into=None).order_by("-pk")
    new = request.GET.get("new", "")
    if since := _since(new, request.now):
        rows = rows.filter(created_at__gte=since)
    if new == "incomplete":
        rows = incomplete(rows)
    before = request.GET.get("before", "")
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.prefetch_related(primary_phones(), _bound_cars())[: PAGE + 1])
    shown = found[:PAGE]
    days = policy(FILE_DAYS, request.dealer, local_date(request.now))
    context = {
        "people": [_person(one, days) for one in shown], "new": new, "may_edit": request.actor.can(P.EDIT),
        "before": shown[-1].pk if len(found) > PAGE else "", "is_first": not before, "days": days,
        "today": local_date(request.now), "may_merge": request.actor.can(P.MERGE),
        "tab": new if new in {"today", "incomplete"} else "people",
    }  # fmt: skip
    return render(request, "staff/customers/people.html", context)


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list of customers; `missing` are the words for what the file lacks, `finish_by` its last day."""

    customer: Customer
    phone: str
    bonds: list[Ownership]
    missing: list[str]
    finish_by: date | None


def incomplete(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Files without a phone that works, or with no car, or one without plate or model (CUS-08, CUS-14)."""
    phones = CustomerPhone.objects.filter(customer=OuterRef("pk"), is_wrong=False)
    bonds = Ownership.objects.filter(customer=OuterRef("pk"), end_date=None)
    lacking = bonds.filter(Q(car__plate="") | Q(car__vehicle__series="", car__vehicle__model_name=""))
    sold = Ownership.objects.filter(customer=OuterRef("pk"), end_date__isnull=False)
    return rows.filter(~Exists(phones) | (~Exists(bonds) & ~Exists(sold)) | Exists(lacking))


def _person(customer: Customer, days: int) -> Person:
    bonds: list[Ownership] = customer.bonds  # type: ignore[attr-defined]  # prefetched under this name
    phones = [phone for phone in customer.phones.all() if not phone.is_wrong]
    missing = [] if phones else [_("电话")]
    if not bonds:
        missing.append(_("车辆"))
    if any(not bond.car.plate for bond in bonds):
        missing.append(_("车牌"))
    if any(not (bond.car.vehicle.series or bond.car.vehicle.model_name) for bond in bonds):
        missing.append(_("车型"))
    made = local_date(customer.created_at) if customer.created_at else None
    return Person(customer, _phone(customer), bonds, missing, made + timedelta(days=days) if made else None)


def spending(request: StaffRequest) -> HttpResponse:
    """Who left most at the store in the last year (CUS-29); one query for the sums."""
    since = request.now - YEAR
    sums = (
        ServiceOrder.objects.filter(arrived_at__gte=since, customer__isnull=False)
        .values("customer_id")
        .annotate(total=Sum("paid_amount"), visits=Count("pk"), last=Max("arrived_at"))
        .order_by("-total", "customer_id")[:PAGE]
    )
    ranked = list(sums)
    people = Customer.objects.filter(pk__in=[row["customer_id"] for row in ranked])
    found = {one.pk: one for one in people.prefetch_related(primary_phones(), _bound_cars())}
    rows = [
        {**row, "customer": found[row["customer_id"]], "place": place} for place, row in enumerate(ranked, 1)
    ]
    context = {"rows": rows, "tab": "spending", "may_merge": request.actor.can(P.MERGE)}
    return render(request, "staff/customers/spending.html", context)


def _since(new: str, now: datetime) -> datetime | None:
    start, _end = day_bounds(local_date(now))
    return {"today": start, "week": start - timedelta(days=6)}.get(new)


def _bound_cars() -> Prefetch[Any, Any, Any]:
    bonds = Ownership.objects.filter(end_date=None).select_related("car__vehicle").order_by("pk")
    return Prefetch("ownerships", bonds, to_attr="bonds")
