"""The goods a store trades, their suppliers, and which parts a job takes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.catalog.models import LabourOperation
from huichang.kernel.audit import Audited
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class GoodsKind(models.TextChoices):
    """What is sold under a code (PRT-08). Only parts are kept in stock."""

    PART = "part", _("配件")
    SERVICE = "service", _("服务项目")
    PACKAGE = "package", _("套餐")


class Supplier(DealerOwned, Audited):
    """Who delivers parts; made from the names of an export, completed by the parts clerk."""

    name = models.CharField(_("供应商"), max_length=60)
    contact = models.CharField(_("联系人"), max_length=40, blank=True, default="", db_default="")
    phone = models.CharField(_("电话"), max_length=30, blank=True, default="", db_default="")
    note = models.CharField(_("备注"), max_length=200, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("在用"), default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "name"], name="one_supplier_name")]

    def __str__(self) -> str:
        return self.name


class Part(DealerOwned, Audited):
    """A part (or service item, or package) the store trades.

    `supplier`, `lead_days` and `location` are what the export or the clerk states; `learned_*` what the store's own
    receipts say (see `queries.lead_days_of`): days from order to arrival, their median and a high quantile, from
    `learned_receipts` receipts. `counted_stock` is the stock its last export stated, on `counted_on`; the stock
    itself is the ledger (`StockMovement`). Parts of one `family` are specifications of the same goods.
    """

    audit_ignored = ("learned_days", "learned_high_days", "learned_receipts", "learned_supplier")

    code = models.CharField(_("配件编码"), max_length=40)
    name = models.CharField(_("配件名称"), max_length=80)
    kind = models.CharField(
        _("商品类型"),
        max_length=8,
        choices=GoodsKind.choices,
        default=GoodsKind.PART,
        db_default=GoodsKind.PART,
    )
    family = models.CharField(_("同款商品"), max_length=40, blank=True, default="", db_default="")
    specification = models.CharField(_("规格"), max_length=120, blank=True, default="", db_default="")
    unit = models.CharField(_("单位"), max_length=8, blank=True, default="", db_default="")
    price = MoneyField(_("单价"), default=0)
    lead_days = models.PositiveSmallIntegerField(_("备货期天数"), default=0)
    supplier = models.CharField(_("供应商"), max_length=60, blank=True)
    location = models.CharField(_("库位"), max_length=20, blank=True)
    safety_stock = models.DecimalField(_("安全库存"), max_digits=10, decimal_places=2, default=0)
    counted_stock = models.DecimalField(_("库存"), max_digits=10, decimal_places=2, default=0)
    counted_on = models.DateField(null=True, blank=True)
    keeps_old_part = models.BooleanField(_("旧件要回收"), default=False, db_default=False)
    learned_days = models.PositiveSmallIntegerField(null=True, blank=True)
    learned_high_days = models.PositiveSmallIntegerField(null=True, blank=True)
    learned_receipts = models.PositiveIntegerField(default=0, db_default=0)
    learned_supplier = models.ForeignKey(
        Supplier, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "code"], name="one_part_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stocked(self) -> bool:
        return self.kind == GoodsKind.PART

    @property
    def usual_lead_days(self) -> int:
        """Days from order to arrival that can be relied on: learned, or else as stated."""
        return self.lead_days if self.learned_high_days is None else self.learned_high_days


class PackagePart(DealerOwned, Audited):
    """What is in a package, per one of it."""

    package = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="contents")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(_("数量"), max_digits=8, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "part"], name="once_in_a_package"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="package_holds_something"),
            models.CheckConstraint(condition=~Q(package=F("part")), name="package_not_in_itself"),
        ]


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
