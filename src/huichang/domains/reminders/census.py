"""The months: plan, census, and the cars behind every figure (REM-24…26); of the open scope.

A frozen month is read from what was written then, the same rows for store, region and manufacturer; an unfrozen one
is counted now by the statement that will freeze it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from huichang.domains.contacts import outgoing
from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import engine
from huichang.domains.reminders.batch import area_of
from huichang.domains.reminders.models import (
    Bucket,
    Case,
    Month,
    MonthEntry,
    MonthFigure,
    MonthStatus,
    PlannedDue,
)
from huichang.domains.reminders.months import counted_kinds
from huichang.domains.reminders.queries import Page, page
from huichang.kernel.worktime import add_months

CAUSES: dict[str, str] = {
    "sold_on": _("已转卖"), "scrapped": _("已报废"), "moved_away": _("已迁走"), "refused": _("客户拒绝"),
    "done_elsewhere": _("他店已做"), "opted_out": _("不再联系"), "new_owner": _("换了车主"), "done": _("已办理"),
    "not_due": _("不再到期"), "moved_on": _("到期日已更正"), "booked": _("已预约,还没到店"), "no_owner": _("没有车主"),
    "no_phone": _("没有可用的电话"), "not_yet": _("还没到致电日"), "not_called": _("还没致电"), "overlooked": _("漏提醒"),
    "no_result": _("没有结果"), "opt_out": _("客户不接收此类消息"), "complaint": _("投诉处理中"),
    "no_address": _("没有可用的接收方式"), "pressure": _("联系次数已满"),
}  # fmt: skip


def cause_label(code: str, outcomes: Mapping[str, str]) -> str:
    """The cause in the active language: ours, a message's, or (`contacts.queries.outcome_labels()`) a call's."""
    if code in CAUSES:
        return gettext(CAUSES[code])
    return outcomes.get(code) or outgoing.cause_label(code)


@dataclass(frozen=True, slots=True)
class CensusRow:
    """How many cars of a store are in a bucket for a cause; `kind` '' counts every car once."""

    dealer_id: int
    dealer_name: str
    bucket: str
    cause: str
    cars: int
    late: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Census:
    """A month of every store in scope. `rows` add up to `base`; `frozen` when every store's month is."""

    month: date
    frozen: bool
    rows: list[CensusRow]
    kind_rows: list[CensusRow]

    @property
    def base(self) -> int:
        return sum(row.cars for row in self.rows)

    @property
    def due(self) -> int:
        return sum(row.cars for row in self.rows if row.bucket != Bucket.NOT_DUE)

    @property
    def late(self) -> int:
        return sum(row.late for row in self.rows)

    @property
    def by_bucket(self) -> dict[str, int]:
        return _summed((row.bucket, row.cars) for row in self.rows)

    @property
    def by_cause(self) -> dict[tuple[str, str], int]:
        return _summed(((row.bucket, row.cause), row.cars) for row in self.rows)

    @property
    def by_dealer(self) -> dict[int, dict[str, int]]:
        return _nested((row.dealer_id, row.bucket, row.cars) for row in self.rows)

    @property
    def by_kind(self) -> dict[str, dict[str, int]]:
        return _nested((row.kind, row.bucket, row.cars) for row in self.kind_rows)


def months() -> list[date]:
    """The months that some store in scope has planned, newest first."""
    return list(Month.objects.order_by("-month").values_list("month", flat=True).distinct())


def census(*, month: date) -> Census:
    """The census of a month (its first day); three queries for a frozen one."""
    states = dict(Month.objects.filter(month=month).values_list("dealer_id", "status"))
    open_ids = [pk for pk, status in states.items() if status == MonthStatus.PLANNED]
    found = _frozen_rows(month) + _live_rows(month, open_ids)
    names = dict(Dealer.objects.filter(pk__in={row["dealer_id"] for row in found}).values_list("pk", "name"))
    rows = [CensusRow(dealer_name=names[row["dealer_id"]], **row) for row in found]
    rows.sort(key=lambda row: (row.dealer_id, row.kind, row.bucket, row.cause))
    return Census(
        month=month,
        frozen=bool(states) and not open_ids,
        rows=[row for row in rows if not row.kind],
        kind_rows=[row for row in rows if row.kind],
    )


def _frozen_rows(month: date) -> list[dict[str, Any]]:
    rows = MonthFigure.objects.filter(month__month=month, month__status=MonthStatus.FROZEN)
    columns = ("dealer_id", "kind", "bucket", "cause", "cars", "late")
    return list(rows.order_by("dealer_id", "kind", "bucket", "cause").values(*columns))


def _live_rows(month: date, dealer_ids: list[int]) -> list[dict[str, Any]]:
    if not dealer_ids:
        return []
    return engine.rows("month_figures", "month_entries", _parameters(month, dealer_ids))


def entries(
    *,
    month: date,
    bucket: str = "",
    cause: str = "",
    kind: str = "",
    dealer_id: int | None = None,
    late: bool = False,
    after: str = "",
    limit: int = 50,
) -> Page[MonthEntry]:
    """The cars behind a figure, by car, with car, vehicle, case and its customer. Of an unfrozen month they are not saved."""
    place = int(after) if after.isdigit() else 0
    states = Month.objects.filter(month=month)
    if dealer_id is not None:
        states = states.filter(dealer_id=dealer_id)
    pks = dict(states.values_list("dealer_id", "status"))
    rows = MonthEntry.objects.filter(month__month=month, dealer_id__in=pks, car_id__gt=place)
    rows = rows.filter(**({"bucket": bucket} if bucket else {}), **({"cause": cause} if cause else {}))
    if kind:
        rows = rows.filter(_has_kind(kind))
    if late:
        rows = rows.filter(is_late=True)
    loaded = rows.select_related("car__vehicle", "case__customer", "dealer")
    found = list(loaded.order_by("car_id")[: limit + 1])
    wanted = {
        "bucket": bucket,
        "cause": cause,
        "kind": kind,
        "is_late": late,
        "after": place,
        "size": limit + 1,
    }
    open_ids = [pk for pk, status in pks.items() if status == MonthStatus.PLANNED]
    found = sorted([*found, *_live_entries(month, open_ids, wanted)], key=lambda entry: entry.car_id)
    return Page(found[:limit], str(found[limit - 1].car_id) if len(found) > limit else "")


def _has_kind(kind: str) -> Q:
    ends = Q(kinds=kind) | Q(kinds__startswith=f"{kind},") | Q(kinds__endswith=f",{kind}")
    return ends | Q(kinds__contains=f",{kind},")


def _live_entries(month: date, dealer_ids: list[int], wanted: dict[str, Any]) -> list[MonthEntry]:
    if not dealer_ids:
        return []
    found = engine.rows("month_list", "month_entries", {**_parameters(month, dealer_ids), **wanted})
    cars = Car.objects.select_related("vehicle", "dealer").in_bulk([row["car_id"] for row in found])
    cases = Case.objects.select_related("customer").in_bulk(
        [row["case_id"] for row in found if row["case_id"]]
    )
    made = []
    for row in found:
        entry = MonthEntry(**row)
        entry.car = cars[row["car_id"]]
        entry.dealer = entry.car.dealer
        entry.case = cases.get(row["case_id"])
        made.append(entry)
    return made


def _parameters(month: date, dealer_ids: Iterable[int]) -> dict[str, Any]:
    until = add_months(month, 1)
    stores = list(Dealer.objects.filter(pk__in=list(dealer_ids)))
    return area_of(stores, until).parameters(month=month, until=until, kinds=counted_kinds())


def plan(
    *, month: date, kind: str = "", late: bool | None = None, after: str = "", limit: int = 50
) -> Page[PlannedDue]:
    """The lines of a month's plan by due date, with car and vehicle; `late` True: only what came afterwards."""
    rows = PlannedDue.objects.filter(month__month=month).select_related("car__vehicle", "dealer")
    if kind:
        rows = rows.filter(kind=kind)
    if late is not None:
        rows = rows.filter(is_late=late)
    return page(rows, "due_date", after=after, limit=limit)


def plan_counts(*, month: date) -> dict[str, tuple[int, int]]:
    """Planned and late lines of a month by kind."""
    rows = PlannedDue.objects.filter(month__month=month).values_list("kind")
    numbers = rows.annotate(
        planned=Count("pk", filter=Q(is_late=False)), late=Count("pk", filter=Q(is_late=True))
    )
    return {kind: (planned, late) for kind, planned, late in numbers.order_by()}


def _summed(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for key, number in pairs:
        found[key] = found.get(key, 0) + number
    return found


def _nested(rows: Iterable[tuple[Any, str, int]]) -> dict[Any, dict[str, int]]:
    found: dict[Any, dict[str, int]] = {}
    for outer, inner, number in rows:
        row = found.setdefault(outer, {})
        row[inner] = row.get(inner, 0) + number
    return found
