"""Bookings that can be kept: bays, people and hours are set aside, and the database refuses overlaps."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models.equipment import Equipment
from huichang.domains.catalog.models import Bay, LabourOperation, StaffMember
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class BookingStatus(models.TextChoices):
    """`held` lasts while the agent talks and expires; `tentative` is promised to the customer."""

    HELD = "held", _("暂留")
    TENTATIVE = "tentative", _("临时预约")
    PREPARED = "prepared", _("已准备")
    CONFIRMED = "confirmed", _("已确认")
    ARRIVED = "arrived", _("已到店")
    NO_SHOW = "no_show", _("爽约")
    CANCELLED = "cancelled", _("已取消")
    EXPIRED = "expired", _("已过期")


ACTIVE = ("held", "tentative", "prepared", "confirmed", "arrived")
PROMISED = ("tentative", "prepared", "confirmed")  # the customer counts on it and has not come yet
BOOKING_LIFECYCLE = Lifecycle(
    initial="held",
    moves={
        "held": {"tentative", "expired", "cancelled"},
        "tentative": {"prepared", "confirmed", "arrived", "no_show", "cancelled"},
        "prepared": {"confirmed", "tentative", "arrived", "no_show", "cancelled"},
        "confirmed": {"prepared", "tentative", "arrived", "no_show", "cancelled"},
        "arrived": set(),
        "no_show": {"arrived"},
        "cancelled": set(),
        "expired": set(),
    },
)


class Priority(models.TextChoices):
    """Who may be given the reserve (CAP-05)."""

    NORMAL = "", _("普通")
    SAFETY = "safety", _("安全相关")
    COMEBACK = "comeback", _("返修")
    COMPLAINT = "complaint", _("投诉")


class ReservePurpose(models.TextChoices):
    """What hours of the reserve are for (CAP-01); empty: hours promised to an ordinary booking."""

    NONE = "", _("可约产能")
    QUICK = "quick", _("快修")
    URGENT = "urgent", _("急修")
    CARRY_OVER = "carry_over", _("结转")
    UNFORESEEN = "unforeseen", _("意外")


class Booking(DealerOwned, Audited):
    """A promise to a customer: work on a car from `starts_at` to `ends_at` (exclusive).

    The customer is asked to come at `arrive_at`. The bays and people set aside are its `blocks`, the jobs its
    `items`; `planned_hours` is their sum. `hold_until` is set while `held`. `is_invited`: the store asked the customer
    to come (主动预约); else the customer asked (被动预约, APT-16).
    """

    LIFECYCLE = BOOKING_LIFECYCLE

    number = models.CharField(_("预约号"), max_length=20)
    car = models.ForeignKey(Car, on_delete=models.PROTECT, related_name="bookings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="bookings")
    status = models.CharField(max_length=24, choices=BookingStatus.choices, default=BookingStatus.HELD)
    arrive_at = models.DateTimeField(_("请客户到店"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    planned_hours = models.DecimalField(_("计划工时"), max_digits=6, decimal_places=2)
    priority = models.CharField(_("优先"), max_length=12, choices=Priority.choices, default="", blank=True)
    priority_reason = models.CharField(_("优先的原因"), max_length=200, blank=True)
    is_first_service = models.BooleanField(_("首保"), default=False)
    discount_percent = models.PositiveSmallIntegerField(_("工时优惠"), default=0)
    source = models.CharField(_("来源"), max_length=20, default="desk")
    is_invited = models.BooleanField(_("主动预约"), default=False)
    waits = models.BooleanField(_("在店等候"), default=False)
    note = models.CharField(_("备注"), max_length=400, blank=True)
    fault = models.CharField(_("客户描述的故障"), max_length=400, blank=True)  # APT-07
    special_needs = models.CharField(_("特殊需要"), max_length=200, blank=True)
    times_moved = models.PositiveSmallIntegerField(_("改期次数"), default=0)
    drop_off_name = models.CharField(_("送修人"), max_length=40, blank=True)
    drop_off_phone = models.CharField(_("送修人电话"), max_length=20, blank=True)
    hold_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_booking_number"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_has_length"),
            models.CheckConstraint(condition=Q(arrive_at__lte=F("starts_at")), name="booking_arrival_first"),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(hold_until__isnull=False), name="hold_has_an_end"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "starts_at"], name="booking_by_time"),
            models.Index(fields=["dealer", "car", "-starts_at"], name="booking_by_car"),
            models.Index(fields=["dealer", "hold_until"], name="open_holds", condition=Q(status="held")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_active(self) -> bool:
        """Whether its bays and people are kept for it."""
        return self.status in ACTIVE


class BookingItem(DealerOwned):
    """A job of a booking, with the hours planned for it."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="items")
    labour = models.ForeignKey(LabourOperation, on_delete=models.PROTECT, related_name="+")
    hours = models.DecimalField(max_digits=6, decimal_places=2)


class BlockKind(models.TextChoices):
    RECEPTION = "reception", _("接待")
    WORK = "work", _("作业")
    EQUIPMENT = "equipment", _("设备")


def _never_twice(resource: str) -> ExclusionConstraint:
    """No two active blocks use one bay or one person at overlapping times.

    `int8range(id, id, '[]')` stands for `id WITH =`, which would need the btree_gist extension that the
    embedded PostgreSQL does not have (bench/bookings.py measures what it costs).
    """
    return ExclusionConstraint(
        name=f"no_double_booking_of_{resource}",
        expressions=[
            (Func(F(resource), F(resource), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
            (Func(F("starts_at"), F("ends_at"), function="tstzrange"), RangeOperators.OVERLAPS),
        ],
        condition=Q(is_active=True) & Q(**{f"{resource}__isnull": False}),
    )


class BookingBlock(DealerOwned):
    """Time of one bay and one person set aside for a booking; one job may hold several blocks.

    `reception` takes an advisor, `work` a bay and a technician of `skill` for `planned_hours`, `equipment` a piece of
    equipment for as long as the work that needs it. A block that spans breaks or nights keeps what it took until
    `ends_at`. `is_active` follows the booking: false gives the time back without losing who it was planned for.
    `purpose` says which part of the reserve the hours came from; `started_at` when the work was begun in truth,
    `finished_at` when it was done; both empty until somebody says so.
    """

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="blocks")
    kind = models.CharField(max_length=12, choices=BlockKind.choices)
    position = models.PositiveSmallIntegerField(default=0)
    bay = models.ForeignKey(Bay, on_delete=models.PROTECT, null=True, related_name="blocks")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="blocks")
    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT, null=True, related_name="blocks")
    skill = models.CharField(max_length=20, blank=True)
    planned_hours = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    purpose = models.CharField(max_length=12, choices=ReservePurpose.choices, default="", blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="block_has_length"),
            models.CheckConstraint(
                condition=Q(kind="reception", staff__isnull=False)
                | Q(kind="work", staff__isnull=False, bay__isnull=False)
                | Q(kind="equipment", equipment__isnull=False),
                name="block_names_what_it_takes",
            ),
            _never_twice("bay"),
            _never_twice("staff"),
            _never_twice("equipment"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "ends_at"], name="active_blocks", condition=Q(is_active=True)),
        ]
