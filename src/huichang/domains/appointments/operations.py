"""Holding, booking, moving, cancelling, arriving: the writes.

Every write that takes time first locks the days it touches (`batch.lock_day`), releases what has expired there and
plans on facts read after the lock. The exclusion constraints stand behind it for whatever goes round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments import batch, policies
from huichang.domains.appointments.events import Arrived, Booked, BookingCancelled
from huichang.domains.appointments.models import (
    PROMISED,
    Booking,
    BookingBand,
    BookingBlock,
    BookingStatus,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.taking import SlotTaken, Wish, columns_of, plan_of, set_aside, take
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import TransitionRefused, move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

__all__ = [
    "SlotTaken", "arrive", "book", "cancel", "change", "expire_holds", "extend_hold", "hold", "mark_no_show", "release",
    "remove_band", "save_band",
]  # fmt: skip


@operation(P.BOOK)
def hold(
    *,
    dealer: Dealer,
    car: Car,
    customer: Customer,
    labour_ids: Sequence[int],
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    priority: str = "",
    first_service: bool = False,
    advisor_id: int | None = None,
    source: str = "desk",
    note: str = "",
    replaces: Booking | None = None,
) -> Booking:
    """Keep a slot while the agent talks; after the policy's minutes it blocks nobody.

    `replaces` is the caller's earlier hold: it is given back first. Raises SlotTaken.
    """
    if (
        replaces is not None
        and replaces.status == BookingStatus.HELD
        and replaces.created_by_id == actor.user_id
    ):
        _give_back(replaces, BookingStatus.CANCELLED, actor=actor, now=now)
    wish = Wish(dealer, tuple(labour_ids), starts_at, now, priority, first_service, advisor_id)
    until = now + timedelta(minutes=policy(policies.HOLD, dealer, local_date(now)))
    return take(
        wish, BookingStatus.HELD, actor=actor,
        columns={"car": car, "customer": customer, "source": source, "note": note, "hold_until": until},
    )  # fmt: skip


@operation(P.BOOK)
def extend_hold(*, booking: Booking, actor: Actor, now: datetime) -> Booking:
    """Give the agent the policy's minutes again, from now. Raises TransitionRefused when the hold is over."""
    until = now + timedelta(minutes=policy(policies.HOLD, booking.dealer, local_date(now)))
    extended = Booking.objects.filter(pk=booking.pk, status=BookingStatus.HELD, hold_until__gt=now)
    if not extended.update(hold_until=until):
        raise TransitionRefused(_("暂留已经过期。请重新选择时段。"))
    booking.hold_until = until
    return booking


@operation(P.BOOK)
def book(
    *,
    dealer: Dealer,
    car: Car,
    customer: Customer,
    labour_ids: Sequence[int],
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    hold: Booking | None = None,
    priority: str = "",
    first_service: bool = False,
    advisor_id: int | None = None,
    source: str = "desk",
    note: str = "",
    drop_off_name: str = "",
    drop_off_phone: str = "",
) -> Booking:
    """Promise a slot to a customer: tentative. Publishes Booked.

    A `hold` in force for this start and these jobs becomes the booking, with the bay and people it kept; an expired
    one is taken afresh when the slot is still free. Raises SlotTaken.
    """
    details = {"note": note, "drop_off_name": drop_off_name, "drop_off_phone": drop_off_phone}
    wish = Wish(dealer, tuple(labour_ids), starts_at, now, priority, first_service, advisor_id)
    if hold is not None:
        if _still_holds(hold, wish, car, customer):
            move(hold, BookingStatus.TENTATIVE, actor=actor, now=now, also={**details, "hold_until": None})
            publish(Booked(dealer_id=dealer.pk, booking_id=hold.pk, car_id=hold.car_id))
            return hold
        _drop(hold, actor=actor, now=now)
    booking = take(
        wish, BookingStatus.TENTATIVE, actor=actor,
        columns={"car": car, "customer": customer, "source": source, **details},
    )  # fmt: skip
    publish(Booked(dealer_id=dealer.pk, booking_id=booking.pk, car_id=booking.car_id))
    return booking


@operation(P.BOOK)
def release(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """Give a hold back before it expires. A hold that is over already changes nothing."""
    booking.refresh_from_db(fields=["status"])
    if booking.status == BookingStatus.HELD:
        _give_back(booking, BookingStatus.CANCELLED, actor=actor, now=now)


@operation(P.CHANGE)
def change(
    *,
    booking: Booking,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    labour_ids: Sequence[int] | None = None,
    priority: str | None = None,
    advisor_id: int | None = None,
    note: str | None = None,
    reason: str = "",
) -> Booking:
    """Move a promised booking to another start, or give it other jobs; it keeps its number. Publishes Booked.

    A confirmed or prepared booking is tentative again: its parts and people were prepared for the old time. Raises
    SlotTaken, and then nothing has changed; TransitionRefused when it is no longer promised.
    """
    if booking.status not in PROMISED:
        raise TransitionRefused(_("只有还没到店的预约可以改期。"))
    wish = Wish(
        booking.dealer,
        tuple(labour_ids)
        if labour_ids is not None
        else tuple(booking.items.values_list("labour_id", flat=True)),
        starts_at,
        now,
        booking.priority if priority is None else priority,
        booking.is_first_service,
        advisor_id,
        ignore=booking,
    )
    plan, search = plan_of(wish, actor)
    columns = columns_of(plan, search, wish)
    if note is not None:
        columns["note"] = note
    _compare_and_set(
        booking, {**columns, "status": BookingStatus.TENTATIVE}, actor=actor, now=now, reason=reason
    )
    booking.blocks.all().delete()
    booking.items.all().delete()
    set_aside(booking, plan, search, wish)
    publish(Booked(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))
    return booking


@operation(P.CHANGE)
def cancel(*, booking: Booking, actor: Actor, now: datetime, reason: str) -> None:
    """Cancel a promise; its time is free at once, its record stays (D-36). Publishes BookingCancelled."""
    if not reason.strip():
        raise OperationRefused(_("请写明取消的原因"), field="reason")
    _give_back(booking, BookingStatus.CANCELLED, actor=actor, now=now, reason=reason.strip())
    publish(BookingCancelled(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


@operation(P.ARRIVE)
def arrive(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """The customer is here: also after a no-show, whose bay may have been given away. Publishes Arrived."""
    move(booking, BookingStatus.ARRIVED, actor=actor, now=now)
    publish(Arrived(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


@operation(P.ARRIVE)
def mark_no_show(*, booking: Booking, actor: Actor, now: datetime, reason: str = "") -> None:
    """The customer did not come; the time is free again. Publishes BookingCancelled.

    Refused until the policy's minutes after the agreed arrival.
    """
    minutes = policy(policies.NO_SHOW_AFTER, booking.dealer, local_date(now))
    if now < booking.arrive_at + timedelta(minutes=minutes):
        raise OperationRefused(_("约定到店时间过后 {minutes} 分钟才能记为爽约").format(minutes=minutes))
    _give_back(booking, BookingStatus.NO_SHOW, actor=actor, now=now, reason=reason)
    publish(BookingCancelled(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


@operation(P.BOOK)
def expire_holds(*, dealer: Dealer, actor: Actor, now: datetime) -> int:
    """End every hold of a store whose time is over; the number ended."""
    far = timedelta(days=3650)
    return batch.expire_holds(dealer_id=dealer.pk, start=now - far, end=now + far, actor=actor, now=now)


@operation(P.EDIT_BANDS)
def save_band(*, band: BookingBand, actor: Actor) -> BookingBand:
    """Save a booking band, new or changed. Raises OperationRefused when it ends before it begins."""
    if band.ends_at <= band.starts_at:
        raise OperationRefused(_("结束时间要晚于开始时间"), field="ends_at")
    if band.is_peak and band.discount_percent:
        raise OperationRefused(_("高峰时段不接受预约,不能有优惠"), field="discount_percent")
    band.save()
    return band


@operation(P.EDIT_BANDS)
def remove_band(*, band: BookingBand, actor: Actor) -> None:
    """Let a time of day be ordinary again."""
    band.delete()


def _still_holds(hold: Booking, wish: Wish, car: Car, customer: Customer) -> bool:
    """Whether the hold is in force for exactly this wish. Locks its day first: see the module."""
    if hold.starts_at != wish.starts_at:
        return False
    batch.lock_day(dealer_id=wish.dealer.pk, day=local_date(hold.starts_at))
    hold.refresh_from_db()
    jobs = set(hold.items.values_list("labour_id", flat=True))
    return (
        hold.status == BookingStatus.HELD
        and hold.hold_until is not None
        and hold.hold_until > wish.now
        and (hold.car_id, hold.customer_id) == (car.pk, customer.pk)
        and hold.starts_at == wish.starts_at
        and jobs == set(wish.labour_ids)
    )


def _drop(hold: Booking, *, actor: Actor, now: datetime) -> None:
    """Give back a hold that does not become the booking, whatever became of it meanwhile."""
    if hold.status == BookingStatus.HELD:
        over = hold.hold_until is not None and hold.hold_until <= now
        _give_back(hold, BookingStatus.EXPIRED if over else BookingStatus.CANCELLED, actor=actor, now=now)


def _give_back(booking: Booking, to: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    move(booking, to, actor=actor, now=now, reason=reason)
    BookingBlock.objects.filter(booking=booking).update(is_active=False)


def _compare_and_set(
    booking: Booking, columns: dict[str, Any], *, actor: Actor, now: datetime, reason: str
) -> None:
    """Write the columns if the booking is still as it was read. Raises TransitionRefused."""
    before = booking.status
    as_read = Booking.objects.filter(pk=booking.pk, status=before, starts_at=booking.starts_at)
    if not as_read.update(**columns):
        raise TransitionRefused(_("别人刚刚改了这个预约。请刷新后再试,您输入的内容还在。"))
    for name, value in columns.items():
        setattr(booking, name, value)
    record(booking, before=before, after=booking.status, actor=actor, now=now, reason=reason or _("改期"))
