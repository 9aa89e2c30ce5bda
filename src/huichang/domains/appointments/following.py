"""What follows from a booking by rule, in its transaction: papers, parts, touches, messages; and their reversal.

These steps are done in the name of the person who books or cancels but by the system's right (docs/adr/0018): who may
cancel a booking need not be allowed to move parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments import papers, quoting, telling, touching
from huichang.domains.appointments.models import (
    Booking,
    DocumentKind,
    DocumentStatus,
    Preparation,
    SkipCause,
    Touch,
    TouchKind,
    TouchStatus,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.policies_keeping import FOR_ESTIMATES
from huichang.domains.catalog.models import StaffMember
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.queries import is_allowed, standing_opt_outs
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import operations as parts
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.money import yuan
from huichang.kernel.worktime import local_date

SOURCE = "appointments.touch"  # of the call tasks
PERSON = "person"  # proof of what somebody did at the store
# Kinds of to-dos: print again; tell who it is now; the sales advisor's own text; receive the customer together.
PAPERS, NAMES = "appointments.papers", "appointments.names"
SALES_TEXT, RECEIVE = "appointments.sales_text", "appointments.receive"
REMIND = "appointments.remind"  # the advisor reminds the customer an hour before
DEPOSIT = "appointments.deposit"
_GIVE_BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What papers and touches are made from and no other booking changes: read before the day of a booking is locked."""

    calendar: calendars.Calendar
    values: Mapping[str, Any]
    basis: quoting.Basis


def read_ahead(dealer: Dealer, labour_ids: Sequence[int], starts_at: datetime, now: datetime) -> Ahead:
    """The store's days and numbers, the jobs and their parts; three queries."""
    calendar, values = touching.days_and_values(dealer, local_date(starts_at), now, also=FOR_ESTIMATES)
    return Ahead(calendar, values, quoting.basis(dealer, labour_ids))


def begin(booking: Booking, ahead: Ahead, *, actor: Actor, now: datetime) -> None:
    """A booking is made: prepare it, plan its touches, tell the customer. `book` calls it once."""
    steps = touching.steps(booking, ahead.calendar, ahead.values, now)
    quote = quoting.sum_up(
        ahead.basis, ahead.values, percent=booking.discount_percent, ends_at=booking.ends_at
    )
    fresh = touching.is_fresh(steps)
    booking.preparation = Preparation.objects.create(
        dealer_id=booking.dealer_id, booking=booking, deposit_amount=quote.deposit_amount,
        confirmed_at=now if fresh else None, confirmed_by=actor.name[:40] if fresh else "",
    )  # fmt: skip
    papers.write_first_estimate(booking, quote)
    papers.make(booking, takes_parts=bool(quote.parts), now=now)
    _reserve(booking, quote.parts, actor=actor, now=now)
    received = touching.Step(TouchKind.RECEIVED, now)
    *_planned, touch = _plan(booking, [*steps, received], now)
    telling.send(touch, actor=actor.by_rule(), now=now)


def begin_again(booking: Booking, *, jobs_changed: bool, actor: Actor, now: datetime, reason: str) -> None:
    """A booking was moved: its papers, parts and touches follow to the new time, and the customer is told."""
    skip_touches(booking, SkipCause.MOVED, actor=actor, now=now, before_round=booking.times_moved)
    steps = touching.plan(booking, now)
    fresh = touching.is_fresh(steps)
    preparation, _made = Preparation.objects.get_or_create(
        booking=booking, defaults={"dealer_id": booking.dealer_id}
    )
    preparation.confirmed_at = now if fresh else None
    preparation.confirmed_by = actor.name[:40] if fresh else ""
    preparation.technician_agreed_at, preparation.technician_agreed_by = None, ""
    preparation.parts_expected_date = None
    _renew_estimate(booking, preparation, jobs_changed=jobs_changed, now=now)
    preparation.save()
    booking.preparation = preparation
    printed = papers.printed(booking, DocumentKind)
    papers.end(booking, DocumentStatus.REPLACED, actor=actor, now=now, reason=reason)
    needed = papers.shop_parts(booking)
    papers.make(booking, takes_parts=bool(needed), now=now)
    call_off_to_dos(booking, actor=actor, now=now)
    ask_for_papers(booking, printed, why=reason, actor=actor, now=now)
    _reserve(booking, needed, actor=actor, now=now)
    _plan(booking, steps, now)
    tell(booking, TouchKind.CHANGED, actor=actor, now=now, reason=reason)


def undo(booking: Booking, *, actor: Actor, now: datetime, cause: SkipCause, reason: str) -> None:
    """One-touch reversal: papers void, parts free and the basket to be put back, touches and calls called off."""
    papers.end(booking, DocumentStatus.CANCELLED, actor=actor, now=now, reason=reason)
    parts.release(
        dealer=booking.dealer, reference=booking.number, reason=reason, actor=actor.by_rule(), now=now
    )
    skip_touches(booking, cause, actor=actor, now=now)
    call_off_to_dos(booking, actor=actor, now=now)
    _ask_for_deposit(booking, actor=actor, now=now)


def _ask_for_deposit(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """The store holds money for a visit that will not be: somebody gives it back or keeps it for the next one."""
    said = Preparation.objects.filter(booking=booking).first()
    if said is None or not said.deposit_held:
        return
    text = _("{plate} 预约没有了,定金 {amount} 元要退给客户或转到新预约").format(
        plate=booking.car.plate, amount=said.deposit_held
    )
    worklist.ask(
        dealer=booking.dealer, kind=DEPOSIT, reference=booking.number, target_id=booking.pk, text=text, needs=P.PREPARE,
        due_at=now + _GIVE_BACK, actor=actor.by_rule(), now=now,
    )  # fmt: skip


def ask_for_papers(
    booking: Booking, kinds: Sequence[DocumentKind], *, why: str, actor: Actor, now: datetime
) -> None:
    """Papers that were printed are void: whoever prepares visits prints them again."""
    if not kinds:
        return
    names = "、".join(str(kind.label) for kind in kinds)
    text = _("{plate} {papers}已作废,请重打:{why}").format(plate=booking.car.plate, papers=names, why=why)
    worklist.ask(
        dealer=booking.dealer, kind=PAPERS, reference=booking.number, target_id=booking.pk, text=text,
        needs=P.PREPARE, due_at=booking.arrive_at, actor=actor.by_rule(), now=now,
    )  # fmt: skip


def call_off_to_dos(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """What somebody was to do for the visit as it stood is not wanted any more."""
    for kind in (PAPERS, NAMES, SALES_TEXT, RECEIVE, REMIND):
        worklist.call_off(
            dealer=booking.dealer, kind=kind, reference=booking.number, actor=actor.by_rule(), now=now
        )


def _quote(booking: Booking, now: datetime) -> quoting.Quote:
    labour = list(booking.items.order_by("pk").values_list("labour_id", flat=True))
    return quoting.quote(
        booking.dealer, labour, now=now, ends_at=booking.ends_at, discount_percent=booking.discount_percent
    )


def _renew_estimate(booking: Booking, preparation: Preparation, *, jobs_changed: bool, now: datetime) -> None:
    """The estimate of other jobs is new; of the same jobs only discount and promise follow the new time."""
    estimate = getattr(booking, "estimate", None)
    if jobs_changed or estimate is None:
        quote = _quote(booking, now)
        papers.write_estimate(booking, quote)
        preparation.deposit_amount = quote.deposit_amount
        return
    estimate.discount_percent = booking.discount_percent
    estimate.discount_amount = yuan(estimate.labour_amount * booking.discount_percent / 100)
    estimate.total_amount = (
        estimate.labour_amount - estimate.discount_amount + estimate.parts_amount + estimate.risk_amount
    )
    estimate.promised_at = quoting.promise(booking.ends_at, quoting.values_of(booking.dealer, now))
    estimate.save()


def _reserve(booking: Booking, lines: Sequence[tuple[int, Decimal]], *, actor: Actor, now: datetime) -> None:
    """State the whole of what the visit needs from the shop; also when that is nothing any more."""
    parts.reserve(
        dealer=booking.dealer, reference=booking.number, need_date=local_date(booking.starts_at),
        lines=lines, plate=booking.car.plate, actor=actor.by_rule(), now=now,
    )  # fmt: skip


def _plan(booking: Booking, steps: Iterable[touching.Step], now: datetime) -> list[Touch]:
    return Touch.objects.bulk_create(touching.rows(booking, list(steps), now))


def tell(
    booking: Booking, kind: TouchKind, *, actor: Actor, now: datetime, reason: str = "",
    extra: Mapping[str, str] | None = None,
) -> Touch:  # fmt: skip
    """A touch that is made at once: the same one twice in a round is one row and one message."""
    touch, made = Touch.objects.get_or_create(
        booking=booking, kind=kind, round=booking.times_moved,
        defaults={"dealer_id": booking.dealer_id, "planned_at": now},
    )  # fmt: skip
    if made:
        touch.booking = booking
        telling.send(touch, actor=actor.by_rule(), now=now, reason=reason, extra=extra)
    return touch


def call(
    booking: Booking, kind: TouchKind, *, subject: str, actor: Actor, now: datetime, until: datetime
) -> Touch:
    """A touch that somebody must make by telephone, now: opens its call task once a round."""
    touch, made = Touch.objects.get_or_create(
        booking=booking, kind=kind, round=booking.times_moved,
        defaults={"dealer_id": booking.dealer_id, "planned_at": now},
    )  # fmt: skip
    if made:
        touch.booking = booking
        open_call(touch, subject=subject, until=until, actor=actor, now=now)
    return touch


def open_call(touch: Touch, *, subject: str, until: datetime, actor: Actor, now: datetime) -> None:
    """Ask for the call of a planned touch; who refused to be called is not."""
    booking = touch.booking
    if not may_be_called(booking):
        also = {"cause": SkipCause.SUPPRESSED, "settled_at": now}
        move(touch, TouchStatus.SKIPPED, actor=actor, now=now, also=also)
        return
    task = worklist.open_task(
        dealer=booking.dealer, customer=booking.customer, car=booking.car, source=SOURCE, source_id=touch.pk,
        ready_at=now, last_safe_day=local_date(until), subject=subject, actor=actor.by_rule(), now=now,
    )  # fmt: skip
    move(touch, TouchStatus.ASKED, actor=actor, now=now, also={"task_id": task.pk})


def may_be_called(booking: Booking) -> bool:
    """Whether the customer lets us telephone about a booking of this car."""
    refusals = standing_opt_outs([booking.customer_id])
    return is_allowed(refusals, purpose="booking", car_id=booking.car_id)


def skip_touches(
    booking: Booking, cause: SkipCause, *, actor: Actor, now: datetime, before_round: int | None = None,
    kinds: Iterable[str] = (),
) -> None:  # fmt: skip
    """Call off what is planned or under way (of earlier rounds, or of some kinds) with its messages and call tasks."""
    rows = Touch.objects.filter(booking=booking, status__in=(TouchStatus.PLANNED, TouchStatus.ASKED))
    if before_round is not None:
        rows = rows.filter(round__lt=before_round)
    if kinds:
        rows = rows.filter(kind__in=tuple(kinds))
    for touch in rows:
        _call_off(touch, cause, actor=actor, now=now)


def _call_off(touch: Touch, cause: SkipCause, *, actor: Actor, now: datetime) -> None:
    if touch.message_key and touch.kind not in _ANSWERS:
        contacts.cancel_message(dealer=touch.dealer, key=touch.message_key, actor=actor.by_rule(), now=now)
    elif touch.message_key:
        return  # what was told of an act that happened stays told
    if touch.task_id:
        close_call(touch.task_id, actor=actor, now=now, reason=str(cause.label))
    also = {"cause": cause, "settled_at": now, "settled_by": actor.name[:40]}
    move(touch, TouchStatus.SKIPPED, actor=actor, now=now, also=also)


_ANSWERS = {TouchKind.RECEIVED, TouchKind.CHANGED, TouchKind.CANCELLED, TouchKind.CONFIRMED}


def close_call(task_id: int, *, actor: Actor, now: datetime, reason: str, is_done: bool = False) -> None:
    """End the call task of a touch if it is still open."""
    task = CallTask.objects.filter(pk=task_id, status=TaskStatus.OPEN).first()
    if task is None:
        return
    end = worklist.finish if is_done else worklist.cancel
    end(task=task, actor=actor.by_rule(), now=now, reason=reason)


def ask_seller(booking: Booking, kind: str, text: str, *, by_hand: bool, actor: Actor, now: datetime) -> None:
    """A to-do of whoever sold the car (PRE-19, CNF-11); nothing when the car names nobody who signs in here."""
    seller = StaffMember.objects.filter(
        dealer_id=booking.dealer_id, name=booking.car.sales_advisor_name, is_active=True, user__isnull=False
    )
    user_id = seller.values_list("user_id", flat=True).first() if booking.car.sales_advisor_name else None
    if user_id is not None:
        worklist.ask(
            dealer=booking.dealer,
            kind=kind,
            reference=booking.number,
            target_id=booking.pk,
            text=text,
            needs=P.BOOK,
            assigned_to_id=user_id,
            by_hand=by_hand,
            due_at=booking.arrive_at,
            actor=actor.by_rule(),
            now=now,
        )


def settle(touch: Touch, *, proof: str, actor: Actor, now: datetime, note: str = "") -> None:
    """A touch was made: `proof` says what shows it."""
    if touch.kind == TouchKind.SALES_NAMES:
        worklist.settle(
            dealer=touch.dealer,
            kind=SALES_TEXT,
            reference=touch.booking.number,
            actor=actor.by_rule(),
            now=now,
        )
    also = {"proof": proof, "settled_at": now, "settled_by": actor.name[:40], "note": note[:200]}
    move(touch, TouchStatus.DONE, actor=actor, now=now, also=also)


def estimate_changed(booking: Booking, *, actor: Actor, now: datetime) -> None:
    """An estimate was written anew: the parts it names are reserved, the papers it stands on are replaced."""
    reason = str(DocumentKind.ESTIMATE.label)
    needed = papers.shop_parts(booking)
    papers.end(booking, DocumentStatus.REPLACED, actor=actor, now=now, reason=reason)
    papers.make(booking, takes_parts=bool(needed), now=now)
    _reserve(booking, needed, actor=actor, now=now)
