"""`/reminders`: who is due and why. `/cases`: the occasions to talk, with all their reasons."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from huichang.domains.reminders import why
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.models import Case, Due
from huichang.domains.reminders.permissions import P
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.types import Day, PathId, in_reach

router = Router()
KindCode = Annotated[
    str, Field(json_schema_extra={"enum": sorted(KINDS)}, pattern=f"^({'|'.join(sorted(KINDS))})$")
]
DueStatus = Literal["open", "closed"]
CaseStatus = Literal["open", "booked", "returned", "closed"]


class ReminderOut(Schema):
    """One reason. `why` is the sentence with its figures, in the language asked for."""

    id: int
    kind: str
    car_id: int
    customer_id: int | None
    case_id: int | None
    due_date: Day
    call_date: Day | None
    second_call_date: Day | None
    last_safe_day: Day
    status: str
    close_cause: str
    outcome_code: str
    why: str


DUE_COLUMNS = tuple(name for name in ReminderOut.model_fields if name != "why")


def show_due(due: Due) -> ReminderOut:
    return ReminderOut(**{name: getattr(due, name) for name in DUE_COLUMNS}, why=why.text(due))


class ReminderFilter(Schema):
    """`due_before` is exclusive."""

    kind: KindCode | None = None
    status: DueStatus | None = None
    car_id: PathId | None = None
    customer_id: PathId | None = None
    due_from: Day | None = None
    due_before: Day | None = None


def _dues() -> QuerySet[Due]:
    return Due.objects.select_related("car__vehicle", "customer")


@route(router, "GET", "/reminders", needs=P.SEE, response=Page[ReminderOut], summary=_("到期事由"))
def list_reminders(
    request: ApiRequest, wanted: Annotated[ReminderFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Who is due, and why, by id."""
    rows = _dues()
    for field in ("kind", "status", "car_id", "customer_id"):
        if value := getattr(wanted, field):
            rows = rows.filter(**{field: value})
    for day, field, lookup in ((wanted.due_from, "due_from", "gte"), (wanted.due_before, "due_before", "lt")):
        in_reach(day, field)
        if day:
            rows = rows.filter(**{f"due_date__{lookup}": day})
    return page(rows, paging, show_due, of="reminders")


class CaseOut(Schema):
    """One occasion to talk to one customer, with every reason in it."""

    id: int
    number: str
    customer_id: int
    car_id: int
    status: str
    close_cause: str
    due_date: Day
    last_safe_day: Day
    call_date: Day
    second_call_date: Day | None
    step: str
    booking_id: int | None
    opened_on: Day
    closed_on: Day | None
    reasons: list[ReminderOut]


CASE_COLUMNS = tuple(name for name in CaseOut.model_fields if name != "reasons")


def show_case(case: Case) -> CaseOut:
    """A case of `cases()`."""
    reasons = sorted(case.reasons.all(), key=lambda due: (due.due_date, due.pk))
    return CaseOut(
        **{name: getattr(case, name) for name in CASE_COLUMNS}, reasons=[show_due(due) for due in reasons]
    )


def cases() -> QuerySet[Case]:
    """Cases with their reasons at hand; a constant number of queries."""
    return Case.objects.prefetch_related(Prefetch("reasons", _dues()))


class CaseFilter(Schema):
    """`call_before` is exclusive: cases to be called before that day."""

    status: CaseStatus | None = None
    customer_id: PathId | None = None
    car_id: PathId | None = None
    call_before: Day | None = None


@route(router, "GET", "/cases", needs=P.SEE, response=Page[CaseOut], summary=_("个案列表"))
def list_cases(
    request: ApiRequest, wanted: Annotated[CaseFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Cases with their reasons, by id."""
    rows = cases()
    for field in ("status", "customer_id", "car_id"):
        if value := getattr(wanted, field):
            rows = rows.filter(**{field: value})
    in_reach(wanted.call_before, "call_before")
    if wanted.call_before:
        rows = rows.filter(call_date__lt=wanted.call_before)
    return page(rows, paging, show_case, of="cases")


@route(router, "GET", "/cases/{case_id}", needs=P.SEE, response=CaseOut, summary=_("一个个案"))
def get_case(request: ApiRequest, case_id: PathId) -> CaseOut:
    """One case with its reasons."""
    return show_case(cases().get(pk=case_id))
