"""The kernel's own tables: changes, status changes, number series, idempotency keys."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from huichang.kernel.scoping import DealerOwned


class Action(models.TextChoices):
    CREATED = "created", "新建"
    UPDATED = "updated", "修改"
    DELETED = "deleted", "删除"


class ChangeRecord(models.Model):
    """One change of one row: who, when, before, after (SYS: every change is kept). Written by triggers only.

    `changes` is {column: [before, after]}; hidden columns hold null for both. The app's role may insert and
    read, never change or delete.
    """

    dealer = models.ForeignKey("dealers.Dealer", on_delete=models.PROTECT, null=True, related_name="+")
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    action = models.CharField(max_length=8, choices=Action.choices)
    changes = models.JSONField(default=dict)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["table_name", "row_id", "at"], name="change_of_row")]


class StatusChange(models.Model):
    """One move of one row through its lifecycle: history, stage durations and notices come from this fact."""

    dealer = models.ForeignKey("dealers.Dealer", on_delete=models.PROTECT, null=True, related_name="+")
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    before = models.CharField(max_length=24, blank=True)
    after = models.CharField(max_length=24)
    reason = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["table_name", "row_id", "at"], name="status_of_row")]


class NumberSeries(DealerOwned):
    """The last number given out of a kind on a day at a store."""

    kind = models.CharField(max_length=4)
    day = models.DateField()
    last_value = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "kind", "day"], name="one_series_per_day")
        ]
