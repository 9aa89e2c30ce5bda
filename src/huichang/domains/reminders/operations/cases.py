"""Writes about cases and reasons, and the runs that people start by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import batch, months
from huichang.domains.reminders.kinds import KINDS, ClosedBy
from huichang.domains.reminders.models import Case, CaseStatus, CloseCause, Due, DueStatus
from huichang.domains.reminders.permissions import P
from huichang.domains.worklist.batch import cancel_call_tasks
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.RUN)
def remind(
    *,
    dealers: Sequence[Dealer],
    as_of: date,
    actor: Actor,
    now: datetime,
    car_ids: Sequence[int] | None = None,
) -> batch.RunResult:
    """Work out who is due at these stores now; see `batch.run`."""
    return batch.run(actor=actor, as_of=as_of, dealers=dealers, car_ids=car_ids, now=now)


@operation(P.CALL)
def close_due(*, due: Due, cause: str, actor: Actor, now: datetime, note: str = "") -> None:
    """Settle one reason. The last open reason of a case closes the case. Raises TransitionRefused."""
    _check(cause)
    move(
        due, DueStatus.CLOSED, actor=actor, now=now, reason=note or cause,
        also={"close_cause": cause, "closed_on": local_date(now)},
    )  # fmt: skip
    if due.case is not None and not due.case.reasons.filter(status=DueStatus.OPEN).exists():
        _close(due.case, cause, actor, now, note)


@operation(P.CLOSE)
def close_case(*, case: Case, cause: str, actor: Actor, now: datetime, note: str = "") -> None:
    """Close a case with all its open reasons, for one cause. Raises TransitionRefused."""
    _check(cause)
    for due in case.reasons.filter(status=DueStatus.OPEN):
        move(
            due, DueStatus.CLOSED, actor=actor, now=now, reason=note or cause,
            also={"close_cause": cause, "closed_on": local_date(now)},
        )  # fmt: skip
    _close(case, cause, actor, now, note)


@operation(P.RUN)
def plan(*, dealers: Sequence[Dealer], month: date, actor: Actor, now: datetime) -> int:
    """Plan a month of these stores; see `months.plan_month`."""
    return months.plan_month(actor=actor, month=month, dealers=dealers, now=now)


@operation(P.FREEZE_CENSUS)
def freeze(*, dealers: Sequence[Dealer], month: date, actor: Actor, now: datetime) -> int:
    """Freeze the census of a past month of these stores; see `months.freeze_month`."""
    return months.freeze_month(actor=actor, month=month, dealers=dealers, now=now)


def _check(cause: str) -> None:
    if cause not in CloseCause.values or cause == CloseCause.NONE:
        raise OperationRefused(_("请选择结束的原因。"), field="cause")


def _close(case: Case, cause: str, actor: Actor, now: datetime, note: str) -> None:
    if case.status not in (CaseStatus.OPEN, CaseStatus.BOOKED):
        return
    status = CaseStatus.RETURNED if cause == CloseCause.RETURNED else CaseStatus.CLOSED
    also = {"close_cause": cause, "closed_on": local_date(now)}
    move(case, status, actor=actor, now=now, reason=note or cause, also=also)
    cancel_call_tasks(batch.SOURCE, [case.pk], reason=cause, now=now)


@operation(P.CALL)
def settle_arrival(*, car_id: int, actor: Actor, now: datetime) -> int:
    """The car is here: close the reasons that a visit settles, what the booking was for included. Returns how many."""
    settled = [kind.code for kind in KINDS.values() if kind.closed_by is not ClosedBy.NOTHING]
    dues = Due.objects.filter(car_id=car_id, status=DueStatus.OPEN, kind__in=settled).select_related("case")
    for due in dues:
        close_due(due=due, cause=CloseCause.RETURNED, actor=actor, now=now)
    return len(dues)


@operation(P.CALL)
def ask_again(*, booking_id: int, actor: Actor, now: datetime) -> None:
    """A booking was given back: its case is open again and its reasons count as not talked about."""
    for case in Case.objects.filter(booking_id=booking_id, status=CaseStatus.BOOKED):
        move(case, CaseStatus.OPEN, actor=actor, now=now, also={"booking_id": None})
        case.reasons.filter(status=DueStatus.OPEN).update(calls=0, outcome_code="")
