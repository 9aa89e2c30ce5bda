"""What somebody must look after, until it is no longer so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.parts.models.catalogue import Part
from huichang.kernel.scoping import DealerOwned


class AlarmKind(models.TextChoices):
    SHORT = "short", _("缺货")
    LATE = "late", _("到货延误")
    LOW = "low", _("低于安全库存")
    UNFITTED = "unfitted", _("到货未装")


class StockAlarm(DealerOwned):
    """A condition that holds: raised and lifted by `batch.renew_alarms`, seen and answered by people.

    `subject` tells what it is about within its kind and part: the visit of a shortage, the order of a late part,
    empty for a low stock. One open alarm of each.
    """

    kind = models.CharField(max_length=10, choices=AlarmKind.choices)
    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="alarms")
    subject = models.CharField(max_length=20, blank=True)
    quantity = models.DecimalField(max_digits=10, decimal_places=2)
    since_date = models.DateField()
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by_name = models.CharField(max_length=80, blank=True)
    note = models.CharField(_("处理"), max_length=200, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "kind", "part", "subject"],
                name="one_open_alarm",
                condition=Q(lifted_at=None),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "kind"], name="open_alarms", condition=Q(lifted_at=None))
        ]
