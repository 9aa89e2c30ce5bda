"""Stock as a ledger: places, movements that nobody rewrites, and the balances that triggers keep beside them.

`sql/functions.sql` holds the triggers: every inserted movement moves its `StockBalance` and, in pickable places, its
`StockTotal` in the same statement, whoever inserts it. The check constraints here then refuse what cannot be.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.parts.models.catalogue import Part
from huichang.kernel.audit import AppendOnly, Audited
from huichang.kernel.scoping import DealerOwned


class WarehouseKind(models.TextChoices):
    STOCK = "stock", _("库房")
    SHELF = "shelf", _("预约准备货架")
    TRANSIT = "transit", _("中转库")


class Warehouse(DealerOwned, Audited):
    """A room or shelf. Only what lies in a `stock` one can be promised; baskets stand on the `shelf`."""

    code = models.CharField(_("代码"), max_length=12)
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(
        _("类型"), max_length=8, choices=WarehouseKind.choices, default=WarehouseKind.STOCK
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "code"], name="one_warehouse_code")
        ]

    def __str__(self) -> str:
        return self.name


class Bin(DealerOwned, Audited):
    """A place in a warehouse; on the preparation shelf the place of one basket.

    `is_pickable` repeats that the warehouse is of kind `stock`: the ledger's trigger reads it, and it never changes.
    """

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="bins")
    code = models.CharField(_("库位"), max_length=20)
    is_pickable = models.BooleanField(default=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["warehouse", "code"], name="one_bin_code")]

    def __str__(self) -> str:
        return self.code


class MovementKind(models.TextChoices):
    OPENING = "opening", _("期初")
    EXPORT = "export", _("随导入更新")
    RECEIPT = "receipt", _("入库")
    DRAW = "draw", _("备料入筐")
    PUT_BACK = "put_back", _("退库")
    ISSUE = "issue", _("出库")
    TRANSFER = "transfer", _("调拨")
    STOCKTAKE = "stocktake", _("盘点差异")
    SCRAP = "scrap", _("报废")


class StockMovement(DealerOwned, AppendOnly):
    """One change of the stock of a part in a place. Never rewritten: a mistake is corrected by another movement.

    `quantity` is positive into the place. What goes from place to place is two movements of one `document`.
    `may_overdraw` is the permission of the person to book out more than the books hold.
    """

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="movements")
    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=MovementKind.choices)
    quantity = models.DecimalField(_("数量"), max_digits=10, decimal_places=2)
    document = models.CharField(_("单据"), max_length=20, blank=True, default="", db_default="")
    reference = models.CharField(_("预约/工单"), max_length=20, blank=True, default="", db_default="")
    reason = models.CharField(_("原因"), max_length=200, blank=True, default="", db_default="")
    may_overdraw = models.BooleanField(default=False, db_default=False)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(quantity=0), name="movement_moves_something"),
            models.CheckConstraint(
                condition=~Q(kind__in=["receipt", "opening"]) | Q(quantity__gt=0), name="movement_comes_in"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["part", "-at", "-id"], name="movements_of_part"),
            models.Index(fields=["dealer", "-at", "-id"], name="movements_by_time"),
            models.Index(fields=["dealer", "reference"], name="movements_by_visit"),
        ]


class StockBalance(DealerOwned):
    """What lies in a place: the sum of its movements. `overdraft` is how far below nothing somebody permitted."""

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="balances")
    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="balances")
    on_hand = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    overdraft = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["part", "bin"], name="one_balance"),
            models.CheckConstraint(condition=Q(on_hand__gte=-F("overdraft")), name="stock_not_below_nothing"),
            models.CheckConstraint(condition=Q(overdraft__gte=0), name="overdraft_is_an_amount"),
        ]


class StockTotal(DealerOwned):
    """A part over all pickable places, and how much of it is reserved; also the lock of whoever promises the part."""

    part = models.OneToOneField(Part, on_delete=models.PROTECT, related_name="total")
    on_hand = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    reserved = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reserved=0) | Q(reserved__gt=0, reserved__lte=F("on_hand")),
                name="reserved_is_there",
            )
        ]

    @property
    def free(self) -> Decimal:
        """What lies there and is promised to nobody."""
        return max(self.on_hand - self.reserved, Decimal(0))
