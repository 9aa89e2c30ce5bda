"""Orders to suppliers and what they owe."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.parts.models.catalogue import Part, Supplier
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.money import MoneyField, yuan
from huichang.kernel.scoping import DealerOwned


class OrderStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    PLACED = "placed", _("已下单")
    RECEIVED = "received", _("已到齐")
    CANCELLED = "cancelled", _("已取消")


class PurchaseOrder(DealerOwned, Audited):
    """An order to one supplier. A draft promises nobody anything."""

    LIFECYCLE = Lifecycle(
        initial="draft",
        moves={
            "draft": {"placed", "cancelled"},
            "placed": {"received", "cancelled"},
            "received": set(),
            "cancelled": set(),
        },
    )

    number = models.CharField(_("采购单号"), max_length=20)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=24, choices=OrderStatus.choices, default=OrderStatus.DRAFT)
    placed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_purchase_number")
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "status"], name="purchase_by_status")]

    def __str__(self) -> str:
        return self.number


class PurchaseLine(DealerOwned, Audited):
    """One part of an order. `first_expected_date` is what was promised at the start; `expected_date` the latest word.

    What is still to come is `quantity - received_quantity` until `closed_at`.
    """

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="purchase_lines")
    quantity = models.DecimalField(_("数量"), max_digits=10, decimal_places=2)
    received_quantity = models.DecimalField(_("已到"), max_digits=10, decimal_places=2, default=0)
    unit_price = MoneyField(_("进价"), default=0)
    expected_date = models.DateField(_("预计到货"))
    first_expected_date = models.DateField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "part"], name="once_in_an_order"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="ordered_something"),
            models.CheckConstraint(
                condition=Q(received_quantity__gte=0, received_quantity__lte=F("quantity")),
                name="received_no_more_than_ordered",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["dealer", "expected_date"], name="awaited_lines", condition=Q(closed_at=None)
            ),
            models.Index(fields=["part"], name="awaited_by_part", condition=Q(closed_at=None)),
        ]

    @property
    def awaited(self) -> Decimal:
        """What is still to come."""
        return Decimal(0) if self.closed_at else self.quantity - self.received_quantity

    @property
    def amount(self) -> Decimal:
        """What the line costs in yuan."""
        return yuan(self.quantity * self.unit_price)
