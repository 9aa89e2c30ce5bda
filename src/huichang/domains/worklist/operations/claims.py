"""Taking a call task so that nobody else does: a claim that lapses by itself.

A claim is `claimed_by` until `claimed_until`. `claim_next` locks the first free row and skips rows that other
agents are locking at the same moment; `claim` and `renew` are compare-and-set.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.worklist import policies
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.domains.worklist.permissions import P
from huichang.domains.worklist.queries import TODAY, queue, takeable
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import CHINA, local_date


class ClaimedByOther(OperationRefused):
    """Another agent has the task; `holder` is the name, `until` when the claim lapses."""

    def __init__(self, holder: str, until: datetime) -> None:
        clock = f"{until.astimezone(CHINA):%H:%M}"
        super().__init__(
            _("{holder} 正在处理这位客户,到 {until} 为止。您输入的内容还在。").format(
                holder=holder, until=clock
            )
        )
        self.holder = holder
        self.until = until


@operation(P.WORK)
def claim_next(*, dealer: Dealer, actor: Actor, now: datetime, tab: str = TODAY) -> CallTask | None:
    """Take the first task of a tab that is free, allowed and not another's; None when the queue is done.

    Skipped: claimed by others, assigned to others, customers at the contact cap, cases whose call is not due.
    """
    free = takeable(queue(dealer, tab, actor=actor, now=now), dealer=dealer, actor=actor, now=now)
    task = free.select_for_update(skip_locked=True, of=("self",)).first()
    if task is None:
        return None
    _hold(task, dealer, actor, now)
    return task


@operation(P.WORK)
def claim(*, task: CallTask, dealer: Dealer, actor: Actor, now: datetime) -> None:
    """Take this task. Raises ClaimedByOther, or OperationRefused when it is no longer open."""
    if not _hold(task, dealer, actor, now):
        _explain(task, now)


@operation(P.WORK)
def renew(*, task: CallTask, dealer: Dealer, actor: Actor, now: datetime) -> None:
    """Keep one's claim while working. A lapsed claim is taken again if it is still free; see `claim`."""
    if not _hold(task, dealer, actor, now):
        _explain(task, now)


@operation(P.WORK)
def release(*, task: CallTask, actor: Actor, now: datetime) -> None:
    """Give one's own claim back; no effect on another's."""
    given = CallTask.objects.filter(pk=task.pk, claimed_by_id=actor.user_id).update(
        claimed_by=None, claimed_until=None
    )
    if given:
        task.claimed_by = task.claimed_until = None


def _hold(task: CallTask, dealer: Dealer, actor: Actor, now: datetime) -> bool:
    until = now + timedelta(minutes=policy(policies.CLAIM_MINUTES, dealer, local_date(now)))
    free = Q(claimed_by=None) | Q(claimed_by_id=actor.user_id) | Q(claimed_until__lte=now)
    held = CallTask.objects.filter(free, pk=task.pk, status=TaskStatus.OPEN).update(
        claimed_by_id=actor.user_id, claimed_until=until
    )
    if held:
        task.claimed_by_id, task.claimed_until = actor.user_id, until
    return bool(held)


def _explain(task: CallTask, now: datetime) -> None:
    """Say why the task could not be taken: it is done, or another has it."""
    row = CallTask.objects.select_related("claimed_by").get(pk=task.pk)
    if row.status == TaskStatus.OPEN and row.claimed_by and row.claimed_until:
        raise ClaimedByOther(row.claimed_by.name, row.claimed_until)
    raise OperationRefused(_("这位客户的致电任务已经处理完了。"))
