"""What becomes of a promised booking: moved, cancelled, kept, not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments import policies
from huichang.domains.appointments.events import Arrived, Booked, BookingCancelled
from huichang.domains.appointments.models import PROMISED, Booking, BookingStatus
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.taking import Wish, columns_of, give_back, plan_of, set_aside
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import TransitionRefused, move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


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
    give_back(booking, BookingStatus.CANCELLED, actor=actor, now=now, reason=reason.strip())
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
    give_back(booking, BookingStatus.NO_SHOW, actor=actor, now=now, reason=reason)
    publish(BookingCancelled(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


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
