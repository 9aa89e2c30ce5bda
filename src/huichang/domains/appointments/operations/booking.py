"""Holding and booking: the writes that take time.

Every write that takes time first locks the days it touches (`batch.lock_day`), releases what has expired there and
plans on facts read after the lock. What no other booking changes is read before it (`following.read_ahead`), what is
proposed instead of a refused slot is looked for after it. The exclusion constraints stand behind it for whatever goes round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.appointments import batch, following, policies
from huichang.domains.appointments.events import Booked
from huichang.domains.appointments.models import Booking, BookingStatus
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.taking import Wish, give_back, take
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import TransitionRefused, move
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


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
    waits: bool = False,
    ready_date: date | None = None,
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
        give_back(replaces, BookingStatus.CANCELLED, actor=actor, now=now)
    wish = Wish(
        dealer, tuple(labour_ids), starts_at, now, priority, first_service, advisor_id, channel=source, waits=waits,
        ready_date=ready_date,
    )  # fmt: skip
    until = now + timedelta(minutes=policy(policies.HOLD, dealer, local_date(now)))
    return take(
        wish, BookingStatus.HELD, actor=actor,
        columns={
            "car": car, "customer": customer, "source": source, "note": note, "waits": waits, "hold_until": until,
        },
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
    *, dealer: Dealer, car: Car, customer: Customer, labour_ids: Sequence[int], starts_at: datetime, actor: Actor,
    now: datetime, hold: Booking | None = None, priority: str = "", priority_reason: str = "",
    first_service: bool = False, advisor_id: int | None = None, source: str = "desk", is_invited: bool = False,
    note: str = "", drop_off_name: str = "", drop_off_phone: str = "", waits: bool = False, fault: str = "",
    special_needs: str = "", ready_date: date | None = None, override_reason: str = "",
) -> Booking:  # fmt: skip
    """Promise a slot to a customer: tentative, with its papers, parts, touches and message. Publishes Booked.

    A `hold` in force for this start and these jobs becomes the booking, with the bay and people it kept; an expired
    one is taken afresh when the slot is still free. `source` is the channel, `is_invited`: the store asked the customer
    to come (APT-16); `waits`: the customer stays at the store;
    `ready_date`: no start before the parts can be there; `override_reason` needs P.OVERBOOK. Raises SlotTaken, and
    OperationRefused for a priority seat without its `priority_reason`.
    """
    if priority and not priority_reason.strip():
        raise OperationRefused(_("请写明为什么用优先位"), field="priority_reason")
    details = {
        "priority_reason": priority_reason.strip()[:200] if priority else "",
        "note": note, "drop_off_name": drop_off_name, "drop_off_phone": drop_off_phone, "waits": waits,
        "fault": fault.strip()[:400], "is_invited": is_invited, "special_needs": special_needs.strip()[:200],
    }  # fmt: skip
    wish = Wish(
        dealer, tuple(labour_ids), starts_at, now, priority, first_service, advisor_id, channel=source, waits=waits,
        ready_date=ready_date, override_reason=override_reason.strip(),
    )  # fmt: skip
    ahead = following.read_ahead(dealer, labour_ids, starts_at, now)
    if hold is not None:
        if _still_holds(hold, wish, car, customer):
            also = {**details, "source": source, "hold_until": None}
            move(hold, BookingStatus.TENTATIVE, actor=actor, now=now, also=also)
            return _booked(hold, ahead, actor=actor, now=now)
        _drop(hold, actor=actor, now=now)
    booking = take(
        wish, BookingStatus.TENTATIVE, actor=actor,
        columns={"car": car, "customer": customer, "source": source, **details},
    )  # fmt: skip
    return _booked(booking, ahead, actor=actor, now=now)


@operation(P.BOOK)
def release(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """Give a hold back before it expires. A hold that is over already changes nothing."""
    booking.refresh_from_db(fields=["status"])
    if booking.status == BookingStatus.HELD:
        give_back(booking, BookingStatus.CANCELLED, actor=actor, now=now)


@operation(P.BOOK)
def expire_holds(*, dealer: Dealer, actor: Actor, now: datetime) -> int:
    """End every hold of a store whose time is over; the number ended."""
    far = timedelta(days=3650)
    return batch.expire_holds(dealer_id=dealer.pk, start=now - far, end=now + far, actor=actor, now=now)


def _booked(booking: Booking, ahead: following.Ahead, *, actor: Actor, now: datetime) -> Booking:
    following.begin(booking, ahead, actor=actor, now=now)
    publish(Booked(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))
    return booking


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
        and (hold.starts_at, hold.waits) == (wish.starts_at, wish.waits)
        and jobs == set(wish.labour_ids)
    )


def _drop(hold: Booking, *, actor: Actor, now: datetime) -> None:
    """Give back a hold that does not become the booking, whatever became of it meanwhile."""
    if hold.status == BookingStatus.HELD:
        over = hold.hold_until is not None and hold.hold_until <= now
        give_back(hold, BookingStatus.EXPIRED if over else BookingStatus.CANCELLED, actor=actor, now=now)
