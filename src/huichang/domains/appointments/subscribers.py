"""What facts do to bookings at once. All idempotent: settling twice, telling twice, offering twice change nothing."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.events import Booked, BookingCancelled, BookingChanged
from huichang.domains.appointments.models import PROMISED, Booking, Touch, TouchStatus
from huichang.domains.contacts.events import MessageDelivered, NobodyReached, OptedOut
from huichang.domains.dealers.models import Dealer
from huichang.domains.parts.events import PartsLate, PartsReady
from huichang.domains.parts.models import Part
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe
from huichang.kernel.worktime import local_date

_ACTOR = system("appointments")


@subscribe(Booked)
def on_booked(event: Booked) -> None:
    _settle(event.dealer_id, event.booking_id)


@subscribe(BookingChanged)
def on_changed(event: BookingChanged) -> None:
    _settle(event.dealer_id, event.booking_id)
    _offer(event.dealer_id, local_date(event.freed_at))


@subscribe(BookingCancelled)
def on_cancelled(event: BookingCancelled) -> None:
    booking = Booking.objects.filter(pk=event.booking_id).first()
    if booking is not None:
        _offer(event.dealer_id, local_date(booking.starts_at))


@subscribe(PartsReady)
def on_parts_ready(event: PartsReady) -> None:
    booking = _promised(event.reference)
    if booking is not None:
        operations.parts_in_time(booking=booking, actor=_ACTOR, now=timezone.now())


@subscribe(PartsLate)
def on_parts_late(event: PartsLate) -> None:
    booking = _promised(event.reference)
    part = Part.objects.filter(pk=event.part_id).first()
    if booking is not None and part is not None:
        operations.parts_late(
            booking=booking, part_name=part.name, expected_date=event.expected_date, actor=_ACTOR,
            now=timezone.now(),
        )  # fmt: skip


@subscribe(OptedOut)
def on_opted_out(event: OptedOut) -> None:
    operations.heed_refusal(customer_id=event.customer_id, actor=_ACTOR, now=timezone.now())


@subscribe(MessageDelivered)
def on_delivered(event: MessageDelivered) -> None:
    for touch in _asked(event.key):
        operations.message_arrived(touch=touch, message_id=event.message_id, actor=_ACTOR, now=timezone.now())


@subscribe(NobodyReached)
def on_nobody_reached(event: NobodyReached) -> None:
    for touch in _asked(event.key):
        operations.message_failed(touch=touch, actor=_ACTOR, now=timezone.now())


def _asked(key: str) -> list[Touch]:
    waiting = (TouchStatus.ASKED, TouchStatus.FAILED)
    return list(Touch.objects.filter(message_key=key, status__in=waiting)) if key else []


def _promised(reference: str) -> Booking | None:
    return queries.whole().filter(number=reference, status__in=PROMISED).first()


def _settle(dealer_id: int, booking_id: int) -> None:
    dealer = Dealer.objects.get(pk=dealer_id)
    operations.settle_all(dealer=dealer, booking_ids=[booking_id], actor=_ACTOR, now=timezone.now())


def _offer(dealer_id: int, day: date) -> None:
    dealer = Dealer.objects.get(pk=dealer_id)
    operations.offer_day(dealer=dealer, day=day, actor=_ACTOR, now=timezone.now())
