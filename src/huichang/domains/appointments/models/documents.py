"""What is printed for a booked visit: work order, estimate, parts issue slip (PRE-01), and the estimate's figures."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models.booking import Booking
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.parts.models import Part
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class DocumentKind(models.TextChoices):
    WORK_ORDER = "work_order", _("施工单")
    ESTIMATE = "estimate", _("估算单")
    ISSUE_SLIP = "issue_slip", _("零件出库单")


class DocumentStatus(models.TextChoices):
    VALID = "valid", _("有效")
    REPLACED = "replaced", _("已换新")
    CANCELLED = "cancelled", _("已作废")


class BookingDocument(DealerOwned, Audited):
    """A paper of a booking. A moved booking gets new ones; nothing is deleted (D-36)."""

    LIFECYCLE = Lifecycle(
        initial="valid",
        moves={"valid": {"replaced", "cancelled"}, "replaced": set(), "cancelled": set()},
    )

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=12, choices=DocumentKind.choices)
    number = models.CharField(_("单号"), max_length=20)
    status = models.CharField(max_length=24, choices=DocumentStatus.choices, default=DocumentStatus.VALID)
    made_at = models.DateTimeField()
    printed_at = models.DateTimeField(_("打印"), null=True, blank=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_document_number"),
            models.UniqueConstraint(
                fields=["booking", "kind"], condition=Q(status="valid"), name="one_valid_document"
            ),
        ]


class Pricing(models.TextChoices):
    """The three ways to estimate (EST-01)."""

    SYSTEM = "system", _("系统估价")
    SYMPTOM = "symptom", _("现象估价")
    ITEM = "item", _("项目定价")


class Supplier(models.TextChoices):
    """Who brings a part (EST-04)."""

    SHOP = "shop", _("本店供件")
    CUSTOMER = "customer", _("客户自带")


class Grade(models.TextChoices):
    GENUINE = "genuine", _("正厂件")
    AFTERMARKET = "aftermarket", _("副厂件")


class Estimate(DealerOwned, Audited):
    """What a visit will cost as told at booking; the final price follows the inspection (D-22).

    `risk_amount` is the price of not knowing the system at fault (EST-02). `promised_at` is the end of the work plus
    the store's reserve (EST-13).
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="estimate")
    pricing = models.CharField(_("估价方式"), max_length=8, choices=Pricing.choices, default=Pricing.SYSTEM)
    labour_amount = MoneyField(_("工时费"), default=0)
    parts_amount = MoneyField(_("备品费"), default=0)
    risk_amount = MoneyField(_("风险值"), default=0)
    discount_percent = models.PositiveSmallIntegerField(_("工时优惠"), default=0)
    discount_amount = MoneyField(_("优惠"), default=0)
    total_amount = MoneyField(_("合计"), default=0)
    promised_at = models.DateTimeField(_("承诺交车"))
    explained_by = models.CharField(_("向客户说明的人"), max_length=40, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(pricing="symptom") | Q(risk_amount__gt=0), name="symptom_estimate_has_a_risk"
            ),
            models.CheckConstraint(
                condition=~Q(pricing="item") | ~Q(explained_by=""), name="item_price_is_explained"
            ),
            models.CheckConstraint(condition=Q(discount_percent__lte=100), name="estimate_discount"),
        ]


class LineKind(models.TextChoices):
    LABOUR = "labour", _("工时")
    PART = "part", _("配件")


class EstimateLine(DealerOwned):
    """A job (quantity in hours) or a part of an estimate. `is_key_place`: a fault there endangers (EST-05)."""

    estimate = models.ForeignKey(Estimate, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=LineKind.choices)
    labour = models.ForeignKey(LabourOperation, on_delete=models.PROTECT, null=True, related_name="+")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("名称"), max_length=80)
    quantity = models.DecimalField(_("数量"), max_digits=8, decimal_places=2)
    unit_price = MoneyField(_("单价"))
    amount = MoneyField(_("金额"))
    supplied_by = models.CharField(_("供件"), max_length=8, choices=Supplier.choices, default=Supplier.SHOP)
    grade = models.CharField(_("配件来源"), max_length=12, choices=Grade.choices, default=Grade.GENUINE)
    is_key_place = models.BooleanField(_("关键部位"), default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["estimate", "position"], name="one_estimate_position")
        ]

    @property
    def has_no_guarantee(self) -> bool:
        """Whether the shop gives no technical guarantee for it, which the paper must say (EST-05)."""
        if self.kind != LineKind.PART:
            return False
        return self.supplied_by == Supplier.CUSTOMER or (
            self.grade == Grade.AFTERMARKET and self.is_key_place
        )
