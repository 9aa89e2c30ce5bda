"""What becomes of a promised booking: moved, cancelled, kept, not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments import following, policies
from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.events import Arrived, BookingCancelled, BookingChanged, BookingMissed
from huichang.domains.appointments.models import (
    PROMISED,
    Booking,
    BookingStatus,
    SkipCause,
    Touch,
    TouchKind,
    TouchStatus,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.taking import Wish, columns_of, give_back, plan_of, set_aside
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import TransitionRefused, move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

_CALL_BACK = timedelta(days=3)  # a customer who did not come is called within these


@operation(P.CHANGE)
def change(
    *,
    booking: Booking,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    reason: str = "",
    labour_ids: Sequence[int] | None = None,
    priority: str | None = None,
    advisor_id: int | None = None,
    note: str | None = None,
    override_reason: str = "",
    bay_id: int | None = None,
    technician_id: int | None = None,
) -> Booking:
    """Move a promised booking to another start, or give it other jobs; it keeps its number. Publishes BookingChanged.

    It is tentative again: papers, parts and people follow to the new time, the customer is told why (PRM-03, CHG-02).
    `advisor_id`, `bay_id` and `technician_id` insist on one; `override_reason` passes over what is only counted.
    Raises OperationRefused without a reason, SlotTaken, and then nothing has changed; TransitionRefused when it is no
    longer promised. Only another note is no move: it needs no reason and the customer hears nothing.
    """
    jobs = list(booking.items.order_by("pk").values_list("labour_id", flat=True))
    wanted = tuple(labour_ids) if labour_ids is not None else tuple(jobs)
    keeps = starts_at == booking.starts_at and set(wanted) == set(jobs)
    if keeps and priority in {None, booking.priority} and not advisor_id and note is not None:
        return _rewrite(booking, note)
    if not reason.strip():
        raise OperationRefused(_("请写明改期的原因"), field="reason")
    wish = Wish(
        booking.dealer, wanted, starts_at, now, booking.priority if priority is None else priority,
        booking.is_first_service, advisor_id, ignore=booking, channel=booking.source, waits=booking.waits,
        override_reason=override_reason.strip(), bay_id=bay_id, technician_id=technician_id,
    )  # fmt: skip
    if wish.priority != booking.priority:
        booking.priority_reason = reason.strip()[:200] if wish.priority else ""
    return _move(booking, wish, jobs_changed=set(wanted) != set(jobs), note=note, reason=reason, actor=actor)


def _rewrite(booking: Booking, note: str) -> Booking:
    if booking.status not in PROMISED:
        raise TransitionRefused(_("只有还没到店的预约可以改期。"))
    booking.note = note
    booking.save(update_fields=["note"])
    return booking


@operation(P.CHANGE_OWN)
def change_own(
    *, booking: Booking, starts_at: datetime, actor: Actor, now: datetime, reason: str = ""
) -> Booking:
    """The owner moves the own booking; the caller has checked that it is the owner's. As `change`.

    Refused too often or too shortly before the visit: then the store is to be called (CHG-01).
    """
    _may_still(booking, now)
    most = policy(rules.OWN_CHANGES, booking.dealer, local_date(now))
    if booking.times_moved >= most:
        raise OperationRefused(
            _("这个预约已经改过 {count} 次。请致电门店。").format(count=booking.times_moved)
        )
    jobs = tuple(booking.items.order_by("pk").values_list("labour_id", flat=True))
    wish = Wish(
        booking.dealer, jobs, starts_at, now, booking.priority, booking.is_first_service, ignore=booking,
        channel=booking.source, waits=booking.waits,
    )  # fmt: skip
    reason = reason.strip() or _("车主改期")
    return _move(booking, wish, jobs_changed=False, note=None, reason=reason, actor=actor)


def _may_still(booking: Booking, now: datetime) -> None:
    hours = policy(rules.OWN_NOTICE, booking.dealer, local_date(now))
    if now > booking.arrive_at - timedelta(hours=hours):
        raise OperationRefused(_("离约定时间不到 {hours} 小时。请致电门店。").format(hours=hours))


def _move(
    booking: Booking, wish: Wish, *, jobs_changed: bool, note: str | None, reason: str, actor: Actor
) -> Booking:
    if booking.status not in PROMISED:
        raise TransitionRefused(_("只有还没到店的预约可以改期。"))
    plan, search = plan_of(wish, actor)
    columns = {**columns_of(plan, search, wish), "status": BookingStatus.TENTATIVE}
    columns["times_moved"] = booking.times_moved + 1
    columns["priority_reason"] = booking.priority_reason
    if note is not None:
        columns["note"] = note
    freed_at, now = booking.starts_at, wish.now
    _compare_and_set(booking, columns, actor=actor, now=now, reason=reason)
    booking.blocks.all().delete()
    booking.items.all().delete()
    set_aside(booking, plan, search, wish, actor)
    following.begin_again(booking, jobs_changed=jobs_changed, actor=actor, now=now, reason=reason)
    publish(
        BookingChanged(
            dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id, freed_at=freed_at
        )
    )
    return booking


def _compare_and_set(
    booking: Booking, columns: dict[str, Any], *, actor: Actor, now: datetime, reason: str
) -> None:
    """Write the columns if the booking is still as it was read: nobody moved it since. Raises TransitionRefused."""
    before, moved = booking.status, columns["times_moved"] - 1
    as_read = Booking.objects.filter(
        pk=booking.pk, status=before, starts_at=booking.starts_at, times_moved=moved
    )
    if not as_read.update(**columns):
        raise TransitionRefused(_("别人刚刚改了这个预约。请刷新后再试,您输入的内容还在。"))
    for name, value in columns.items():
        setattr(booking, name, value)
    record(booking, before=before, after=booking.status, actor=actor, now=now, reason=reason)


@operation(P.CHANGE)
def cancel(*, booking: Booking, actor: Actor, now: datetime, reason: str) -> None:
    """Cancel a promise with everything that was made for it; the record stays (D-36). Publishes BookingCancelled.

    One transaction: time and parts are free, the basket waits to be put back, papers are void, touches and calls are
    called off, the customer is told. Raises OperationRefused without a reason (CHG-03).
    """
    if not reason.strip():
        raise OperationRefused(_("请写明取消的原因"), field="reason")
    _keep_still(booking)
    _cancel(booking, actor=actor, now=now, reason=reason.strip())


@operation(P.CHANGE_OWN)
def cancel_own(*, booking: Booking, actor: Actor, now: datetime, reason: str) -> None:
    """The owner cancels the own booking, with a reason (CHG-03); see `change_own` and `cancel`."""
    if not reason.strip():
        raise OperationRefused(_("请写明取消的原因"), field="reason")
    _keep_still(booking)
    _may_still(booking, now)
    _cancel(booking, actor=actor, now=now, reason=reason.strip())


def _keep_still(booking: Booking) -> None:
    """Wait for a change under way and take the booking as it stands: the time told is the one agreed last."""
    booking.refresh_from_db(
        fields=["status", "arrive_at", "starts_at", "ends_at", "times_moved"],
        from_queryset=Booking.objects.select_for_update(of=("self",)),
    )


def _cancel(booking: Booking, *, actor: Actor, now: datetime, reason: str) -> None:
    was_promised = booking.status in PROMISED
    give_back(booking, BookingStatus.CANCELLED, actor=actor, now=now, reason=reason)
    if was_promised:
        following.undo(booking, actor=actor, now=now, cause=SkipCause.CANCELLED, reason=reason)
        following.tell(booking, TouchKind.CANCELLED, actor=actor, now=now, reason=reason)
    publish(BookingCancelled(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


@operation(P.ARRIVE)
def arrive(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """The customer is here: also after a no-show, whose bay may have been given away. Publishes Arrived."""
    move(booking, BookingStatus.ARRIVED, actor=actor, now=now)
    expected = Touch.objects.filter(booking=booking, kind=TouchKind.ARRIVAL, status=TouchStatus.PLANNED)
    for touch in expected:
        following.settle(touch, proof=following.PERSON, actor=actor, now=now)
    following.skip_touches(booking, SkipCause.ARRIVED, actor=actor, now=now)
    following.call_off_to_dos(booking, actor=actor, now=now)
    publish(Arrived(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


@operation(P.ARRIVE)
def mark_no_show(*, booking: Booking, actor: Actor, now: datetime, reason: str = "") -> None:
    """The customer did not come; what was kept is free again. Publishes BookingCancelled and BookingMissed.

    Refused until the policy's minutes after the agreed arrival. The customer gets a message and a call to book again.
    Raises TransitionRefused when the booking is not as it was read any more: it may have another time by now.
    """
    today = local_date(now)
    read = (booking.status, booking.times_moved)
    _keep_still(booking)
    if (booking.status, booking.times_moved) != read:
        raise TransitionRefused(_("别人刚刚改了这个预约。请刷新后再试,您输入的内容还在。"))
    minutes = policy(policies.NO_SHOW_AFTER, booking.dealer, today)
    if now < booking.arrive_at + timedelta(minutes=minutes):
        raise OperationRefused(_("约定到店时间过后 {minutes} 分钟才能记为爽约").format(minutes=minutes))
    give_back(booking, BookingStatus.NO_SHOW, actor=actor, now=now, reason=reason)
    following.undo(booking, actor=actor, now=now, cause=SkipCause.NO_SHOW, reason=reason or _("爽约"))
    if policy(rules.NO_SHOW_MESSAGE, booking.dealer, today):
        following.tell(booking, TouchKind.NO_SHOW_MESSAGE, actor=actor, now=now)
    if policy(rules.NO_SHOW_CALL, booking.dealer, today):
        subject = _("爽约回访:问明原因,重新预约({number})").format(number=booking.number)
        following.call(
            booking, TouchKind.NO_SHOW_CALL, subject=subject, until=now + _CALL_BACK, actor=actor, now=now
        )
    ids = {"dealer_id": booking.dealer_id, "booking_id": booking.pk, "car_id": booking.car_id}
    publish(BookingCancelled(**ids))
    publish(BookingMissed(**ids))
