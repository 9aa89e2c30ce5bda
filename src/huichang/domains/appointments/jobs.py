"""Background work of bookings."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from huichang.domains.appointments import operations, touching
from huichang.domains.appointments.models import Booking, BookingStatus
from huichang.domains.appointments.operations import closing
from huichang.domains.appointments.readiness import upcoming
from huichang.domains.appointments.unfinished import days_to_close
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope, unscoped


@app.periodic(cron="*/5 * * * *")
@app.task(name="appointments.expire_holds", queue="periodic", pass_context=False)
def expire_holds(timestamp: int) -> None:
    """Say of holds that are over that they are: nothing waits for it, the day view and the record do."""
    now = timezone.now()
    with unscoped("holds of every store expire"):
        overdue = Booking.objects.filter(status=BookingStatus.HELD, hold_until__lte=now)
        stores = list(overdue.values_list("dealer_id", flat=True).distinct())
    for dealer in Dealer.objects.filter(pk__in=stores):
        with dealer_scope(dealer.pk):
            operations.expire_holds(dealer=dealer, actor=system("appointments.expire_holds"), now=now)


@app.periodic(cron="25 * * * *")
@app.task(name="appointments.close_days", queue="periodic", pass_context=False)
def close_days(timestamp: int) -> None:
    """Queue each store: those whose doors are shut carry unfinished work over and keep the day's ledger."""
    for pk in Dealer.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        close_store.configure(lock=f"appointments.close:{pk}").defer(dealer_id=pk, timestamp=timestamp)


@app.task(name="appointments.close_store", queue="periodic")
def close_store(dealer_id: int, timestamp: int) -> None:
    """Close the days of one store that are over."""
    now = datetime.fromtimestamp(timestamp, tz=UTC)
    actor = system("appointments.close_store")
    with dealer_scope(dealer_id):
        dealer = Dealer.objects.get(pk=dealer_id)
        for day in days_to_close(dealer, now):
            closing.close_day(dealer=dealer, day=day, actor=actor, now=now)


@app.periodic(cron="* * * * *")
@app.task(
    name="appointments.make_touches",
    queue="periodic",
    queueing_lock="appointments.make_touches",
    pass_context=False,
)
def make_touches(timestamp: int) -> None:
    """Make the touches whose time has come, each in its own transaction; then see what became of the calls."""
    now, actor = timezone.now(), system("appointments.make_touches")
    with unscoped("the touches of every store come due by the minute"):
        due = touching.due(now)
    for dealer_id, touch_id in due:
        with dealer_scope(dealer_id):
            operations.make_touch(touch_id=touch_id, actor=actor, now=now)
    with unscoped("stores whose calls about bookings may have been made"):
        stores = touching.stores_with_calls()
    for dealer in Dealer.objects.filter(pk__in=stores):
        with dealer_scope(dealer.pk):
            operations.follow_calls(dealer=dealer, actor=actor, now=now)


@app.periodic(cron="* * * * *")
@app.task(
    name="appointments.lapse_offers",
    queue="periodic",
    queueing_lock="appointments.lapse_offers",
    pass_context=False,
)
def lapse_offers(timestamp: int) -> None:
    """Give the slots nobody answered for to the next in the waiting list."""
    now = timezone.now()
    for dealer in Dealer.objects.filter(is_active=True):
        with dealer_scope(dealer.pk):
            operations.lapse_offers(dealer=dealer, actor=system("appointments.lapse_offers"), now=now)


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="appointments.settle", queue="periodic", queueing_lock="appointments.settle", pass_context=False
)
def settle(timestamp: int) -> None:
    """Bring bookings to the state of their checklists: absences and broken bays publish nothing."""
    now = timezone.now()
    for dealer in Dealer.objects.filter(is_active=True):
        with dealer_scope(dealer.pk):
            ids = list(upcoming(dealer, now).values_list("pk", flat=True))
            operations.settle_all(
                dealer=dealer, booking_ids=ids, actor=system("appointments.settle"), now=now
            )


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="appointments.mail_tomorrow",
    queue="periodic",
    queueing_lock="appointments.mail_tomorrow",
    pass_context=False,
)
def mail_tomorrow(timestamp: int) -> None:
    """Send each store's list of tomorrow to those who need it, once its hour has come."""
    now = timezone.now()
    for dealer in Dealer.objects.filter(is_active=True):
        with dealer_scope(dealer.pk):
            operations.mail_tomorrow(dealer=dealer, actor=system("appointments.mail_tomorrow"), now=now)
