"""Who owes what to whom by when: call tasks that agents claim, and to-dos."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car, Customer
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class TaskStatus(models.TextChoices):
    OPEN = "open", _("待办")
    DONE = "done", _("已完成")
    CANCELLED = "cancelled", _("已取消")


class Step(models.TextChoices):
    """Which call it is."""

    FIRST_CALL = "first_call", _("首次致电")
    SECOND_CALL = "second_call", _("二次致电")
    CALL_LATER = "call_later", _("约定再打")
    CALLBACK = "callback", _("回电")


class CallTask(DealerOwned):
    """A call somebody must make. One per source; taking it claims it for some minutes.

    `source` names what asked for it (`reminders.case`, `contacts.call`) and `source_id` the row there. `ready_at`
    is when it appears in the queue; `last_safe_day` sorts the queue; `subject` says what a callback is about.
    """

    LIFECYCLE = Lifecycle(
        initial="open", moves={"open": {"done", "cancelled"}, "done": {"open"}, "cancelled": {"open"}}
    )

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="call_tasks")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=40)
    source_id = models.BigIntegerField()
    step = models.CharField(max_length=16, choices=Step.choices, default=Step.FIRST_CALL)
    subject = models.CharField(_("事由"), max_length=200, blank=True)
    status = models.CharField(max_length=24, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    ready_at = models.DateTimeField()
    last_safe_day = models.DateField()
    attempts = models.PositiveSmallIntegerField(default=0)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "source", "source_id"], name="one_call_task")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["dealer", "last_safe_day", "id"], name="open_call_tasks", condition=Q(status="open")
            ),
            models.Index(fields=["dealer", "ready_at"], name="ready_tasks", condition=Q(status="open")),
        ]
