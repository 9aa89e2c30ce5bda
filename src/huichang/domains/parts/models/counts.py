"""Stocktakes: counting sheets whose differences a second person approves."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.parts.models.catalogue import Part
from huichang.domains.parts.models.stock import Bin, Warehouse
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class StocktakeStatus(models.TextChoices):
    COUNTING = "counting", _("盘点中")
    COUNTED = "counted", _("待审批")
    APPROVED = "approved", _("已审批")
    CANCELLED = "cancelled", _("已取消")


class Stocktake(DealerOwned):
    """A sheet of places to be counted. Until it is approved the stock does not change."""

    LIFECYCLE = Lifecycle(
        initial="counting",
        moves={
            "counting": {"counted", "cancelled"},
            "counted": {"counting", "approved", "cancelled"},
            "approved": set(),
            "cancelled": set(),
        },
    )

    number = models.CharField(_("盘点单号"), max_length=20)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stocktakes")
    status = models.CharField(
        max_length=24, choices=StocktakeStatus.choices, default=StocktakeStatus.COUNTING
    )
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_stocktake_number")
        ]

    def __str__(self) -> str:
        return self.number


class StocktakeLine(DealerOwned):
    """A part in a place: what the books held at the moment of counting, and what was found.

    The difference is counted minus booked *at that moment*: what moves between counting and approval stays right.
    """

    stocktake = models.ForeignKey(Stocktake, on_delete=models.CASCADE, related_name="lines")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="+")
    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="+")
    booked_quantity = models.DecimalField(_("账面"), max_digits=10, decimal_places=2)
    counted_quantity = models.DecimalField(_("实盘"), max_digits=10, decimal_places=2, null=True, blank=True)
    counted_by_name = models.CharField(max_length=80, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("差异原因"), max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stocktake", "part", "bin"], name="counted_once"),
            models.CheckConstraint(
                condition=Q(counted_quantity=None) | Q(counted_quantity__gte=0), name="counted_is_no_debt"
            ),
        ]

    @property
    def difference(self) -> Decimal | None:
        """Found minus booked; None while it is not counted."""
        return None if self.counted_quantity is None else self.counted_quantity - self.booked_quantity
