"""`/census`: every car of the base in exactly one bucket, month by month."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import StringConstraints

from huichang.domains.reminders import census as figures
from huichang.domains.reminders.models import Month, MonthEntry
from huichang.domains.reminders.permissions import P
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.problems import Problem
from huichang.interfaces.api.types import Day

router = Router()
MonthCode = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]
BucketCode = Literal["not_due", "returned", "not_reminded", "not_tracked", "not_returned"]


class MonthOut(Schema):
    """`month` is `2026-06`. A frozen month never changes again."""

    month: str
    is_frozen: bool


class MonthsOut(Schema):
    items: list[MonthOut]


@route(router, "GET", "/census", needs=P.SEE_CENSUS, response=MonthsOut, summary=_("月度统计的月份"))
def list_census_months(request: ApiRequest) -> dict[str, Any]:
    """The months that have a census, newest first."""
    rows = Month.objects.order_by("-month")
    return {"items": [MonthOut(month=f"{row.month:%Y-%m}", is_frozen=row.status == "frozen") for row in rows]}


class RowOut(Schema):
    bucket: str
    cause: str
    cars: int


class CensusOut(Schema):
    """`base` cars in all; the rows add up to it."""

    month: str
    is_frozen: bool
    base: int
    due: int
    late: int
    rows: list[RowOut]


@route(router, "GET", "/census/{month}", needs=P.SEE_CENSUS, response=CensusOut, summary=_("一个月的统计"))
def get_census(request: ApiRequest, month: MonthCode) -> CensusOut:
    """The census of a month. An unfrozen month is counted as it stands now."""
    found = figures.census(month=_known(month))
    return CensusOut(
        month=month, is_frozen=found.frozen, base=found.base, due=found.due, late=found.late,
        rows=[RowOut(bucket=row.bucket, cause=row.cause, cars=row.cars) for row in found.rows],
    )  # fmt: skip


class EntryOut(Schema):
    """One car of a frozen month."""

    car_id: int
    case_id: int | None
    bucket: str
    cause: str
    kinds: list[str]
    due_date: Day | None
    is_late: bool
    is_reminded: bool
    is_tracked: bool
    is_returned: bool


def _entry(entry: MonthEntry) -> EntryOut:
    plain = {name: getattr(entry, name) for name in EntryOut.model_fields if name != "kinds"}
    return EntryOut(**plain, kinds=[kind for kind in entry.kinds.split(",") if kind])


class EntryFilter(Schema):
    bucket: BucketCode | None = None


@route(
    router, "GET", "/census/{month}/cars", needs=P.SEE_CENSUS, response=Page[EntryOut],
    summary=_("一个月里的每一辆车"),
)  # fmt: skip
def list_census_cars(
    request: ApiRequest, month: MonthCode, wanted: Annotated[EntryFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """The cars behind the figures of a frozen month."""
    rows = MonthEntry.objects.filter(month__month=_known(month))
    if wanted.bucket:
        rows = rows.filter(bucket=wanted.bucket)
    return page(rows, paging, _entry, of="census")


def _known(month: str) -> date:
    """The first day of a month that has a census. Raises Problem 404."""
    first = date.fromisoformat(f"{month}-01")
    if not Month.objects.filter(month=first).exists():
        raise Problem(404, gettext("这个月没有统计。"))
    return first
