"""What facts from below do at once: the store's (or the car's) dues are worked out anew. All idempotent."""

from __future__ import annotations

from django.utils import timezone

from huichang.domains.appointments.events import Arrived, Booked, BookingCancelled
from huichang.domains.appointments.models import Booking
from huichang.domains.complaints.events import ComplaintClosed
from huichang.domains.contacts.events import (
    MessageDelivered,
    MessageFailed,
    MessageSuppressed,
    OptedOut,
    OptOutLifted,
)
from huichang.domains.customers.events import CarChanged
from huichang.domains.customers.models import Car
from huichang.domains.dealers.events import PolicyChanged
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import batch, queries
from huichang.domains.reminders.operations import cases
from huichang.domains.reminders.operations.programme import settle_programme
from huichang.domains.reminders.queries import cars_called_through
from huichang.domains.vehicles.events import ReadingRecorded
from huichang.domains.workshop.events import VisitRecorded
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe
from huichang.kernel.worktime import local_date

_ACTOR = system("reminders")


def _run(dealer_id: int, car_ids: list[int] | None = None) -> None:
    now = timezone.now()
    dealer = Dealer.objects.get(pk=dealer_id)
    if dealer.is_active:
        batch.run(actor=_ACTOR, as_of=local_date(now), dealers=[dealer], car_ids=car_ids, now=now)


@subscribe(VisitRecorded)
def on_visit(event: VisitRecorded) -> None:
    _run(event.dealer_id, [event.car_id])


@subscribe(CarChanged)
def on_car_changed(event: CarChanged) -> None:
    _run(event.dealer_id, [event.car_id])


@subscribe(ReadingRecorded)
def on_reading(event: ReadingRecorded) -> None:
    cars = list(Car.objects.filter(vehicle_id=event.vehicle_id).values_list("pk", flat=True))
    if cars:
        _run(event.dealer_id, cars)


@subscribe(PolicyChanged)
def on_policy_changed(event: PolicyChanged) -> None:
    if event.key.split(".", 1)[0] in {"reminders", "dealers", "worklist"}:
        _run(event.dealer_id)


@subscribe(OptedOut)
def on_opted_out(event: OptedOut) -> None:
    _run(event.dealer_id, cars_called_through(event.customer_id))


@subscribe(OptOutLifted)
def on_opt_out_lifted(event: OptOutLifted) -> None:
    _run(event.dealer_id, cars_called_through(event.customer_id))


@subscribe(MessageDelivered)
def on_delivered(event: MessageDelivered) -> None:
    _call_now(event.dealer_id, event.key)


@subscribe(MessageFailed)
def on_failed(event: MessageFailed) -> None:
    _call_now(event.dealer_id, event.key)


@subscribe(MessageSuppressed)
def on_suppressed(event: MessageSuppressed) -> None:
    _call_now(event.dealer_id, event.key)


def _call_now(dealer_id: int, key: str) -> None:
    """What became of a reminder's message is known: a call that waited for it begins (REM-15)."""
    waits = queries.case_that_waits(key, on=local_date(timezone.now()))
    if waits is not None:
        _run(dealer_id, cars_called_through(waits.customer_id))


@subscribe(ComplaintClosed)
def on_complaint_closed(event: ComplaintClosed) -> None:
    cases.tell_again(customer_id=event.customer_id, car_id=event.car_id, actor=_ACTOR, now=timezone.now())


@subscribe(Booked)
def on_booked(event: Booked) -> None:
    """Wherever it was booked: who has promised to come is not called about the same work."""
    now = timezone.now()
    cases.settle_booking(booking_id=event.booking_id, actor=_ACTOR, now=now)
    settle_programme(booking=Booking.objects.get(pk=event.booking_id), actor=_ACTOR, now=now)
    _run(event.dealer_id, [event.car_id])


@subscribe(BookingCancelled)
def on_booking_cancelled(event: BookingCancelled) -> None:
    now = timezone.now()
    cases.ask_again(booking_id=event.booking_id, actor=_ACTOR, now=now)
    _run(event.dealer_id, [event.car_id])


@subscribe(Arrived)
def on_arrived(event: Arrived) -> None:
    now = timezone.now()
    cases.settle_arrival(car_id=event.car_id, actor=_ACTOR, now=now)
    _run(event.dealer_id, [event.car_id])
