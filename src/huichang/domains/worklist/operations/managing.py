"""The supervisor's hand in the queue: give tasks to somebody, take claims away (CAL-18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.accounts.models import User
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.domains.worklist.permissions import P
from huichang.domains.worklist.queries import agents_of
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.ASSIGN)
def assign(*, task_ids: Sequence[int], to: User | None, actor: Actor, now: datetime) -> int:
    """Give open tasks to an agent of the store, or back to everybody; claims of others on them end.

    Returns how many. Raises OperationRefused for a person who does not work calls at this store today.
    """
    if to is not None and actor.dealer_id is not None:
        agents = {agent.pk for agent in agents_of(actor.dealer_id, local_date(now))}
        if to.pk not in agents:
            raise OperationRefused(_("{name} 今天不在本店接打电话。").format(name=to.name), field="to")
    return CallTask.objects.filter(pk__in=list(task_ids), status=TaskStatus.OPEN).update(
        assigned_to=to, claimed_by=None, claimed_until=None
    )


@operation(P.ASSIGN)
def release_claims(*, task_ids: Sequence[int], actor: Actor) -> int:
    """Put claimed tasks back into the queue. Returns how many."""
    return CallTask.objects.filter(
        pk__in=list(task_ids), status=TaskStatus.OPEN, claimed_by__isnull=False
    ).update(claimed_by=None, claimed_until=None)
