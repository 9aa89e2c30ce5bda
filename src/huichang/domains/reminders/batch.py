"""The set-based run: who is due, their cases, the steps whose day has come (ADR 0010). The statements are in `sql/`.

One statement per step and kind, whether for one car, one store or the nation; nothing goes row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any

from huichang.domains.contacts import batch as contacts
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policies_by_dealer
from huichang.domains.reminders import engine
from huichang.domains.reminders.engine import HERE
from huichang.domains.reminders.forecast import Area, as_json, forecast, learn, needs_learning, stores_of
from huichang.domains.reminders.kinds import KINDS, ClosedBy
from huichang.domains.reminders.permissions import P
from huichang.domains.reminders.steps import SOURCE, make_calls, purposes, send_messages
from huichang.domains.worklist import batch as worklist
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.operations import operation
from huichang.kernel.scoping import current_scope
from huichang.kernel.worktime import local_moment


@dataclass(slots=True)
class RunResult:
    """What a run did. `new`, `moved`, `closed` and `open` count reasons by kind."""

    dealers: int = 0
    cars: int = 0  # whose forecast changed
    new: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    new_cases: int = 0
    closed_cases: int = 0
    tasks: int = 0
    messages: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def area_of(dealers: Sequence[Dealer] | None, as_of: date, car_ids: Sequence[int] | None = None) -> Area:
    """The area of a run with its stores' policies. `dealers` None: every active store of the open scope."""
    reach = current_scope().dealer_ids
    if dealers is None:
        stores = Dealer.objects.filter(is_active=True).order_by("pk")
        dealers = list(stores if reach is None else stores.filter(pk__in=reach))
        everywhere = reach is None
    else:
        everywhere = False
    policies = policies_by_dealer("reminders.", dealers, as_of)
    return Area(as_of, dealers, everywhere, car_ids, policies, stores_of(policies))


@operation(P.RUN)
def run(
    *,
    actor: Actor,
    as_of: date,
    dealers: Sequence[Dealer] | None = None,
    car_ids: Sequence[int] | None = None,
    now: datetime | None = None,
) -> RunResult:
    """Work out who is due on a day. Idempotent: the same run again changes nothing.

    Needs an open scope that reaches the stores. `now` defaults to the hour at which tasks appear that day.
    """
    area = area_of(dealers, as_of, car_ids)
    result = RunResult(dealers=len(area.dealers))
    if not area.dealers:
        return result
    moment = now or local_moment(as_of, time(8))
    if area.is_everywhere and car_ids is None:
        engine.plan_for_everything()
    sql.rows(HERE, "lock_stores", {"dealer_ids": [dealer.pk for dealer in area.dealers]})
    if car_ids is None or needs_learning(area):
        learn(area)
    result.cars = forecast(area)
    _keep_dues(area, moment, result)
    _keep_cases(area, moment, result)
    result.messages, done = send_messages(area, moment)
    for code, number in done.items():
        result.closed[code] += number
    result.tasks = make_calls(area, moment)
    sql.execute(HERE, "late_arrivals", area.parameters())
    for row in sql.rows(HERE, "open_dues", area.parameters()):
        result.open[row["kind"]] = row["open"]
    return result


def _keep_dues(area: Area, now: datetime, result: RunResult) -> None:
    visited = [kind.code for kind in KINDS.values() if kind.closed_by is ClosedBy.VISIT]
    result.new = dict.fromkeys(KINDS, 0)
    result.moved = dict.fromkeys(KINDS, 0)
    result.closed = dict.fromkeys(KINDS, 0)
    result.open = dict.fromkeys(KINDS, 0)
    for row in sql.rows(HERE, "close_visited", area.parameters(kinds=visited, now=now)):
        result.closed[row["kind"]] += row["closed"]
    for kind in KINDS.values():
        kept = engine.keep(kind, area, now=now)
        result.new[kind.code] += kept["new"]
        result.moved[kind.code] += kept["moved"]
        result.closed[kind.code] += kept["closed"]
    purposes = as_json(
        {"kind": k.code, "purpose": k.purpose, "passed": k.leads.passed} for k in KINDS.values()
    )
    for row in sql.rows(HERE, "close_refused", area.parameters(kinds=purposes, now=now)):
        result.closed[row["kind"]] += row["closed"]
    groups = {kind.code: kind.purpose for kind in KINDS.values()}
    contacts.cancel_refused(groups, dealer_ids=area.dealer_ids, now=now)
    sql.execute(HERE, "reopen_lifted", area.parameters(kinds=purposes, now=now))


def _keep_cases(area: Area, now: datetime, result: RunResult) -> None:
    """Reasons into cases, visits that no longer stand let go, days up to date, what is settled closed."""
    result.new_cases = sql.rows(HERE, "open_cases", area.parameters(now=now))[0]["new"]
    days = as_json(
        {"dealer_id": pk, "reopen_days": values["reminders.reopen_days"]}
        for pk, values in area.policies.items()
    )
    sql.execute(HERE, "free_dues", area.parameters(steps=days))
    sql.execute(HERE, "resume_cases", area.parameters(now=now))
    sql.execute(HERE, "refresh_cases", area.parameters())
    result.closed_cases = len(sql.rows(HERE, "close_cases", area.parameters(now=now)))
    idle = sql.rows(HERE, "tasks_to_cancel", area.parameters(kinds=purposes()))
    if idle:
        worklist.cancel_call_tasks(SOURCE, [row["id"] for row in idle], reason="reminders.case", now=now)
