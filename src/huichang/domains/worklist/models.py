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


class ToDo(DealerOwned):
    """Something that waits for a person and is no call: a basket to put back, a paper to print again.

    `kind` names what it is (`parts.put_back`) and `reference` what it is about; a kind is open once a reference.
    `target_id` is the row where it is done. It is `assigned_to`'s, else of everybody who holds the permission `needs`.
    `by_hand` ones are ticked by a person; the others end by the act itself.
    """

    LIFECYCLE = Lifecycle(
        initial="open", moves={"open": {"done", "cancelled"}, "done": {"open"}, "cancelled": {"open"}}
    )

    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=40)
    target_id = models.BigIntegerField(null=True)
    text = models.CharField(_("内容"), max_length=200)
    status = models.CharField(max_length=24, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    due_at = models.DateTimeField(_("期限"))
    needs = models.CharField(max_length=60)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_hand = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "kind", "reference"], name="one_to_do")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "due_at", "id"], name="open_to_dos", condition=Q(status="open")),
            models.Index(fields=["dealer", "-ended_at"], name="ended_to_dos"),
        ]
