"""`/cases/{id}/outcomes`: what came of a call; `/outcome-codes`: what can come of one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import Field

from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.contacts.queries import outcome_codes
from huichang.domains.customers.identifiers import phone
from huichang.domains.reminders.models import Case, Due
from huichang.domains.reminders.operations import desk
from huichang.domains.reminders.permissions import P
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.problems import conflict
from huichang.interfaces.api.reminders import CaseOut, cases, show_case
from huichang.interfaces.api.types import (
    Filled30,
    Given,
    Id,
    Line32,
    Line200,
    Line500,
    Moment,
    PathId,
    in_reach,
)

router = Router()


class CodeOut(Schema):
    """One outcome code, as data."""

    code: str
    label: str
    label_en: str
    is_contact: bool
    is_refusal: bool
    closes: bool
    next_step: str
    retry_working_days: int | None


class CodesOut(Schema):
    items: list[CodeOut]


@route(router, "GET", "/outcome-codes", needs=ContactsP.SEE_CALLS, response=CodesOut, summary=_("结果代码"))
def list_outcome_codes(request: ApiRequest) -> dict[str, Any]:
    """The outcome codes in use at the store, its own and the network's."""
    return {"items": [_code(code) for code in outcome_codes(request.auth.dealer)]}


def _code(code: Any) -> CodeOut:
    return CodeOut(**{name: getattr(code, name) for name in CodeOut.model_fields})


class AnswerIn(Given):
    """What came of one reason of the case."""

    reminder_id: Id
    outcome: Filled30


class OutcomeIn(Given):
    """A call about a case. Times with their offset; `call_later_at` when the code agrees on a time."""

    number: Filled30
    started_at: Moment
    direction: Literal["out", "in"] = "out"
    note: Line500 = ""
    call_later_at: Moment | None = None
    opt_out_reason: Line200 = ""
    opt_out_purpose: Line32 = ""
    override_reason: Line200 = ""
    answers: Annotated[list[AnswerIn], Field(min_length=1, max_length=20)]


@route(
    router, "POST", "/cases/{case_id}/outcomes", needs=P.CALL, response=CaseOut, status=201,
    summary=_("登记致电结果"),
)  # fmt: skip
def add_outcome(request: ApiRequest, case_id: PathId, call: OutcomeIn) -> CaseOut:
    """Enter a call with the outcome of each reason; the case and its call task move as at the call desk."""
    for moment, field in ((call.started_at, "started_at"), (call.call_later_at, "call_later_at")):
        in_reach(moment.date() if moment else None, field)
    if call.started_at > request.now:
        raise conflict(gettext("通话开始时间在将来。"), "started_at")
    case = Case.objects.select_related("customer", "car__vehicle", "task").get(pk=case_id)
    digits, _kind, wrong = phone(call.number)
    if wrong is not None:
        raise conflict(wrong.message, "number")
    talk = desk.Talk(
        number=digits, **call.model_dump(exclude={"number", "answers"}),
    )  # fmt: skip
    desk.record_outcome(
        conversation=desk.Conversation(request.auth.dealer, case.customer, case.car, case.task),
        answers=_answers(request, case, call.answers), talk=talk, actor=request.auth.actor, now=request.now,
    )  # fmt: skip
    return show_case(cases().get(pk=case_id))


def _answers(request: ApiRequest, case: Case, given: list[AnswerIn]) -> list[desk.Answer]:
    """The reasons and codes that are meant. Raises Problem 409 for what is not of this case or this store."""
    codes = {code.code: code for code in outcome_codes(request.auth.dealer)}
    dues: dict[int, Due] = {due.pk: due for due in case.reasons.select_related("car")}
    for position, one in enumerate(given):
        if one.reminder_id not in dues:
            raise conflict(gettext("这个事由不属于这个个案。"), f"answers.{position}.reminder_id")
        if one.outcome not in codes:
            raise conflict(gettext("没有这个结果代码。"), f"answers.{position}.outcome")
    return [desk.Answer(dues[one.reminder_id], codes[one.outcome]) for one in given]
