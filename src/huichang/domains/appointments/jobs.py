"""Background work of bookings."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking, BookingStatus
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
