"""To-dos: what waits for a person and is no call. Domains above ask for them and end them; some are ticked by hand."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist.models import TaskStatus, ToDo
from huichang.domains.worklist.permissions import P
from huichang.domains.worklist.queries import is_mine
from huichang.kernel.actors import Actor, Permission
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation


@operation(P.TO_DOS)
def ask(
    *,
    dealer: Dealer,
    kind: str,
    reference: str,
    text: str,
    needs: Permission,
    due_at: datetime,
    actor: Actor,
    now: datetime,
    target_id: int | None = None,
    assigned_to_id: int | None = None,
    by_hand: bool = False,
) -> ToDo:
    """Let somebody know what waits for them: those who hold `needs`, or one person. Asked again it is open again."""
    columns = {
        "text": text.strip()[:200], "needs": needs.value, "due_at": due_at, "target_id": target_id,
        "assigned_to_id": assigned_to_id, "by_hand": by_hand,
    }  # fmt: skip
    todo, made = ToDo.objects.get_or_create(
        dealer=dealer, kind=kind, reference=reference, defaults={**columns, "created_at": now}
    )
    if made:
        record(todo, before="", after=todo.status, actor=actor, now=now)
    elif todo.status == TaskStatus.OPEN:
        ToDo.objects.filter(pk=todo.pk).update(**columns)
    else:
        again = {**columns, "created_at": now, "ended_at": None, "ended_by_name": ""}
        move(todo, TaskStatus.OPEN, actor=actor, now=now, also=again)
    return todo


@operation(P.TO_DOS)
def settle(*, dealer: Dealer, kind: str, reference: str, actor: Actor, now: datetime) -> bool:
    """The act itself was done; whether a to-do was open for it."""
    return _end(dealer, kind, reference, TaskStatus.DONE, actor, now)


@operation(P.TO_DOS)
def call_off(*, dealer: Dealer, kind: str, reference: str, actor: Actor, now: datetime) -> bool:
    """Nobody needs it any more; whether a to-do was open for it."""
    return _end(dealer, kind, reference, TaskStatus.CANCELLED, actor, now)


def _end(dealer: Dealer, kind: str, reference: str, to: str, actor: Actor, now: datetime) -> bool:
    rows = ToDo.objects.filter(dealer=dealer, kind=kind, reference=reference, status=TaskStatus.OPEN)
    todo = rows.select_for_update().first()
    if todo is not None:
        move(todo, to, actor=actor, now=now, also={"ended_at": now, "ended_by_name": actor.name[:80]})
    return todo is not None


@operation(P.TO_DOS)
def tick(*, todo: ToDo, actor: Actor, now: datetime) -> None:
    """Say by hand that it is done. Refused for somebody else's, and for what ends by the act itself."""
    if not is_mine(todo, actor):
        raise OperationRefused(_("这件事不在您的待办里。"))
    if not todo.by_hand:
        raise OperationRefused(_("这件事办完后会自动划掉,请打开它去办。"))
    move(
        todo, TaskStatus.DONE, actor=actor, now=now, also={"ended_at": now, "ended_by_name": actor.name[:80]}
    )
