"""Complaints. In this stage the history that other systems recorded; open ones quieten the call desk."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car, Customer
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class ComplaintStatus(models.TextChoices):
    OPEN = "open", _("处理中")
    CLOSED = "closed", _("已关闭")


class Complaint(DealerOwned, Audited):
    """A complaint as recorded; `car` and `customer` are null when the plate is not in the file."""

    LIFECYCLE = Lifecycle(initial="open", moves={"open": {"closed"}, "closed": set()})

    number = models.CharField(_("投诉编号"), max_length=30)
    car = models.ForeignKey(Car, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    plate = models.CharField(_("车牌号"), max_length=12, blank=True)
    complained_date = models.DateField(_("日期"))
    category = models.CharField(_("类型"), max_length=20, blank=True)
    text = models.CharField(_("内容"), max_length=400)
    status = models.CharField(max_length=24, choices=ComplaintStatus.choices, default=ComplaintStatus.OPEN)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_complaint_number")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "car"], name="complaint_by_car"),
            models.Index(fields=["dealer", "customer"], name="open_complaint", condition=Q(status="open")),
        ]
