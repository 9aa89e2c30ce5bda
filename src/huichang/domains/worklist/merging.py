"""Calls to two records of one customer: `settings.CUSTOMER_MERGE_RULES`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huichang.domains.customers.merging import Merging
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.kernel.operations import OperationRefused


def wait_for_callers(merging: Merging) -> None:
    """Nobody's conversation is taken from under them: while an agent has either record, the merge waits."""
    task = (
        CallTask.objects.select_for_update(of=("self",))
        .select_related("claimed_by")
        .filter(
            customer__in=(merging.kept, merging.dropped),
            status=TaskStatus.OPEN,
            claimed_until__gt=merging.now,
        )
        .first()
    )
    if task is not None:
        who = task.claimed_by.name if task.claimed_by else _("别人")
        raise OperationRefused(_("{who}正在联系这位客户,请等通话结束后再合并。").format(who=who))
