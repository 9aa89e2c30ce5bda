"""A store's customers and cars: the reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Prefetch, QuerySet

from huichang.domains.customers import searching
from huichang.domains.customers.models import (
    Bond,
    Car,
    Customer,
    CustomerNeed,
    CustomerPhone,
    NeedKind,
    Ownership,
)
from huichang.domains.dealers.models import Dealer
from huichang.kernel import sql
from huichang.kernel.models import ChangeRecord

ENOUGH = 32  # rows of one column that are looked at before the newest visits are chosen


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a search: a car with its owner, a car without one, or a customer without a car."""

    car_id: int | None
    customer_id: int | None
    plate: str | None
    status: str | None
    last_visit_date: date | None
    vin: str | None
    series: str | None
    model_name: str | None
    name: str | None
    phone: str | None


def search(*, dealer: Dealer, text: str, most: int = 8) -> list[Hit]:
    """The cars and customers behind what was typed, most recent visits first; one query."""
    wanted = searching.parameters(text)
    if not wanted["number"]:
        return []
    found = {**wanted, "dealer_id": dealer.pk, "most": most, "enough": ENOUGH}
    rows = sql.prepared_rows(searching.statement(wanted), found)
    return [Hit(**row) for row in rows]


def primary_phones() -> Prefetch[Any, Any, Any]:
    """Prefetch of a customer's phones, the one to dial first in front."""
    return Prefetch("phones", CustomerPhone.objects.order_by("is_wrong", "-is_primary", "id"))


def current_owners() -> Prefetch[Any, Any, Any]:
    """Prefetch of a car's current owner as `car.current_owners` (none or one), phones included."""
    owners = Ownership.objects.filter(bond=Bond.OWNER, end_date=None).select_related("customer")
    phones = Prefetch("customer__phones", CustomerPhone.objects.order_by("is_wrong", "-is_primary", "id"))
    return Prefetch("ownerships", owners.prefetch_related(phones), to_attr="current_owners")


def cars() -> QuerySet[Car]:
    """Cars with their vehicle and current owner; a constant number of queries."""
    return Car.objects.select_related("vehicle").prefetch_related(current_owners())


def demands(*, start: datetime, end: datetime, most: int = 20) -> list[CustomerNeed]:
    """What customers said they might want, noted from `start` up to, not including, `end`; newest first (CAL-21)."""
    rows = CustomerNeed.objects.filter(kind=NeedKind.DEMAND, noted_at__gte=start, noted_at__lt=end)
    return list(rows.select_related("customer", "noted_by").order_by("-noted_at", "-pk")[:most])


def owner_of(car: Car) -> Customer | None:
    """The current owner; uses `current_owners()` when it was prefetched."""
    found: list[Ownership] | None = getattr(car, "current_owners", None)
    if found is None:
        row = (
            Ownership.objects.filter(car=car, bond=Bond.OWNER, end_date=None)
            .select_related("customer")
            .first()
        )
        return row.customer if row else None
    return found[0].customer if found else None


def cars_of(customer: Customer) -> list[Car]:
    """The cars a customer is bound to today, the last visited first."""
    bound = Ownership.objects.filter(customer=customer, end_date=None).values("car")
    return list(cars().filter(pk__in=bound).order_by(F("last_visit_date").desc(nulls_last=True), "-pk"))


def bonds_of(car: Car) -> list[Ownership]:
    """Everybody a car was or is bound to, current ones first."""
    rows = Ownership.objects.filter(car=car).select_related("customer")
    return sorted(rows, key=lambda one: (one.end_date is not None, -(one.start_date or date.min).toordinal()))


def version(row: Customer | Car) -> int:
    """The id of the row's latest change: a page shows it and hands it back with its form."""
    latest = _changes(row).order_by("-id").values_list("id", flat=True).first()
    return latest or 0


def changes_after(row: Customer | Car, seen: int) -> Sequence[ChangeRecord]:
    """The changes of a row after `version()` was `seen`, newest first."""
    return list(_changes(row).filter(id__gt=seen).order_by("-id"))


def _changes(row: Customer | Car) -> QuerySet[ChangeRecord]:
    return ChangeRecord.objects.filter(table_name=row._meta.db_table, row_id=row.pk)
