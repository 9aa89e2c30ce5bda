"""State as a declared table plus compare-and-set (docs/adr/0006-lifecycles.md).

    LIFECYCLE = Lifecycle(initial="open", moves={"open": {"done", "closed"}, "done": set(), "closed": set()})

`move()` runs `UPDATE … WHERE id AND status = before`; when another person was faster no row matches and it
raises `TransitionRefused`. Every move writes one `StatusChange`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from huichang.kernel.actors import Actor
from huichang.kernel.models import StatusChange
from huichang.kernel.operations import OperationRefused


class TransitionRefused(OperationRefused):
    """The row is no longer in the status the move starts from, or the move is not in the table."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The allowed moves. Raises ValueError when a target is not itself a key of `moves`."""

    initial: str
    moves: Mapping[str, frozenset[str] | set[str]]

    def __post_init__(self) -> None:
        unknown = {target for targets in self.moves.values() for target in targets} - set(self.moves)
        if unknown or self.initial not in self.moves:
            raise ValueError(f"lifecycle names unknown statuses: {sorted(unknown) or self.initial}")

    def available(self, status: str) -> frozenset[str]:
        """The statuses one move away: the buttons of a page."""
        return frozenset(self.moves[status])

    def final(self) -> frozenset[str]:
        """The statuses that nothing leaves."""
        return frozenset(status for status, targets in self.moves.items() if not targets)

    def reachable(self) -> frozenset[str]:
        """Every status that can be reached from the initial one."""
        seen: set[str] = set()
        todo = [self.initial]
        while todo:
            status = todo.pop()
            if status not in seen:
                seen.add(status)
                todo.extend(self.moves[status])
        return frozenset(seen)


def move(
    row: models.Model,
    to: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    also: Mapping[str, Any] | None = None,
) -> None:
    """Move `row` to status `to` and set the columns of `also` with it. Raises TransitionRefused.

    The instance in hand is brought up to date; nothing else of it is saved.
    """
    lifecycle: Lifecycle = row.LIFECYCLE  # type: ignore[attr-defined]  # each model with a status declares it
    before: str = row.status  # type: ignore[attr-defined]
    if to not in lifecycle.available(before):
        raise TransitionRefused(
            _("现在的状态是“{now}”,不能改为“{to}”。请刷新后再试。").format(
                now=_label(row, before), to=_label(row, to)
            )
        )
    columns = {"status": to, **(also or {})}
    moved = type(row)._base_manager.filter(pk=row.pk, status=before).update(**columns)
    if not moved:
        raise TransitionRefused(_("别人刚刚改了它的状态。请刷新后再试,您输入的内容还在。"))
    for name, value in columns.items():
        setattr(row, name, value)
    record(row, before=before, after=to, actor=actor, now=now, reason=reason)


def record(
    row: models.Model, *, before: str, after: str, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Write the StatusChange of a move or, with before='', of a beginning."""
    StatusChange.objects.create(
        dealer_id=getattr(row, "dealer_id", None),
        table_name=row._meta.db_table,
        row_id=row.pk,
        before=before,
        after=after,
        reason=reason[:200],
        actor_id=actor.user_id,
        actor_name=actor.name,
        at=now,
    )


def _label(row: models.Model, status: str) -> str:
    field: Any = row._meta.get_field("status")
    return str(dict(field.flatchoices).get(status, status))
