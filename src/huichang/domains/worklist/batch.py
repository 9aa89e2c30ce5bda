"""Many call tasks at once, for those above that plan by the thousand. The statements are in `sql/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from huichang.kernel import sql

_HERE = "huichang.domains.worklist"


@dataclass(frozen=True, slots=True)
class NewTask:
    """A call to make; `source_id` is the row of `source` that asks for it."""

    dealer_id: int
    customer_id: int
    car_id: int | None
    source_id: int
    step: str
    ready_at: datetime
    last_safe_day: date
    assigned_to_id: int | None = None  # whose call it is by rule; None: whose turn it is


def open_call_tasks(source: str, tasks: Sequence[NewTask], *, now: datetime) -> dict[int, int]:
    """Make the tasks that are missing and bring open, unclaimed ones up to date. {source_id: task id}; one statement.

    Tasks that are done or cancelled stay so. Idempotent by (dealer, source, source_id).
    """
    found = sql.rows(
        _HERE,
        "open_call_tasks",
        {
            "source": source,
            "now": now,
            "dealers": [task.dealer_id for task in tasks],
            "customers": [task.customer_id for task in tasks],
            "cars": [task.car_id for task in tasks],
            "sources": [task.source_id for task in tasks],
            "steps": [task.step for task in tasks],
            "ready": [task.ready_at for task in tasks],
            "safe": [task.last_safe_day for task in tasks],
            "people": [task.assigned_to_id for task in tasks],
        },
    )
    return {row["source_id"]: row["id"] for row in found}


def cancel_call_tasks(source: str, source_ids: Sequence[int], *, reason: str, now: datetime) -> int:
    """Cancel the open tasks of these rows, with a StatusChange each. Returns how many; one statement."""
    return sql.execute(
        _HERE,
        "cancel_call_tasks",
        {"source": source, "sources": list(source_ids), "reason": reason[:200], "now": now},
    )


def reopen_call_tasks(source: str, tasks: Sequence[NewTask], *, now: datetime) -> int:
    """Open done and cancelled tasks again: a new reason, a second call, a booking given back, a refusal lifted.

    Returns how many; one statement.
    """
    return sql.execute(
        _HERE,
        "reopen_call_tasks",
        {
            "source": source,
            "now": now,
            "sources": [task.source_id for task in tasks],
            "cars": [task.car_id for task in tasks],
            "steps": [task.step for task in tasks],
            "ready": [task.ready_at for task in tasks],
            "safe": [task.last_safe_day for task in tasks],
            "people": [task.assigned_to_id for task in tasks],
        },
    )


def plan_days(days: Mapping[int, datetime]) -> int:
    """Let open tasks stand in the queue from these moments on: {task id: moment}. Returns how many moved."""
    return sql.execute(_HERE, "plan_days", {"tasks": list(days), "ready": list(days.values())})
