"""How a kind's own SELECT is put into the frame that keeps dues or plans a month."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection

from huichang.domains.reminders.forecast import Area, as_json
from huichang.domains.reminders.kinds import Kind
from huichang.kernel import sql

HERE = "huichang.domains.reminders"
FEW = 20_000  # cars; beyond, walking indexes costs more than reading the tables
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
    """Make, move and close the dues of one kind: {'new', 'moved', 'closed'}.

    First one reading statement finds the stores that differ, another in these the cars; then one statement writes,
    for those cars alone unless they are so many that whole tables are read faster.
    """
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
    nothing = {"new": 0, "moved": 0, "closed": 0}
    if area.car_ids is None and len(area.dealers) > 1:
        parameters["dealer_ids"] = rows("stores_that_differ", kind.statement, parameters)[0]["dealers"]
        if not parameters["dealer_ids"]:
            return nothing
    cars = rows("find_changes", kind.statement, parameters)[0]["cars"]
    if not cars:
        return nothing
    with _reading_few(len(cars) <= FEW):
        if len(cars) <= FEW:
            parameters["car_ids"] = cars
        return rows("keep_dues", kind.statement, parameters)[0]


def where_on(kind: Kind, area: Area) -> Area:
    """The part of the area whose stores have the kind switched on (SYS-36)."""
    switch = kind.policies["on"].key
    stores = [dealer for dealer in area.dealers if area.policies[dealer.pk][switch]]
    return area if len(stores) == len(area.dealers) else replace(area, dealers=stores, is_everywhere=False)


def plan(kind: Kind, area: Area, *, month: date, until: date) -> int:
    """Write the plan's lines of one kind for the planned month; returns how many."""
    parameters = where_on(kind, area).parameters(kind=kind.code, month=month, since=month, until=until)
    found = rows("plan_dues", kind.statement, parameters)
    return int(found[0]["planned"])


def _steps_at(kind: Kind, dealer_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    steps = {name: values[policy.key] for name, policy in kind.policies.items()}
    first = max((steps[name] for name in ("message", "call") if name in steps), default=0)
    horizon = first + values["reminders.look_ahead_days"] + 1
    if not steps["on"]:  # no day is within reach: nothing is made, what is open ends
        horizon = -steps["passed"]
    return {
        "dealer_id": dealer_id,
        **{name: steps.get(name) for name in ("message", "call", "second")},
        "passed": steps["passed"],
        "within": steps["within"],
        "horizon": horizon,
        "lead_days": values["reminders.parts_lead_days"],
        "preparation_days": values["reminders.preparation_days"],
        "same_days": values["reminders.same_occasion_days"],
        "reopen_days": values["reminders.reopen_days"],
        "needs": kind.needs_parts,
    }


def plan_for_everything() -> None:
    """Tell the planner, for this transaction, that statements read whole tables.

    Under row security it takes every filter for a selective one, walks indexes a million times and sorts what it
    should hash (bench/due_list.py).
    """
    _settings(nestloop="off", work_mem="256MB")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_sort', 'off', true)")


@contextmanager
def _reading_few(is_few: bool) -> Iterator[None]:
    """For the length of the block let the planner walk indexes again, when only few cars are read."""
    before = _setting("enable_nestloop"), _setting("work_mem")
    if is_few:
        _settings(nestloop="on", work_mem=before[1])
    yield  # after an error the rollback restores the settings
    _settings(nestloop=before[0], work_mem=before[1])


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _settings(*, nestloop: str, work_mem: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_nestloop', %s, true), set_config('work_mem', %s, true)",
            [nestloop, work_mem],
        )
