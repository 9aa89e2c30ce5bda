"""The bands of the day."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huichang.domains.appointments.models import BookingBand
from huichang.domains.appointments.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


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
