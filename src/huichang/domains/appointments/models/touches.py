"""The choreography of a booking: every touch planned, done with proof, or skipped with a reason."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models.booking import Booking
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class TouchKind(models.TextChoices):
    RECEIVED = "received", _("预约回执")
    CONFIRM_CALL = "confirm_call", _("确认电话")
    NAMES = "names", _("告知顾问和技师")
    SALES_NAMES = "sales_names", _("销售顾问告知首保客户")
    ONE_HOUR = "one_hour", _("到店前提醒")
    ARRIVAL = "arrival", _("到店")
    NO_SHOW_MESSAGE = "no_show_message", _("爽约问候")
    NO_SHOW_CALL = "no_show_call", _("爽约回访电话")
    CHANGED = "changed", _("改期通知")
    CANCELLED = "cancelled", _("取消通知")
    CONFIRMED = "confirmed", _("正式预约通知")
    PARTS_LATE = "parts_late", _("配件未到通知")
    PARTS_CALL = "parts_call", _("配件未到改约电话")


class TouchStatus(models.TextChoices):
    PLANNED = "planned", _("计划中")
    ASKED = "asked", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有送达")
    SKIPPED = "skipped", _("已跳过")


class SkipCause(models.TextChoices):
    TOO_LATE = "too_late", _("预约时已过时间")
    SWITCHED_OFF = "switched_off", _("门店未启用")
    MOVED = "moved", _("预约已改期")
    CANCELLED = "cancelled", _("预约取消了")
    ARRIVED = "arrived", _("客户已到店")
    NO_SHOW = "no_show", _("客户爽约")
    CONFIRMED = "confirmed", _("客户已确认")
    SUPPRESSED = "suppressed", _("客户不接收或没有联系方式")
    REBOOKED = "rebooked", _("已重新预约")
    IN_TIME = "in_time", _("配件已到")
    IN_OUTREACH = "in_outreach", _("由招揽电话一并联系")
    IN_DOUBT = "in_doubt", _("配件赶不上,先改约")


class Touch(DealerOwned):
    """One touch of a customer (or of the store's own people) for a booking.

    `round` counts the times the booking was moved: a moved booking is touched anew. A message is `asked` when it is
    queued and `done` when it was delivered; a call is `asked` while its task is open. `proof` names what shows that it
    was done: `message:ID`, `call:ID`, `person`.
    """

    LIFECYCLE = Lifecycle(
        initial="planned",
        moves={
            "planned": {"asked", "done", "skipped"},
            "asked": {"done", "failed", "skipped"},
            "failed": {"done"},
            "done": set(),
            "skipped": set(),
        },
    )

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="touches")
    kind = models.CharField(max_length=16, choices=TouchKind.choices)
    round = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=24, choices=TouchStatus.choices, default=TouchStatus.PLANNED)
    planned_at = models.DateTimeField()
    cause = models.CharField(max_length=20, choices=SkipCause.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    proof = models.CharField(max_length=40, blank=True)
    message_key = models.CharField(max_length=80, blank=True)
    task_id = models.BigIntegerField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["booking", "kind", "round"], name="one_touch_a_round"),
            models.CheckConstraint(condition=~Q(status="done") | ~Q(proof=""), name="done_has_proof"),
            models.CheckConstraint(condition=~Q(status="skipped") | ~Q(cause=""), name="skipped_has_cause"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["dealer", "planned_at"], name="planned_touches", condition=Q(status="planned")
            ),
            models.Index(fields=["dealer", "task_id"], name="asked_calls", condition=Q(status="asked")),
            models.Index(
                fields=["dealer", "message_key"], name="touch_of_message", condition=~Q(message_key="")
            ),
        ]
