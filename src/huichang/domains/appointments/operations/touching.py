"""Carrying out the touches whose time has come; each in its own transaction, so that a killed worker repeats nothing."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments import following, telling
from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.models import (
    PROMISED,
    BlockKind,
    Booking,
    BookingBlock,
    BookingStatus,
    Preparation,
    SkipCause,
    Touch,
    TouchKind,
    TouchStatus,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.contacts.models import Call
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.operations import operation
from huichang.kernel.worktime import local_date

_CAUSES = {
    BookingStatus.ARRIVED: SkipCause.ARRIVED,
    BookingStatus.NO_SHOW: SkipCause.NO_SHOW,
    BookingStatus.CANCELLED: SkipCause.CANCELLED,
}


@operation(P.PREPARE)
def make_touch(*, touch_id: int, actor: Actor, now: datetime) -> bool:
    """Make one planned touch whose time has come; False when another worker has it or it is not planned any more.

    The message is queued (the task opened) in the transaction that says so: killed before the commit, neither happened.
    """
    rows = Touch.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        pk=touch_id, status=TouchStatus.PLANNED, planned_at__lte=now
    )
    touch = rows.select_related("booking__dealer", "booking__customer", "booking__car__vehicle").first()
    if touch is None:
        return False
    cause = _obsolete(touch, now)
    if cause:
        also = {"cause": cause, "settled_at": now}
        move(touch, TouchStatus.SKIPPED, actor=actor, now=now, also=also)
    elif touch.kind == TouchKind.CONFIRM_CALL:
        subject = _confirm_subject(touch.booking)
        until = touch.booking.starts_at
        following.open_call(touch, subject=subject, until=until, actor=actor, now=now)
    elif touch.kind == TouchKind.SALES_NAMES:
        move(touch, TouchStatus.ASKED, actor=actor, now=now)
        _ask_seller(touch.booking, actor=actor, now=now)
    else:
        telling.send(touch, actor=actor, now=now)
        if touch.kind == TouchKind.ONE_HOUR:
            _ask_advisor(touch.booking, actor=actor, now=now)
    return True


def _ask_advisor(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Where the store wants it the advisor reminds the customer in person and hears that he comes (CNF-09)."""
    if not policy(rules.ADVISOR_REMINDS, booking.dealer, local_date(now)):
        return
    advisor = BookingBlock.objects.filter(booking=booking, kind=BlockKind.RECEPTION, is_active=True)
    text = _("{plate} {customer} {time} 到店:请提醒并确认").format(
        plate=booking.car.plate, customer=booking.customer.name, time=telling.spoken(booking.arrive_at)
    )
    worklist.ask(
        dealer=booking.dealer, kind=following.REMIND, reference=booking.number, target_id=booking.pk, text=text,
        needs=P.ARRIVE, assigned_to_id=advisor.values_list("staff__user_id", flat=True).first(), by_hand=True,
        due_at=booking.arrive_at, actor=actor.by_rule(), now=now,
    )  # fmt: skip


def _ask_seller(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Whoever sold the car writes to the customer who receives and repairs it tomorrow (PRE-19)."""
    names = telling.values_of(booking)
    text = _("{plate} {customer} 明天首保:请告知服务顾问 {advisor}、技师 {technician}").format(
        plate=booking.car.plate,
        customer=booking.customer.name,
        advisor=names["advisor"],
        technician=names["technician"],
    )
    following.ask_seller(booking, following.SALES_TEXT, text, by_hand=False, actor=actor, now=now)


def _obsolete(touch: Touch, now: datetime) -> str:
    booking = touch.booking
    if booking.status not in PROMISED:
        return _CAUSES.get(BookingStatus(booking.status), SkipCause.CANCELLED)
    if touch.round != booking.times_moved:
        return SkipCause.MOVED
    if now >= booking.arrive_at:
        return SkipCause.TOO_LATE
    said = Preparation.objects.filter(booking=booking).first()
    if said and said.parts_expected_date:  # nobody is told "see you tomorrow" after "the part is late"
        return SkipCause.IN_DOUBT
    if touch.kind == TouchKind.CONFIRM_CALL and said and said.confirmed_at:
        return SkipCause.CONFIRMED
    return ""


def _confirm_subject(booking: Booking) -> str:
    return _("确认预约 {number}:{time} 到店").format(
        number=booking.number, time=telling.spoken(booking.arrive_at)
    )


@operation(P.PREPARE)
def follow_calls(*, dealer: Dealer, actor: Actor, now: datetime) -> int:
    """Settle the calls that were made or called off at the call desk: done with the call, or skipped. How many."""
    rows = Touch.objects.filter(dealer=dealer, status=TouchStatus.ASKED, task_id__isnull=False)
    tasks = CallTask.objects.exclude(status=TaskStatus.OPEN).in_bulk([row.task_id for row in rows])
    calls = dict(
        Call.objects.filter(task_id__in=tasks, dealer=dealer).order_by("pk").values_list("task_id", "pk")
    )
    ended = [row for row in rows if row.task_id in tasks]
    for touch in ended:
        call = calls.get(touch.task_id)
        if call is not None:
            following.settle(touch, proof=f"call:{call}", actor=actor, now=now)
        else:
            also = {"cause": SkipCause.CANCELLED, "settled_at": now}
            move(touch, TouchStatus.SKIPPED, actor=actor, now=now, also=also)
    return len(ended)


@operation(P.PREPARE)
def heed_refusal(*, customer_id: int, actor: Actor, now: datetime) -> int:
    """Call off the open calls to a customer who no longer wants to be called about bookings. How many."""
    rows = Touch.objects.filter(
        booking__customer_id=customer_id, status=TouchStatus.ASKED, task_id__isnull=False
    )
    ended = 0
    for touch in rows.select_related("booking"):
        if not following.may_be_called(touch.booking):
            following.close_call(
                touch.task_id or 0, actor=actor, now=now, reason=str(SkipCause.SUPPRESSED.label)
            )
            also = {"cause": SkipCause.SUPPRESSED, "settled_at": now}
            move(touch, TouchStatus.SKIPPED, actor=actor, now=now, also=also)
            ended += 1
    return ended


@operation(P.PREPARE)
def leave_to_outreach(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """Call off the call about a missed visit: the customer is called about its reasons anyway, once is enough."""
    following.skip_touches(
        booking, SkipCause.IN_OUTREACH, kinds=(TouchKind.NO_SHOW_CALL,), actor=actor, now=now
    )


@operation(P.PREPARE)
def message_arrived(*, touch: Touch, message_id: int, actor: Actor, now: datetime) -> None:
    """The message of a touch reached the customer; the message is the proof. Also after we gave up."""
    following.settle(touch, proof=f"message:{message_id}", actor=actor, now=now)


@operation(P.PREPARE)
def message_failed(*, touch: Touch, actor: Actor, now: datetime) -> None:
    """No channel reached the customer; the worklist has a call for it."""
    if touch.status == TouchStatus.ASKED:
        also = {"settled_at": now, "note": _("所有方式都没有送达,已转电话任务")}
        move(touch, TouchStatus.FAILED, actor=actor, now=now, also=also)
