"""The parts catalogue with its lead times, and which parts a job takes. The stock ledger builds on it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.catalog.models import LabourOperation
from huichang.kernel.audit import Audited
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class Part(DealerOwned, Audited):
    """A part the store trades. `counted_stock` is the stock its last export stated, on `counted_on`."""

    code = models.CharField(_("配件编码"), max_length=40)
    name = models.CharField(_("配件名称"), max_length=80)
    price = MoneyField(_("单价"), default=0)
    lead_days = models.PositiveSmallIntegerField(_("备货期天数"), default=0)
    supplier = models.CharField(_("供应商"), max_length=60, blank=True)
    location = models.CharField(_("库位"), max_length=20, blank=True)
    safety_stock = models.DecimalField(_("安全库存"), max_digits=10, decimal_places=2, default=0)
    counted_stock = models.DecimalField(_("库存"), max_digits=10, decimal_places=2, default=0)
    counted_on = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "code"], name="one_part_code")]

    def __str__(self) -> str:
        return self.name


class PartUse(DealerOwned):
    """How often a job took a part in the store's history; what a booking must have ready.

    `share` is the fraction of orders with the job that used the part, `quantity` the usual amount.
    """

    labour = models.ForeignKey(LabourOperation, on_delete=models.CASCADE, related_name="+")
    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="uses")
    share = models.DecimalField(max_digits=4, decimal_places=3)
    quantity = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["labour", "part"], name="one_part_use")]
