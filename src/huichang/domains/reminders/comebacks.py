"""What becomes of the call task after a call: it ends, or stands in the queue again at the right moment (CAL-06…10).

Used by `operations.desk` inside its transaction and with its actor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.contacts.models import Call, NextStep, OutcomeCode
from huichang.domains.contacts.queries import rules_of
from huichang.domains.customers.models import Customer, CustomerPhone
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.models import Case, CloseCause, Due, DueStatus
from huichang.domains.reminders.talks import Answer, Conversation, Talk, asks
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import Step, TaskStatus
from huichang.kernel.actors import Actor
from huichang.kernel.worktime import local_date, local_moment

CALLBACK_SOURCE = "contacts.call"
# When the reasons of one call ask for different things, the first of these decides about the task.
ORDER = (
    NextStep.CALL_LATER,
    NextStep.SECOND_CALL,
    NextStep.WRONG_NUMBER,
    NextStep.COMPLAINT,
    NextStep.RETRY,
)


def settle_task(
    conversation: Conversation, case: Case | None, closing: Mapping[Due, CloseCause],
    codes: Sequence[OutcomeCode], talk: Talk, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """End the task when nothing is left to talk about, else say when it comes back."""
    task = conversation.task
    assert task is not None  # the caller has one
    left = (
        case.reasons.filter(status=DueStatus.OPEN)
        .exclude(pk__in=[due.pk for due in closing])
        .exclude(booking__status__in=PROMISED)
        if case
        else None
    )
    waits = [code for code in codes if not code.closes and code.next_step in ORDER]
    if (left is not None and not left.exists()) or (case is None and not waits):
        worklist.finish(task=task, actor=actor, now=now, reason=codes[0].code)
        return
    decides = min(waits, key=lambda code: ORDER.index(NextStep(code.next_step)), default=codes[0])
    step, ready_at = _comes_back(conversation, case, decides, talk, now)
    worklist.postpone(
        task=task, ready_at=ready_at, step=step, actor=actor, now=now,
        assign_to_me=talk.keep_for_me and step == Step.CALL_LATER,
    )  # fmt: skip


def _comes_back(
    conversation: Conversation, case: Case | None, code: OutcomeCode, talk: Talk, now: datetime
) -> tuple[str, datetime]:
    """The step and the moment at which the task stands in the queue again."""
    dealer, today = conversation.dealer, local_date(now)
    if code.next_step == NextStep.CALL_LATER and talk.call_later_at:
        return Step.CALL_LATER, talk.call_later_at
    start = rules_of(dealer, now).quiet[1]
    if code.next_step == NextStep.SECOND_CALL or (code.is_contact and not code.retry_working_days):
        return Step.SECOND_CALL, local_moment(_second_day(dealer, case, today), start)
    days = code.retry_working_days or 1
    if code.next_step == NextStep.WRONG_NUMBER and _has_another_number(conversation.customer, talk.number):
        return "", now + timedelta(minutes=1)
    return "", local_moment(calendars.step(dealer, today, days), start)


def _second_day(dealer: Dealer, case: Case | None, today: date) -> date:
    """The planned day of the second call, at the latest the last safe day (CAL-09), at the earliest tomorrow."""
    planned = case.second_call_date if case else None
    if case and (planned is None or planned > case.last_safe_day):
        planned = case.last_safe_day
    return planned if planned and planned > today else calendars.step(dealer, today, 1)


def _has_another_number(customer: Customer, number: str) -> bool:
    return CustomerPhone.objects.filter(customer=customer, is_wrong=False).exclude(number=number).exists()


def promise_callback(conversation: Conversation, call: Call, talk: Talk, actor: Actor, now: datetime) -> None:
    """The customer called and wants to be called back at a time (CAL-15)."""
    assert talk.call_later_at is not None  # checked by the caller
    worklist.open_task(
        dealer=conversation.dealer, customer=conversation.customer, car=conversation.car,
        source=CALLBACK_SOURCE, source_id=call.pk, step=Step.CALLBACK, subject=talk.note,
        ready_at=talk.call_later_at, last_safe_day=local_date(talk.call_later_at),
        assigned_to_id=actor.user_id if talk.keep_for_me else None, actor=actor, now=now,
    )  # fmt: skip


def end_task(
    conversation: Conversation,
    made: Booking,
    answers: Sequence[Answer],
    talk: Talk,
    actor: Actor,
    now: datetime,
) -> None:
    """The call is done; a time agreed for what the visit does not cover is kept all the same.

    The other uncovered reasons come back by their own dates: the run opens the task again (`sql/calls_to_make.sql`).
    """
    task = conversation.task
    if task is None or task.status != TaskStatus.OPEN:
        return
    if talk.call_later_at and asks([answer.code for answer in answers], NextStep.CALL_LATER):
        worklist.postpone(
            task=task, ready_at=talk.call_later_at, step=Step.CALL_LATER, actor=actor, now=now,
            assign_to_me=talk.keep_for_me,
        )  # fmt: skip
    else:
        worklist.finish(task=task, actor=actor, now=now, reason=made.number)
