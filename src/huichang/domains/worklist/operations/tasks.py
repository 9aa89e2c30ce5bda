"""What becomes of a call task: opened, done, put off, cancelled, opened again."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist.models import CallTask, Step, TaskStatus
from huichang.domains.worklist.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation

_FREE = {"claimed_by_id": None, "claimed_until": None}


@operation(P.WORK)
def open_task(
    *,
    dealer: Dealer,
    customer: Customer,
    source: str,
    source_id: int,
    ready_at: datetime,
    last_safe_day: date,
    actor: Actor,
    now: datetime,
    car: Car | None = None,
    step: str = Step.CALLBACK,
    subject: str = "",
    assigned_to_id: int | None = None,
) -> CallTask:
    """Ask for one call (many at once: `batch.open_call_tasks`)."""
    task = CallTask.objects.create(
        dealer=dealer, customer=customer, car=car, source=source, source_id=source_id, step=step,
        subject=subject.strip()[:200], ready_at=ready_at, last_safe_day=last_safe_day, created_at=now,
        assigned_to_id=assigned_to_id,
    )  # fmt: skip
    record(task, before="", after=task.status, actor=actor, now=now)
    return task


@operation(P.WORK)
def finish(*, task: CallTask, actor: Actor, now: datetime, reason: str = "") -> None:
    """The call led to an end. Raises TransitionRefused when somebody was faster."""
    done = {**_FREE, "attempts": task.attempts + 1}
    move(task, TaskStatus.DONE, actor=actor, now=now, reason=reason, also=done)


@operation(P.WORK)
def cancel(*, task: CallTask, actor: Actor, now: datetime, reason: str) -> None:
    """The call is no longer wanted. Raises TransitionRefused."""
    move(task, TaskStatus.CANCELLED, actor=actor, now=now, reason=reason, also=_FREE)


@operation(P.WORK)
def postpone(
    *,
    task: CallTask,
    ready_at: datetime,
    actor: Actor,
    now: datetime,
    step: str = "",
    assign_to_me: bool = False,
) -> None:
    """Put the call off until `ready_at`, free for the next agent (or kept by this one).

    Raises OperationRefused for a moment that is not in the future or a task that is no longer open.
    """
    if ready_at <= now:
        raise OperationRefused(_("请选择现在以后的时间。"), field="call_later_at")
    columns: dict[str, object] = {**_FREE, "ready_at": ready_at, "attempts": task.attempts + 1}
    columns["step"] = step or task.step
    if assign_to_me:
        columns["assigned_to_id"] = actor.user_id
    put_off = CallTask.objects.filter(pk=task.pk, status=TaskStatus.OPEN).update(**columns)
    if not put_off:
        raise OperationRefused(_("这位客户的致电任务已经处理完了。"))
    for name, value in columns.items():
        setattr(task, name, value)


@operation(P.WORK)
def reopen(*, task: CallTask, ready_at: datetime, last_safe_day: date, actor: Actor, now: datetime) -> None:
    """Call again after all, for instance when a booking was cancelled. Raises TransitionRefused."""
    again = {**_FREE, "ready_at": ready_at, "last_safe_day": last_safe_day}
    move(task, TaskStatus.OPEN, actor=actor, now=now, also=again)
