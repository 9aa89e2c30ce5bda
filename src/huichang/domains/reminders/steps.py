"""The steps of cases whose day has come: messages, and calls with the days on which they stand in the queue."""

from __future__ import annotations

from datetime import datetime

from huichang.domains.contacts import batch as contacts
from huichang.domains.contacts.sending import UNREPORTED
from huichang.domains.reminders.callers import callers_of
from huichang.domains.reminders.capacity import ready, spread
from huichang.domains.reminders.engine import HERE
from huichang.domains.reminders.forecast import Area, as_json
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.models import Due
from huichang.domains.worklist import batch as worklist
from huichang.kernel import sql

SOURCE = "reminders.case"


def send_messages(area: Area, now: datetime) -> tuple[int, dict[str, int]]:
    """One message for each case whose day has come (REM-14).

    Returns how many wait to be sent, and how many reasons that are a message only are done by that, by kind.
    """
    templates = as_json({"kind": kind.code, "template": kind.message} for kind in KINDS.values())
    found = sql.rows(HERE, "messages_to_send", area.parameters(kinds=templates))
    if not found:
        return 0, {}
    wanted = [
        contacts.NewMessage(
            dealer_id=row["dealer_id"], customer_id=row["customer_id"], car_id=row["car_id"],
            purpose=row["kind"], purposes=("all", row["kind"], KINDS[row["kind"]].purpose), key=row["key"],
            body=row["body"], has_complaint=row["has_complaint"],
            values={"due_date": row["due_date"], "items": KINDS[row["kind"]].name},
        )
        for row in found
    ]  # fmt: skip
    planned = contacts.plan_messages(wanted, planned_for=now, now=now)
    done = sql.rows(
        HERE,
        "mark_messages",
        {
            "dues": [pk for row in found for pk in row["dues"]],
            "message_only": [kind.code for kind in KINDS.values() if not kind.calls],
            "as_of": area.as_of,
            "now": now,
        },
    )
    return planned, {row["kind"]: row["closed"] for row in done}


def message_key(due: Due) -> str:
    """The key of the message that told of a reason (`sql/messages_to_send.sql` makes the same)."""
    return f"case:{due.case_id}:{due.messaged_on:%y%m%d}"


def make_calls(area: Area, now: datetime) -> int:
    """Open, open again and correct the call tasks, then spread what is new over the days (`capacity.spread`).

    Returns how many calls began.
    """
    coming = sql.rows(HERE, "awaited_messages", area.parameters(unreported=list(UNREPORTED)))
    awaited = [row["due_id"] for row in coming]
    found = sql.rows(HERE, "calls_to_make", area.parameters(kinds=purposes(), awaited=awaited))
    theirs = callers_of(area, [row["id"] for row in found if row["task_status"] != "open"])
    wanted = [
        worklist.NewTask(
            dealer_id=row["dealer_id"], customer_id=row["customer_id"], car_id=row["car_id"],
            source_id=row["id"], step=row["step"], last_safe_day=row["last_safe_day"],
            ready_at=ready(area, row["dealer_id"], row["ready_on"]) if row["ready_on"] else row["ready_at"],
            assigned_to_id=theirs.get(row["id"]),
        )
        for row in found
    ]  # fmt: skip
    again = {row["id"] for row in found if row["task_status"] in {"done", "cancelled"}}
    worklist.reopen_call_tasks(SOURCE, [task for task in wanted if task.source_id in again], now=now)
    tasks = worklist.open_call_tasks(
        SOURCE, [task for task in wanted if task.source_id not in again], now=now
    )
    begun = [row for row in found if row["task_status"] != "open"]
    sql.execute(
        HERE,
        "mark_tasks",
        {
            "cases": [row["id"] for row in begun],
            "tasks": [row["task_id"] or tasks[row["id"]] for row in begun],
            "steps": [row["step"] for row in begun],
        },
    )
    spread(
        area,
        fresh=[row["task_id"] or tasks[row["id"]] for row in begun],
        apart=[row["task_id"] for row in found if row["is_here"]],
    )
    return len(begun)


def purposes() -> str:
    """What a refusal of each kind names, for the statements about calls."""
    return as_json({"kind": kind.code, "purpose": kind.purpose} for kind in KINDS.values() if kind.calls)
