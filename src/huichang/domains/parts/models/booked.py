"""What is set aside for a visit: reservations, the issue slip with its basket, the old parts that come back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.parts.models.catalogue import Part
from huichang.domains.parts.models.purchase import PurchaseLine
from huichang.domains.parts.models.stock import Bin
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class SlipStatus(models.TextChoices):
    OPEN = "open", _("待备料")
    DRAWN = "drawn", _("已入筐")
    ISSUED = "issued", _("已出库")
    RETURNING = "returning", _("待退库")
    CLOSED = "closed", _("已了结")


OPEN_SLIPS = (SlipStatus.OPEN, SlipStatus.DRAWN)


class IssueSlip(DealerOwned):
    """The parts issue slip of a visit (零件出库单) and its basket.

    `reference` is the number of the booking or service order; one open slip each. `basket` is the place on the
    preparation shelf while parts lie there. `signed_at` is when the technician signed for what was issued.
    """

    LIFECYCLE = Lifecycle(
        initial="open",
        moves={
            "open": {"drawn", "issued", "returning", "closed"},
            "drawn": {"open", "issued", "returning"},
            "returning": {"drawn", "closed", "issued"},
            "issued": {"closed"},
            "closed": set(),
        },
    )

    number = models.CharField(_("出库单号"), max_length=20)
    reference = models.CharField(_("预约/工单"), max_length=20)
    status = models.CharField(max_length=24, choices=SlipStatus.choices, default=SlipStatus.OPEN)
    need_date = models.DateField(_("使用日期"))
    plate = models.CharField(_("车牌"), max_length=12, blank=True)
    technician = models.CharField(_("技师"), max_length=40, blank=True)
    basket = models.ForeignKey(Bin, on_delete=models.PROTECT, null=True, blank=True, related_name="slips")
    created_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(_("领料人"), max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_slip_number"),
            models.UniqueConstraint(
                fields=["dealer", "reference"], name="one_open_slip", condition=Q(status__in=["open", "drawn"])
            ),
            models.UniqueConstraint(
                fields=["basket"], name="one_basket_a_place",
                condition=Q(status__in=["open", "drawn", "returning"]),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["dealer", "status", "need_date"], name="slips_by_need")]

    def __str__(self) -> str:
        return self.number


class ReservationStatus(models.TextChoices):
    SHORT = "short", _("缺货待购")
    ORDERED = "ordered", _("已订购")
    RESERVED = "reserved", _("已预留")
    DRAWN = "drawn", _("已入筐")
    RETURNING = "returning", _("待退库")
    ISSUED = "issued", _("已出库")
    RELEASED = "released", _("已释放")


# Of a visit that is still to come.
PROMISED = (
    ReservationStatus.SHORT,
    ReservationStatus.ORDERED,
    ReservationStatus.RESERVED,
    ReservationStatus.DRAWN,
)
# Which keep pieces that are there.
HOLDING = (ReservationStatus.RESERVED, ReservationStatus.DRAWN, ReservationStatus.RETURNING)


class Reservation(DealerOwned):
    """A quantity of one part for one visit, in one state; a part that is there only in part is two rows.

    `short` is the purchase need. `purchase_line` is the order it waits for (or came by), `promised_date` the first
    day on which it can be fitted while it is not there yet, `arrived_at` when it came. `late_told_date` is the promise
    that `PartsLate` was last told about.
    """

    LIFECYCLE = Lifecycle(
        initial="short",
        moves={
            "short": {"ordered", "reserved", "issued", "released"},
            "ordered": {"short", "reserved", "released"},
            "reserved": {"short", "drawn", "issued", "released"},
            "drawn": {"issued", "returning"},
            "returning": {"drawn", "issued", "released"},
            "issued": set(),
            "released": set(),
        },
    )

    slip = models.ForeignKey(IssueSlip, on_delete=models.CASCADE, related_name="reservations")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="reservations")
    reference = models.CharField(_("预约/工单"), max_length=20)
    need_date = models.DateField(_("使用日期"))
    quantity = models.DecimalField(_("数量"), max_digits=8, decimal_places=2)
    status = models.CharField(
        max_length=24, choices=ReservationStatus.choices, default=ReservationStatus.SHORT
    )
    purchase_line = models.ForeignKey(
        PurchaseLine, on_delete=models.SET_NULL, null=True, blank=True, related_name="reservations"
    )
    promised_date = models.DateField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    late_told_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reserves_something"),
            models.CheckConstraint(
                condition=~Q(status="ordered") | Q(purchase_line__isnull=False), name="ordered_by_a_line"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "reference"], name="reservation_by_visit"),
            models.Index(
                fields=["part", "status", "need_date"], name="open_reservations",
                condition=Q(status__in=["short", "ordered", "reserved", "drawn", "returning"]),
            ),
        ]  # fmt: skip


class OldPartStatus(models.TextChoices):
    DUE = "due", _("待收回")
    KEPT = "kept", _("已收回")
    HANDED = "handed", _("已交客户")
    SENT = "sent", _("已寄回")
    SCRAPPED = "scrapped", _("已报废")


class OldPart(DealerOwned):
    """The old part that a new one replaced (PRT-09); made when a part that keeps its old one is issued."""

    LIFECYCLE = Lifecycle(
        initial="due",
        moves={
            "due": {"kept", "handed"},
            "kept": {"handed", "sent", "scrapped"},
            "handed": set(),
            "sent": set(),
            "scrapped": set(),
        },
    )

    slip = models.ForeignKey(IssueSlip, on_delete=models.PROTECT, related_name="old_parts")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(_("数量"), max_digits=8, decimal_places=2)
    status = models.CharField(max_length=24, choices=OldPartStatus.choices, default=OldPartStatus.DUE)
    place = models.CharField(_("存放位置"), max_length=40, blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dealer", "status"], name="old_parts_by_status")]
