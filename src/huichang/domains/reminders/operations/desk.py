"""What an agent does at the call desk: one outcome per reason, or a booking, in one transaction.

The call goes into the register, every reason gets its outcome, cars and numbers are marked, and the call task ends
or comes back at the right moment (CAL-06…10, CAL-16).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments import operations as appointments
from huichang.domains.appointments.models import Booking
from huichang.domains.complaints.operations import record_complaint
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Call, Direction, NextStep, OutcomeCode
from huichang.domains.contacts.queries import outcome_codes
from huichang.domains.customers import operations as customers
from huichang.domains.customers.models import CarStatus, CustomerPhone, NeedKind
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.comebacks import ORDER, end_task, promise_callback, settle_task
from huichang.domains.reminders.desk import purpose_of
from huichang.domains.reminders.models import Case, CloseCause, Due, DueStatus
from huichang.domains.reminders.operations.cases import close_due, cover
from huichang.domains.reminders.permissions import P
from huichang.domains.reminders.talks import Answer, Conversation, Talk, asks
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import Step, TaskStatus
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation

__all__ = ["Answer", "Conversation", "Talk", "book_from_call", "record_outcome"]

_CLOSES = {
    NextStep.MARK_SOLD: CloseCause.SOLD_ON, NextStep.MARK_SCRAPPED: CloseCause.SCRAPPED,
    NextStep.MARK_MOVED: CloseCause.MOVED_AWAY, NextStep.DONE_ELSEWHERE: CloseCause.DONE_ELSEWHERE,
    NextStep.OPT_OUT: CloseCause.OPTED_OUT,
}  # fmt: skip
_MOVES = {
    NextStep.MARK_SOLD: CarStatus.SOLD_ON, NextStep.MARK_SCRAPPED: CarStatus.SCRAPPED,
    NextStep.MARK_MOVED: CarStatus.MOVED_AWAY,
}  # fmt: skip


@operation(P.CALL)
def record_outcome(
    *,
    conversation: Conversation,
    answers: Sequence[Answer],
    talk: Talk,
    actor: Actor,
    now: datetime,
    outcome: OutcomeCode | None = None,
) -> Call:
    """Enter a call with the outcome of each reason and let the task end or come back.

    `outcome` is for calls without a reason of their own (callbacks, inbound). Raises OperationRefused (with the
    field): nothing chosen, a time or a reason missing; ClaimedByOther; NotNow.
    """
    codes = [answer.code for answer in answers] or ([outcome] if outcome else [])
    _check(codes, talk, now)
    task = conversation.task
    _hold(conversation, talk, actor, now)
    call = _enter(conversation, answers, talk, actor, now, outcome)
    case = conversation.case
    closing = _closing(case, answers)
    if task and task.status == TaskStatus.OPEN:
        settle_task(conversation, case, closing, codes, talk, actor, now)
    elif task is None and talk.call_later_at and asks(codes, NextStep.CALL_LATER):
        promise_callback(conversation, call, talk, actor, now)
    _touch(answers)
    _side_effects(conversation, answers, codes, talk, actor, now)
    for due, cause in closing.items():
        close_due(due=due, cause=cause, actor=actor, now=now, note=talk.note[:200])
    return call


@operation(P.CALL)
def book_from_call(
    *,
    conversation: Conversation,
    booking: Mapping[str, Any],
    covered: Sequence[Due],
    answers: Sequence[Answer],
    talk: Talk,
    actor: Actor,
    now: datetime,
) -> Booking:
    """Book, enter the call, give the covered reasons the outcome "booked", end the task, move the case: all or nothing.

    `booking` are the arguments of `appointments.operations.book` besides dealer, actor and now; `answers` the outcomes
    of reasons that the visit does not settle. Raises SlotTaken, ClaimedByOther, NotNow, OperationRefused.
    """
    code = _booked_code(conversation.dealer)
    given = [*(Answer(due, code) for due in covered), *(one for one in answers if one.due not in covered)]
    _check([answer.code for answer in answers if answer.due not in covered], talk, now)
    _hold(conversation, talk, actor, now)
    invited = talk.direction == Direction.OUT
    made = appointments.book(
        dealer=conversation.dealer, actor=actor, now=now, is_invited=invited, **{"source": "call", **booking}
    )
    _enter(conversation, given, talk, actor, now, code)
    case = conversation.case
    if case:
        cover(case=case, dues=covered, booking=made, actor=actor, now=now)
    end_task(conversation, made, answers, talk, actor, now)
    _touch(given)
    _side_effects(conversation, given, [answer.code for answer in given], talk, actor, now)
    for due, cause in _closing(case, given).items():
        close_due(due=due, cause=cause, actor=actor, now=now, note=talk.note[:200])
    return made


def _check(codes: Sequence[OutcomeCode], talk: Talk, now: datetime) -> None:
    """Refuse what cannot be carried out before anything is written."""
    if asks(codes, NextStep.BOOK):
        raise OperationRefused(_("请在右边选好时段再预约。"), field="outcome")
    if asks(codes, NextStep.CALL_LATER) and (talk.call_later_at is None or talk.call_later_at <= now):
        raise OperationRefused(_("请填写和客户约好的时间,要在现在以后。"), field="call_later_at")
    if asks(codes, NextStep.OPT_OUT) and not talk.opt_out_reason.strip():
        raise OperationRefused(_("请写下客户的原话或原因。"), field="opt_out_reason")
    if asks(codes, NextStep.COMPLAINT) and not talk.note.strip():
        raise OperationRefused(_("请在备注里写下客户投诉的内容。"), field="note")


def _hold(conversation: Conversation, talk: Talk, actor: Actor, now: datetime) -> None:
    """The caller must have the task; who has the customer on the line goes before who only prepares.

    A task that facts ended meanwhile (a date corrected in this very talk) holds nobody; the call is entered all the same.
    """
    if (
        conversation.task
        and talk.direction == Direction.OUT
        and conversation.task.status != TaskStatus.CANCELLED
    ):
        worklist.renew(task=conversation.task, dealer=conversation.dealer, actor=actor, now=now)


def _enter(
    conversation: Conversation, answers: Sequence[Answer], talk: Talk, actor: Actor, now: datetime,
    outcome: OutcomeCode | None,
) -> Call:  # fmt: skip
    if not answers and outcome is None:
        raise OperationRefused(_("请选择通话结果。"), field="outcome")
    task = conversation.task
    call: Call = contacts.record_call(
        dealer=conversation.dealer, customer=conversation.customer, car=conversation.car, number=talk.number,
        direction=talk.direction, started_at=talk.started_at, note=talk.note, rating=talk.rating,
        results=[
            contacts.Result(one.due.kind, purpose_of(one.due.kind), one.code, one.due.car) for one in answers
        ],
        outcome=outcome or _deciding(answers), task_id=task.pk if task else None,
        override_reason=talk.override_reason, actor=actor, now=now,
        asked_for=bool(task and task.step in {Step.CALL_LATER, Step.CALLBACK}),
    )  # fmt: skip
    return call


def _deciding(answers: Sequence[Answer]) -> OutcomeCode:
    """The outcome that stands for the whole call: a booking, else what keeps it open, else the first."""
    order = [NextStep.BOOK, *ORDER]
    ranked = [one.code for one in answers if one.code.next_step in order]
    return min(ranked, key=lambda code: order.index(NextStep(code.next_step)), default=answers[0].code)


def _closing(case: Case | None, answers: Sequence[Answer]) -> dict[Due, CloseCause]:
    """The reasons that end, with their cause. A car that left the base takes all its reasons along."""
    found: dict[Due, CloseCause] = {}
    for answer in answers:
        if answer.code.closes:
            found[answer.due] = _cause(answer.code)
    gone = {one.due.car_id: _cause(one.code) for one in answers if one.code.next_step in _MOVES}
    if case and gone:
        for due in case.reasons.filter(status=DueStatus.OPEN, car_id__in=gone):
            found.setdefault(due, gone[due.car_id])
    return found


def _cause(code: OutcomeCode) -> CloseCause:
    return _CLOSES.get(NextStep(code.next_step), CloseCause.REFUSED if code.is_refusal else CloseCause.DONE)


def _touch(answers: Sequence[Answer]) -> None:
    for answer in answers:
        answer.due.outcome_code = answer.code.code
        answer.due.calls += answer.code.is_contact
        answer.due.save(update_fields=["outcome_code", "calls"])


def _side_effects(
    conversation: Conversation, answers: Sequence[Answer], codes: Sequence[OutcomeCode], talk: Talk,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """What the answers change beyond the case: cars, numbers, refusals, complaints."""
    if asks(codes, NextStep.WRONG_NUMBER):
        for phone in CustomerPhone.objects.filter(customer=conversation.customer, number=talk.number):
            customers.mark_phone(phone=phone, is_wrong=True, actor=actor)
    if talk.demand.strip():
        customers.add_need(
            customer=conversation.customer, kind=NeedKind.DEMAND, text=talk.demand, actor=actor, now=now
        )
    if asks(codes, NextStep.COMPLAINT):
        record_complaint(
            dealer=conversation.dealer, customer=conversation.customer, car=conversation.car,
            category=_("电话"), text=talk.note[:400], actor=actor, now=now,
        )  # fmt: skip
    cars = {one.due.car_id: (one.due.car, one.code) for one in answers if one.code.next_step in _MOVES}
    if not answers and conversation.car and codes and codes[0].next_step in _MOVES:
        cars[conversation.car.pk] = (conversation.car, codes[0])
    for car, code in cars.values():
        if car.status == CarStatus.ACTIVE:
            to = _MOVES[NextStep(code.next_step)]
            customers.move_car(car=car, to=to, reason=code.label, actor=actor, now=now)
    if asks(codes, NextStep.OPT_OUT):
        _keep_refusals(conversation, answers, talk, actor, now)


def _keep_refusals(
    conversation: Conversation, answers: Sequence[Answer], talk: Talk, actor: Actor, now: datetime
) -> None:
    refused = {purpose_of(one.due.kind) for one in answers if one.code.next_step == NextStep.OPT_OUT}
    purposes = {talk.opt_out_purpose} if talk.opt_out_purpose else refused or {"all"}
    for purpose in sorted(purposes):
        contacts.opt_out(
            customer=conversation.customer, purpose=purpose, channel=talk.opt_out_channel,
            reason=talk.opt_out_reason, actor=actor, now=now,
        )  # fmt: skip


def _booked_code(dealer: Dealer) -> OutcomeCode:
    """The store's outcome for "booked". Raises OperationRefused when the codes have none."""
    for code in outcome_codes(dealer):
        if code.next_step == NextStep.BOOK:
            return code
    raise OperationRefused(_("结果代码里没有“预约”这一步,请主管在“结果代码”里补上。"))
