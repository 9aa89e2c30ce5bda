"""The month: its plan, its census, its sums; frozen (REM-16, REM-24…26)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car
from huichang.domains.reminders.kinds import choices
from huichang.domains.reminders.models.case import Case
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class MonthStatus(models.TextChoices):
    PLANNED = "planned", _("已计划")
    FROZEN = "frozen", _("已封存")


class Bucket(models.TextChoices):
    """Where a car of the base ended the month: exactly one (REM-24)."""

    NOT_DUE = "not_due", _("本月未到期")
    RETURNED = "returned", _("已回厂")
    NOT_REMINDED = "not_reminded", _("未提醒")
    NOT_TRACKED = "not_tracked", _("已提醒未跟踪")
    NOT_RETURNED = "not_returned", _("已跟踪未回厂")


class Month(DealerOwned):
    """A store's month: planned at the end of the one before, frozen at its own end (REM-16, REM-24…26)."""

    LIFECYCLE = Lifecycle(initial="planned", moves={"planned": {"frozen"}, "frozen": set()})

    month = models.DateField(_("月份"))  # its first day
    status = models.CharField(max_length=24, choices=MonthStatus.choices, default=MonthStatus.PLANNED)
    planned_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "month"], name="one_month")]


class PlannedDue(DealerOwned):
    """A line of a month's plan: what the month was expected to bring, frozen when it was planned.

    `is_late` marks what became due in the month without having been in the plan.
    """

    month = models.ForeignKey(Month, on_delete=models.CASCADE, related_name="plan")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32, choices=choices)
    key = models.CharField(max_length=40)
    due_date = models.DateField(_("到期日"))
    is_late = models.BooleanField(_("计划后到期"), default=False)
    added_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "car", "kind", "key"], name="planned_once")
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "month", "due_date", "id"], name="plan_by_date")]


class MonthEntry(DealerOwned):
    """One car of the base in one month's census: exactly one bucket, with its cause. Frozen with its month.

    `kinds` are the codes of what was due, comma separated; `due_date` the earliest; `case` the last case.
    """

    month = models.ForeignKey(Month, on_delete=models.CASCADE, related_name="entries")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    bucket = models.CharField(max_length=16, choices=Bucket.choices)
    cause = models.CharField(max_length=32, blank=True)
    is_due = models.BooleanField(default=False)
    is_late = models.BooleanField(default=False)
    is_reminded = models.BooleanField(default=False)
    is_tracked = models.BooleanField(default=False)
    is_returned = models.BooleanField(default=False)
    kinds = models.CharField(max_length=200, blank=True)
    due_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["month", "car"], name="one_census_entry")]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "month", "bucket", "car"], name="entry_by_bucket")
        ]


class MonthFigure(DealerOwned):
    """The sums of a frozen month, written once from its entries: the same numbers for store, region and maker.

    `kind` '' counts cars; a kind counts the cars for which it was due.
    """

    month = models.ForeignKey(Month, on_delete=models.CASCADE, related_name="figures")
    kind = models.CharField(max_length=32, blank=True)
    bucket = models.CharField(max_length=16, choices=Bucket.choices)
    cause = models.CharField(max_length=32, blank=True)
    cars = models.PositiveIntegerField()
    late = models.PositiveIntegerField(default=0)  # of them what was not in the plan

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "kind", "bucket", "cause"], name="one_month_figure")
        ]
