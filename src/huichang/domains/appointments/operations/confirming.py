"""The customer's word: the confirmation call and what comes of it (CNF-05…07), calls about no-shows and late parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.appointments import following, telling
from huichang.domains.appointments.models import (
    PROMISED,
    Booking,
    BookingStatus,
    Preparation,
    SkipCause,
    Touch,
    TouchKind,
    TouchStatus,
)
from huichang.domains.appointments.operations.changing import cancel, change
from huichang.domains.appointments.operations.preparing import settle
from huichang.domains.appointments.permissions import P
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Call, Direction, OutcomeCode
from huichang.domains.contacts.queries import rules_of, why_quiet
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused, operation

CALLS = (TouchKind.CONFIRM_CALL, TouchKind.NO_SHOW_CALL, TouchKind.PARTS_CALL)
_AGAIN = timedelta(hours=2)


@operation(P.BOOK)
def confirm(
    *, booking: Booking, actor: Actor, now: datetime, number: str = "", note: str = "", by_phone: bool = True
) -> None:
    """The customer comes: a formal booking as soon as everything is ready (CNF-06).

    By telephone the call is entered in the register and proves the touch; otherwise the person who heard it does.
    Raises TransitionRefused when the booking is no longer promised.
    """
    _still_promised(booking)
    proof = following.PERSON
    if by_phone:
        proof = f"call:{_enter(booking, 'confirmed', number, note, actor, now).pk}"
    said, _made = Preparation.objects.get_or_create(
        booking=booking, defaults={"dealer_id": booking.dealer_id}
    )
    said.confirmed_at, said.confirmed_by = now, actor.name[:40]
    said.save()
    _made_calls(booking, (TouchKind.CONFIRM_CALL,), proof, actor, now, SkipCause.CONFIRMED)
    if booking.is_first_service:
        text = _("{plate} {customer} 确认 {time} 到店,请一起接待").format(
            plate=booking.car.plate, customer=booking.customer.name, time=telling.spoken(booking.arrive_at)
        )
        following.ask_seller(booking, following.RECEIVE, text, by_hand=True, actor=actor, now=now)
    settle(booking=booking, actor=actor.by_rule(), now=now)


@operation(P.CHANGE)
def rebook(
    *,
    booking: Booking,
    starts_at: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
    labour_ids: Sequence[int] | None = None,
    number: str = "",
    by_phone: bool = True,
) -> Booking:
    """The customer agreed to another time, in one step: the call, the move, the message (CNF-07, CHG-09). As `change`."""
    proof = following.PERSON
    if by_phone:
        proof = f"call:{_enter(booking, 'rebooked', number, reason, actor, now).pk}"
    _made_calls(booking, CALLS, proof, actor, now, SkipCause.REBOOKED)
    return change(
        booking=booking, starts_at=starts_at, labour_ids=labour_ids, reason=reason, actor=actor, now=now
    )


@operation(P.CHANGE)
def cancel_by_phone(*, booking: Booking, reason: str, actor: Actor, now: datetime, number: str = "") -> None:
    """The customer does not come any more, as he said on the telephone. As `cancel`."""
    if not reason.strip():
        raise OperationRefused(_("请写明取消的原因"), field="reason")
    call = _enter(booking, "cancelled", number, reason, actor, now)
    _made_calls(booking, CALLS, f"call:{call.pk}", actor, now, SkipCause.CANCELLED)
    cancel(booking=booking, reason=reason, actor=actor, now=now)


@operation(P.BOOK)
def not_reached(
    *, booking: Booking, actor: Actor, now: datetime, number: str = "", note: str = ""
) -> datetime:
    """Nobody answered: the call is entered and comes back; when."""
    _enter(booking, "no_answer", number, note, actor, now)
    again = _next_try(booking, now)
    for touch in _open_calls(booking, CALLS):
        task = CallTask.objects.filter(pk=touch.task_id or 0, status=TaskStatus.OPEN).first()
        if task is not None:
            worklist.postpone(task=task, ready_at=again, actor=actor.by_rule(), now=now)
    return again


@operation(P.BOOK)
def done_by_person(*, touch: Touch, actor: Actor, now: datetime, note: str = "") -> None:
    """Somebody did what no system sees, such as the sales advisor's own text (PRE-19). Raises TransitionRefused."""
    following.settle(touch, proof=following.PERSON, actor=actor, now=now, note=note)


def _still_promised(booking: Booking) -> None:
    booking.refresh_from_db(fields=["status"])
    if booking.status not in PROMISED:
        label = BookingStatus(booking.status).label
        raise TransitionRefused(_("预约现在是“{status}”,不能确认。").format(status=label))


def _enter(booking: Booking, code: str, number: str, note: str, actor: Actor, now: datetime) -> Call:
    """The call in the register (CAL-16). It is about the customer's own booking: no rule against calling stops it."""
    phones = booking.customer.phones.filter(is_wrong=False).order_by("-is_primary", "pk")
    call: Call = contacts.record_call(
        dealer=booking.dealer, customer=booking.customer, car=booking.car,
        number=number or phones.values_list("number", flat=True).first() or "", direction=Direction.OUT,
        started_at=now, note=f"{booking.number} {note}".strip(), outcome=_outcome(code), actor=actor.by_rule(),
        now=now, asked_for=True,
    )  # fmt: skip
    return call


def _outcome(code: str) -> OutcomeCode | None:
    """The register's own code for what came of a call about a booking, if the store has one."""
    wanted = {"no_answer": ("no_answer",), "cancelled": ("refused", "declined")}.get(code, ("booked",))
    return OutcomeCode.objects.filter(code__in=wanted, is_active=True).order_by("dealer").first()


def _next_try(booking: Booking, now: datetime) -> datetime:
    rules, again = rules_of(booking.dealer, now), now + _AGAIN
    while why_quiet(rules, again):
        again += timedelta(minutes=15)
    return again


def _open_calls(booking: Booking, kinds: Sequence[str]) -> list[Touch]:
    rows = Touch.objects.filter(booking=booking, kind__in=kinds)
    return list(rows.filter(status__in=(TouchStatus.PLANNED, TouchStatus.ASKED)).order_by("pk"))


def _made_calls(
    booking: Booking, kinds: Sequence[str], proof: str, actor: Actor, now: datetime, cause: SkipCause
) -> None:
    """The calls of a booking that this one answers: done with the proof, their tasks ended."""
    for touch in _open_calls(booking, kinds):
        if touch.task_id:
            following.close_call(touch.task_id, actor=actor, now=now, reason=str(cause.label), is_done=True)
        following.settle(touch, proof=proof, actor=actor, now=now)
