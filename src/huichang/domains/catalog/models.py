"""What the store sells and with what: schedules, labour operations, bays, people with skills."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class ServiceSchedule(DealerOwned, Audited):
    """When cars of a series are due (months and km from the sale, then between services) and their warranty.

    An empty `series` is the store's default for series without their own row.
    """

    series = models.CharField(_("车系"), max_length=40, blank=True)
    first_months = models.PositiveSmallIntegerField(_("首保月"))
    first_km = models.PositiveIntegerField(_("首保里程"))
    interval_months = models.PositiveSmallIntegerField(_("间隔月"))
    interval_km = models.PositiveIntegerField(_("间隔里程"))
    warranty_months = models.PositiveSmallIntegerField(_("保修月"))
    warranty_km = models.PositiveIntegerField(_("保修里程"))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "series"], name="one_schedule")]


class LabourOperation(DealerOwned, Audited):
    """A job from the labour catalogue: standard hours, the skill it needs, the hourly rate in yuan."""

    code = models.CharField(_("项目编码"), max_length=30)
    name = models.CharField(_("项目名称"), max_length=80)
    standard_hours = models.DecimalField(_("标准工时"), max_digits=6, decimal_places=2)
    skill = models.CharField(_("工种"), max_length=20)
    hourly_rate = MoneyField(_("工时单价"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "code"], name="one_labour_code"),
            models.CheckConstraint(condition=Q(standard_hours__gt=0), name="labour_takes_time"),
        ]

    def __str__(self) -> str:
        return self.name


class Bay(DealerOwned, Audited):
    """A work bay; `skill` is the kind of work it is equipped for (快保, 机修, 钣金 …), `also_skills` what else.

    A skill that no bay names (变速箱) is done in the bays of its people's other skills (机修): see `queries`.
    """

    name = models.CharField(_("工位"), max_length=40)
    skill = models.CharField(_("类型"), max_length=20)
    also_skills = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    opens_at = models.TimeField(_("营业开始"))
    closes_at = models.TimeField(_("营业结束"))
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "name"], name="one_bay_name"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="bay_opens_before_closing"),
        ]

    def __str__(self) -> str:
        return self.name


class Duty(models.TextChoices):
    """What a member of staff does at the store, as bookings see it."""

    TECHNICIAN = "technician", _("技师")
    ADVISOR = "advisor", _("服务顾问")
    SALES = "sales", _("销售顾问")
    OTHER = "other", _("其他")


class StaffMember(DealerOwned, Audited):
    """A person who works on or around cars; `user` when they also sign in."""

    name = models.CharField(_("姓名"), max_length=40)
    duty = models.CharField(_("岗位"), max_length=12, choices=Duty.choices)
    post_title = models.CharField(_("岗位名称"), max_length=40, blank=True)
    team = models.CharField(_("班组"), max_length=40, blank=True)
    skills = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("在岗"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "name", "duty"], name="one_person_a_duty")
        ]

    def __str__(self) -> str:
        return self.name


class Absence(DealerOwned, Audited):
    """A time in which a person or a bay cannot be booked (leave, training, repair of the lift)."""

    staff = models.ForeignKey(
        StaffMember, on_delete=models.CASCADE, null=True, blank=True, related_name="absences"
    )
    bay = models.ForeignKey(Bay, on_delete=models.CASCADE, null=True, blank=True, related_name="absences")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    reason = models.CharField(_("原因"), max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_has_length"),
            models.CheckConstraint(
                condition=Q(staff=None, bay__isnull=False) | Q(staff__isnull=False, bay=None),
                name="absence_of_one_resource",
            ),
        ]
