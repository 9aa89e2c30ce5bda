"""Writes about cases and reasons, and the runs that people start by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.operations import leave_to_outreach
from huichang.domains.contacts.models import Message, MessageStatus
from huichang.domains.contacts.operations import send_again
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import batch, months
from huichang.domains.reminders.kinds import KINDS, ClosedBy, is_for_workshop
from huichang.domains.reminders.models import Case, CaseStatus, CloseCause, Due, DueStatus
from huichang.domains.reminders.permissions import P
from huichang.domains.reminders.steps import SOURCE, message_key
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
    cancel_call_tasks(SOURCE, [case.pk], reason=cause, now=now)


@operation(P.CALL)
def cover(*, case: Case, dues: Iterable[Due], booking: Booking, actor: Actor, now: datetime) -> None:
    """These open reasons of the case will be settled by a promised visit; nobody calls about them meanwhile.

    The case is booked as long as one of its reasons has such a visit; without reasons nothing changes. What the
    visit does not cover goes on being called about by its own dates.
    """
    pks = [due.pk for due in dues]
    if not pks:
        return
    case.reasons.filter(pk__in=pks, status=DueStatus.OPEN).update(booking=booking)
    if case.status == CaseStatus.OPEN:
        move(case, CaseStatus.BOOKED, actor=actor, now=now, also={"booking_id": booking.pk})
    else:
        Case.objects.filter(pk=case.pk, status=CaseStatus.BOOKED).update(booking=booking)
        case.booking = booking


@operation(P.CALL)
def settle_booking(*, booking_id: int, actor: Actor, now: datetime) -> int:
    """A visit was promised: it covers what the workshop settles on that car. Returns how many reasons.

    Nothing changes when the call desk, which knows what was talked about, has said already what it covers, nor when
    the promise does not stand any more.
    """
    booking = Booking.objects.get(pk=booking_id)
    if booking.status not in PROMISED or Due.objects.filter(booking=booking).exists():
        return 0
    loose = Due.objects.filter(car_id=booking.car_id, status=DueStatus.OPEN, booking=None, case__isnull=False)
    found = [due for due in loose.select_related("case") if is_for_workshop(due.kind)]
    for case in {due.case for due in found if due.case}:
        cover(
            case=case, dues=[due for due in found if due.case_id == case.pk], booking=booking,
            actor=actor, now=now,
        )  # fmt: skip
    return len(found)


@operation(P.CALL)
def settle_arrival(*, car_id: int, actor: Actor, now: datetime) -> int:
    """The car is here: close the reasons that a visit settles, what the booking was for included. Returns how many.

    What the visit does not settle stays in the case, which is open again and calls by those reasons' own dates.
    """
    settled = [kind.code for kind in KINDS.values() if kind.closed_by is not ClosedBy.NOTHING]
    dues = Due.objects.filter(car_id=car_id, status=DueStatus.OPEN, kind__in=settled).select_related("case")
    for due in dues:
        close_due(due=due, cause=CloseCause.RETURNED, actor=actor, now=now)
    booked = Case.objects.filter(status=CaseStatus.BOOKED, reasons__car_id=car_id).distinct()
    for case in booked:
        _resume(case, actor, now)
    return len(dues)


@operation(P.CALL)
def ask_again(*, booking_id: int, actor: Actor, now: datetime) -> None:
    """A booking was given back: what it covered counts as not talked about, its case is open again.

    If its call is due now, that will also be the one about a missed visit: one absence, one call.
    """
    dues = Due.objects.filter(booking_id=booking_id, status=DueStatus.OPEN)
    booked = Case.objects.filter(Q(reasons__in=dues) | Q(booking_id=booking_id), status=CaseStatus.BOOKED)
    found = list(booked.distinct())
    dues.update(booking=None, calls=0, outcome_code="")
    for case in found:
        _resume(case, actor, now)
    due_now = Due.objects.filter(
        case__in=found, case__status=CaseStatus.OPEN, status=DueStatus.OPEN, call_date__lte=local_date(now)
    )
    if due_now.exists():
        leave_to_outreach(booking=Booking.objects.get(pk=booking_id), actor=actor, now=now)


@operation(P.CALL)
def tell_again(*, customer_id: int | None, car_id: int | None, actor: Actor, now: datetime) -> int:
    """A complaint was closed: send the reminders that it held back, if they still help. Returns how many.

    They do while the reason is open, not past, not booked, and nobody has spoken with the customer about it.
    """
    about = Q(customer_id=customer_id) if customer_id else Q(pk__in=())
    about |= Q(car_id=car_id) if car_id else Q(pk__in=())
    dues = Due.objects.filter(
        about, status=DueStatus.OPEN, calls=0, booking=None, messaged_on__isnull=False, case__isnull=False,
        due_date__gte=local_date(now),
    )  # fmt: skip
    held = set(Message.objects.filter(
        key__in={message_key(due) for due in dues}, status=MessageStatus.SUPPRESSED, cause="complaint"
    ))  # fmt: skip
    for message in held:
        send_again(message=message, actor=actor, now=now, reason="complaints.closed")
    return len(held)


def _resume(case: Case, actor: Actor, now: datetime) -> None:
    """Open the case again unless another visit is still promised for one of its reasons."""
    covered = case.reasons.filter(status=DueStatus.OPEN, booking__status__in=PROMISED)
    other = covered.order_by("due_date", "pk").values_list("booking_id", flat=True).first()
    if other is None:
        move(case, CaseStatus.OPEN, actor=actor, now=now, also={"booking_id": None})
    elif other != case.booking_id:
        Case.objects.filter(pk=case.pk, status=CaseStatus.BOOKED).update(booking_id=other)
