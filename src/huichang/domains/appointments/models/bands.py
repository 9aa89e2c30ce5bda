"""Times of day that are better or worse for bookings."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class BookingBand(DealerOwned, Audited):
    """A time of day that is better or worse for bookings (SYS-37, CAP-04, D-07).

    A peak band is closed to bookings except the classes that policies let through; another band may carry a
    labour discount. `weekday` null means every day.
    """

    name = models.CharField(_("名称"), max_length=40)
    weekday = models.PositiveSmallIntegerField(_("星期"), null=True, blank=True)  # 0 = Monday
    starts_at = models.TimeField(_("开始"))
    ends_at = models.TimeField(_("结束"))
    is_peak = models.BooleanField(_("高峰,不接受预约"), default=False)
    discount_percent = models.PositiveSmallIntegerField(_("工时优惠"), default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="band_has_length"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="band_weekday"),
            models.CheckConstraint(condition=Q(discount_percent__lte=100), name="band_discount"),
        ]
