"""How a kind's own SELECT is put into the frame that keeps dues or plans a month."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection

from huichang.domains.reminders.forecast import Area, as_json
from huichang.domains.reminders.kinds import Kind
from huichang.kernel import sql

HERE = "huichang.domains.reminders"
_FROM, _UNTIL = "    -- the source's statement\n", "    -- until here\n"


@functools.cache
def spliced(frame: str, source: str) -> str:
    """The statement `frame` with `source` in the place of its marked lines."""
    text = sql.statement(HERE, frame)
    head, rest = text.split(_FROM)
    _example, tail = rest.split(_UNTIL)
    return f"{head}{sql.statement(HERE, source)}\n{tail}"


def rows(frame: str, source: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run a frame with its source and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(spliced(frame, source), dict(parameters))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def keep(kind: Kind, area: Area, **more: Any) -> dict[str, int]:
    """Make, move and close the dues of one kind: {'new', 'moved', 'closed'}; one statement."""
    stores = [_steps_at(kind, pk, values) for pk, values in area.policies.items()]
    passed = max((row["passed"] for row in stores), default=0)
    horizon = max((row["horizon"] for row in stores), default=0)
    parameters = area.parameters(
        kind=kind.code,
        is_many=kind.is_many,
        closed_by=kind.closed_by.value,
        steps=as_json(stores),
        since=area.as_of - timedelta(days=passed),
        until=area.as_of + timedelta(days=horizon),
        **more,
    )
    return rows("keep_dues", kind.statement, parameters)[0]


def plan(kind: Kind, area: Area, *, month: date, until: date) -> int:
    """Write the plan's lines of one kind for the planned month; returns how many."""
    found = rows(
        "plan_dues", kind.statement, area.parameters(kind=kind.code, month=month, since=month, until=until)
    )
    return int(found[0]["planned"])


def _steps_at(kind: Kind, dealer_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    steps = {name: values[policy.key] for name, policy in kind.policies.items()}
    first = max((steps[name] for name in ("message", "call") if name in steps), default=0)
    return {
        "dealer_id": dealer_id,
        **{name: steps.get(name) for name in ("message", "call", "second")},
        "passed": steps["passed"],
        "within": steps["within"],
        "horizon": first + values["reminders.look_ahead_days"] + 1,
        "lead_days": values["reminders.parts_lead_days"],
        "preparation_days": values["reminders.preparation_days"],
        "same_days": values["reminders.same_occasion_days"],
        "reopen_days": values["reminders.reopen_days"],
        "needs": kind.needs_parts,
    }


def plan_for_everything() -> None:
    """Tell the planner, for this transaction, that a statement reads whole tables.

    Under row security it takes every filter for a selective one and walks indexes a million times (bench/due_list.py).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '256MB', true)"
        )
