"""The waiting list: freed slots go to those who would come earlier, one after the other, for a limited time.

An offer is a hold of the slot for that customer: nobody else can take it meanwhile, and accepting turns the hold into the
booking. Two acceptances of one slot cannot be: the exclusion constraints refuse the second hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments import queries
from huichang.domains.appointments.models import (
    PROMISED,
    Booking,
    BookingStatus,
    OfferStatus,
    SlotOffer,
    WaitingEntry,
    WaitingStatus,
)
from huichang.domains.appointments.operations.booking import book, hold
from huichang.domains.appointments.operations.changing import cancel
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.taking import SlotTaken, give_back
from huichang.domains.appointments.telling import spoken
from huichang.domains.appointments.waiting import waiting_for
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.queries import rules_of, why_quiet
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import CHINA, local_date

_FULL_DAY = (time(0, 0), time(23, 59))
_QUARTER = timedelta(minutes=15)


@operation(P.BOOK)
def join_waiting(
    *,
    dealer: Dealer,
    car: Car,
    customer: Customer,
    labour_ids: Sequence[int],
    first_day: date,
    last_day: date,
    actor: Actor,
    now: datetime,
    clock_from: time = _FULL_DAY[0],
    clock_until: time = _FULL_DAY[1],
    booking: Booking | None = None,
    note: str = "",
    source: str = "desk",
) -> WaitingEntry:
    """Put a customer on the waiting list for these days (inclusive) and hours.

    `booking` is a later visit that an accepted offer replaces. Raises OperationRefused with the field: no known job, days
    that are over, a car that waits already.
    """
    jobs = [job.labour_id for job in queries.jobs_of(dealer, labour_ids)]
    if not jobs:
        raise OperationRefused(_("请选择要做的项目"), field="labour")
    if last_day < max(first_day, local_date(now)):
        raise OperationRefused(_("候补的日期已经过去了。"), field="last_day")
    if clock_until <= clock_from:
        raise OperationRefused(_("结束时间要晚于开始时间"), field="clock_until")
    try:
        with transaction.atomic():
            entry = WaitingEntry.objects.create(
                dealer=dealer, car=car, customer=customer, booking=booking, labour_ids=jobs, first_day=first_day,
                last_day=last_day, clock_from=clock_from, clock_until=clock_until, note=note.strip()[:200],
                source=source, created_at=now, created_by_id=actor.user_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise OperationRefused(_("这辆车已经在候补名单里了。")) from error
    record(entry, before="", after=entry.status, actor=actor, now=now)
    return entry


@operation(P.BOOK)
def leave_waiting(*, entry: WaitingEntry, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take a customer off the list; an open offer is given back. Raises TransitionRefused."""
    move(entry, WaitingStatus.WITHDRAWN, actor=actor, now=now, reason=reason)
    for offer in entry.offers.filter(status=OfferStatus.OPEN):
        _end(offer, OfferStatus.DECLINED, actor=actor, now=now)


@operation(P.BOOK)
def offer_day(*, dealer: Dealer, day: date, actor: Actor, now: datetime) -> list[SlotOffer]:
    """Offer what is free on a day to those waiting for it, in their order; each gets one offer at a time.

    A customer is offered a slot once: what was declined or let lapse goes to the next.
    """
    if day < local_date(now):
        return []
    values = values_in_force(_RULES, dealer, local_date(now))
    made = []
    for entry in waiting_for(dealer, day)[: values[rules.OFFER_TRIES.key]]:
        offer = _offer(entry, day, values[rules.OFFER_MINUTES.key], actor=actor, now=now)
        if offer is not None:
            made.append(offer)
    return made


_RULES = (rules.OFFER_TRIES, rules.OFFER_MINUTES)


def _offer(entry: WaitingEntry, day: date, minutes: int, *, actor: Actor, now: datetime) -> SlotOffer | None:
    """Hold the first free slot the customer would take and tell them; None when there is none."""
    seen = set(entry.offers.values_list("starts_at", flat=True))
    found = queries.offers(
        dealer=entry.dealer, labour_ids=entry.labour_ids, now=now, earliest=day, day=day, days=1,
        channel=entry.source,
    )  # fmt: skip
    until = _expiry(entry.dealer, now, minutes)
    later = entry.booking.starts_at if entry.booking and entry.booking.status in PROMISED else None
    for slot in found.slots:
        clock = slot.starts_at.astimezone(CHINA).time()
        if not slot.is_free or slot.starts_at in seen or not entry.clock_from <= clock < entry.clock_until:
            continue
        if slot.starts_at <= until or (later and slot.starts_at >= later):
            continue
        try:
            return _hold_for(entry, slot.starts_at, until, actor=actor, now=now)
        except SlotTaken:
            continue
    return None


def _expiry(dealer: Dealer, now: datetime, minutes: int) -> datetime:
    """The policy's minutes, counted from when a customer may be spoken to: nobody answers at night."""
    quiet, start = rules_of(dealer, now), now
    while why_quiet(quiet, start):
        start += _QUARTER
    return start + timedelta(minutes=minutes)


def _hold_for(
    entry: WaitingEntry, starts_at: datetime, until: datetime, *, actor: Actor, now: datetime
) -> SlotOffer:
    by = actor.by_rule()
    kept = hold(
        dealer=entry.dealer, car=entry.car, customer=entry.customer, labour_ids=entry.labour_ids, starts_at=starts_at,
        source=entry.source, actor=by, now=now,
    )  # fmt: skip
    Booking.objects.filter(pk=kept.pk, status=BookingStatus.HELD).update(hold_until=until)
    offer = SlotOffer.objects.create(
        dealer=entry.dealer,
        entry=entry,
        hold=kept,
        starts_at=kept.starts_at,
        offered_at=now,
        expires_at=until,
    )
    record(offer, before="", after=offer.status, actor=actor, now=now)
    contacts.queue_message(
        dealer=entry.dealer, customer=entry.customer, car=entry.car, purpose="waiting", template="waiting.offer",
        values={
            "customer": entry.customer.name, "plate": entry.car.plate, "series": entry.car.vehicle.series,
            "store": entry.dealer.name, "store_phone": entry.dealer.phone, "time": spoken(kept.arrive_at),
            "minutes": str(int((until - now).total_seconds() // 60)),
        },
        key=f"waiting:{offer.pk}", expires_at=until, actor=by, now=now,
    )  # fmt: skip
    return offer


@operation(P.BOOK)
def accept_offer(*, offer: SlotOffer, actor: Actor, now: datetime) -> Booking:
    """Book the offered slot; the later booking it replaces is cancelled. Raises OperationRefused once it lapsed."""
    if offer.status == OfferStatus.OPEN and offer.expires_at <= now:
        raise OperationRefused(_("这个空位保留的时间已过,已经让给下一位。"))
    move(offer, OfferStatus.ACCEPTED, actor=actor, now=now, also={"answered_at": now})
    entry = WaitingEntry.objects.select_related("dealer", "car", "customer", "booking").get(pk=offer.entry_id)
    earlier = entry.booking
    made: Booking = book(
        dealer=entry.dealer, car=entry.car, customer=entry.customer, labour_ids=entry.labour_ids,
        starts_at=offer.starts_at, hold=offer.hold, source=entry.source, note=entry.note, actor=actor, now=now,
    )  # fmt: skip
    move(entry, WaitingStatus.BOOKED, actor=actor, now=now, also={"booking_id": made.pk})
    if earlier is not None and earlier.status in PROMISED:
        reason = _("候补到更早的时间 {number}").format(number=made.number)
        cancel(booking=earlier, reason=reason, actor=actor.by_rule(), now=now)
    return made


@operation(P.BOOK)
def decline_offer(*, offer: SlotOffer, actor: Actor, now: datetime) -> None:
    """The customer does not want this slot: it goes to the next. Raises TransitionRefused."""
    _end(offer, OfferStatus.DECLINED, actor=actor, now=now)
    offer_day(dealer=offer.dealer, day=local_date(offer.starts_at), actor=actor.by_rule(), now=now)


@operation(P.BOOK)
def lapse_offers(*, dealer: Dealer, actor: Actor, now: datetime) -> int:
    """End the offers nobody answered in time, give their slots to the next, and let wishes for past days lapse."""
    over = SlotOffer.objects.filter(dealer=dealer, status=OfferStatus.OPEN, expires_at__lte=now)
    ended = list(over.select_for_update(skip_locked=True, of=("self",)).order_by("expires_at", "pk"))
    for offer in ended:
        _end(offer, OfferStatus.LAPSED, actor=actor, now=now)
    for day in sorted({local_date(offer.starts_at) for offer in ended}):
        offer_day(dealer=dealer, day=day, actor=actor, now=now)
    past = WaitingEntry.objects.filter(
        dealer=dealer, status=WaitingStatus.WAITING, last_day__lt=local_date(now)
    )
    for entry in past.exclude(offers__status=OfferStatus.OPEN):
        move(entry, WaitingStatus.LAPSED, actor=actor, now=now)
    return len(ended)


def _end(offer: SlotOffer, to: OfferStatus, *, actor: Actor, now: datetime) -> None:
    """The offer is over: its hold is given back and its message, if still unsent, is not sent."""
    move(offer, to, actor=actor, now=now, also={"answered_at": now})
    kept = Booking.objects.get(pk=offer.hold_id)
    if kept.status == BookingStatus.HELD:
        end = BookingStatus.EXPIRED if to == OfferStatus.LAPSED else BookingStatus.CANCELLED
        give_back(kept, end, actor=actor, now=now)
    by = actor.by_rule()
    contacts.cancel_message(dealer=offer.dealer, key=f"waiting:{offer.pk}", actor=by, now=now)
