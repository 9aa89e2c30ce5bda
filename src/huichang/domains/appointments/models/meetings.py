"""Appointments that need a person and no bay: test drives, talks with a sales or service advisor (APT-37, APT-39)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.catalog.models import Absence, StaffMember
from huichang.domains.customers.models import Customer
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class MeetingKind(models.TextChoices):
    TEST_DRIVE = "test_drive", _("试驾")
    SALES_TALK = "sales_talk", _("购车洽谈")
    SERVICE_TALK = "service_talk", _("售后咨询")


class MeetingStatus(models.TextChoices):
    AGREED = "agreed", _("已约好")
    KEPT = "kept", _("已来过")
    MISSED = "missed", _("没有来")
    CANCELLED = "cancelled", _("已取消")


class Meeting(DealerOwned, Audited):
    """A customer comes to somebody from `starts_at` to `ends_at` (exclusive).

    The person is kept free by the `absence` that stands for it in the plan of bookings; it goes when the meeting does.
    """

    LIFECYCLE = Lifecycle(
        initial="agreed",
        moves={
            "agreed": {"kept", "missed", "cancelled"},
            "kept": set(),
            "missed": {"kept"},
            "cancelled": set(),
        },
    )

    kind = models.CharField(_("事由"), max_length=12, choices=MeetingKind.choices)
    status = models.CharField(max_length=24, choices=MeetingStatus.choices, default=MeetingStatus.AGREED)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="meetings")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    subject = models.CharField(_("车型或内容"), max_length=60, blank=True)
    absence = models.OneToOneField(Absence, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_has_length")
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "starts_at"], name="meeting_by_time")]

    def message_key(self, what: str) -> str:
        """The key of one of its messages: each is asked for once."""
        return f"meeting:{self.pk}:{what}"
