"""The visit. In this stage the closed history: orders with lines as other systems recorded them, findings."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car, Customer
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class OrderFlag(models.TextChoices):
    """Why a recorded order is doubted; it is kept as recorded."""

    TOTAL_OFF = "total_off", _("金额合计不符")
    MILEAGE_ROLLS_BACK = "mileage_rolls_back", _("里程倒退")
    MILEAGE_LEAPS = "mileage_leaps", _("里程跳跃")
    CAR_FROM_ORDER = "car_from_order", _("车辆由工单建立")


class OrderStatus(models.TextChoices):
    CLOSED = "closed", _("已结清")


class ServiceOrder(DealerOwned, Audited):
    """A closed visit. Amounts in yuan as recorded; `customer` is the owner on that day, null when unknown."""

    LIFECYCLE = Lifecycle(initial="closed", moves={"closed": set()})

    number = models.CharField(_("工单号"), max_length=30)
    car = models.ForeignKey(Car, on_delete=models.PROTECT, related_name="orders")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    status = models.CharField(max_length=24, choices=OrderStatus.choices, default=OrderStatus.CLOSED)
    arrived_at = models.DateTimeField(_("进厂"))
    left_at = models.DateTimeField(_("出厂"), null=True, blank=True)
    km = models.PositiveIntegerField(_("里程"), null=True, blank=True)
    business_type = models.CharField(_("业务类型"), max_length=20, blank=True)
    advisor_name = models.CharField(_("服务顾问"), max_length=40, blank=True)
    technician_name = models.CharField(_("技师"), max_length=40, blank=True)
    labour_amount = MoneyField(_("工时费"), default=0)
    parts_amount = MoneyField(_("配件费"), default=0)
    discount_amount = MoneyField(_("折扣"), default=0)
    paid_amount = MoneyField(_("实收"), default=0)
    payment_method = models.CharField(_("付款方式"), max_length=20, blank=True)
    flags = ArrayField(models.CharField(max_length=24, choices=OrderFlag.choices), default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_order_number")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "car", "-arrived_at"], name="order_by_car"),
            models.Index(fields=["dealer", "-arrived_at"], name="order_by_time"),
        ]


class LineKind(models.TextChoices):
    LABOUR = "labour", _("工时")
    PART = "part", _("配件")
    OTHER = "other", _("其他")


class OrderLine(DealerOwned):
    """One job or part of an order; `position` counts the lines of the order from 1."""

    order = models.ForeignKey(ServiceOrder, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=LineKind.choices)
    code = models.CharField(_("项目编码"), max_length=40, blank=True)
    name = models.CharField(_("项目名称"), max_length=80)
    quantity = models.DecimalField(_("数量"), max_digits=10, decimal_places=2)
    unit_price = MoneyField(_("单价"))
    amount = MoneyField(_("金额"))
    payer = models.CharField(_("付费方"), max_length=20, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="one_line_position")
        ]


class FindingStatus(models.TextChoices):
    UNTOLD = "untold", _("未告知")
    POSTPONED = "postponed", _("客户推迟")
    DECLINED = "declined", _("客户拒绝")
    DONE = "done", _("已完成")


class Finding(DealerOwned, Audited):
    """Work the workshop advised and the customer has not (yet) had done: a reason to call."""

    LIFECYCLE = Lifecycle(
        initial="untold",
        moves={
            "untold": {"postponed", "declined", "done"},
            "postponed": {"declined", "done"},
            "declined": {"postponed", "done"},
            "done": set(),
        },
    )

    car = models.ForeignKey(Car, on_delete=models.PROTECT, related_name="findings")
    order = models.ForeignKey(
        ServiceOrder, on_delete=models.PROTECT, null=True, blank=True, related_name="findings"
    )
    text = models.CharField(_("建议内容"), max_length=200)
    found_date = models.DateField(_("建议日期"))
    status = models.CharField(max_length=24, choices=FindingStatus.choices, default=FindingStatus.UNTOLD)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "car", "order", "text", "found_date"],
                name="one_finding",
                nulls_distinct=False,
            )
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "car"], name="finding_by_car")]
