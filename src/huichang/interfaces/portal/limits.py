"""What an owner may book alone; beyond that the store is called, in words that say why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.appointments.models import PROMISED, Booking, BookingStatus
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.owners import policies
from huichang.domains.owners.models import OwnerBinding
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date


def why_not_book(binding: OwnerBinding, now: datetime) -> str:
    """Why no further booking can be made on the phone; empty when it can. Three queries."""
    found = values_in_force(
        [policies.OPEN_BOOKINGS, policies.NO_SHOWS, policies.NO_SHOW_DAYS], binding.dealer, local_date(now)
    )
    most, misses, days = (
        found[one.key] for one in (policies.OPEN_BOOKINGS, policies.NO_SHOWS, policies.NO_SHOW_DAYS)
    )
    mine = Booking.objects.filter(car_id=binding.car_id, customer_id=binding.customer_id)
    if mine.filter(status__in=PROMISED, ends_at__gt=now).count() >= most:
        return _("这辆车已经有 {most} 个预约。需要再约请先取消一个,或致电门店。").format(most=most)
    since = now - timedelta(days=days)
    if mine.filter(status=BookingStatus.NO_SHOW, starts_at__gte=since).count() >= misses:
        return _("最近有预约没能等到您,请致电门店,我们帮您约。")
    return ""


def check_book(binding: OwnerBinding, now: datetime) -> None:
    """Raise OperationRefused when the owner can book no more alone."""
    if refusal := why_not_book(binding, now):
        raise OperationRefused(refusal)
