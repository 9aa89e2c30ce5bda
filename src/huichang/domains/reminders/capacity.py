"""How many calls a store's agents can make, the days of calls that follow from it, and what is too much (CAL-09, CAL-18)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policies_by_dealer
from huichang.domains.reminders.engine import HERE
from huichang.domains.reminders.forecast import Area, as_json
from huichang.domains.worklist import batch as worklist
from huichang.domains.worklist.policies import CALLS_PER_AGENT
from huichang.domains.worklist.queries import seats
from huichang.kernel import sql
from huichang.kernel.worktime import local_date, local_moment


@dataclass(frozen=True, slots=True)
class Capacity:
    """The calls of one store's day: people who take calls that day, and calls of each."""

    dealer_id: int
    agents: int
    calls_each: int

    @property
    def calls(self) -> int:
        return self.agents * self.calls_each


def capacities(dealers: Sequence[Dealer], on: date) -> list[Capacity]:
    """The capacity of each store on a day; a constant number of queries."""
    people = seats(dealers, on)
    values = policies_by_dealer("worklist.", dealers, on)
    return [Capacity(store.pk, people[store.pk], values[store.pk][CALLS_PER_AGENT.key]) for store in dealers]


def spread(area: Area, *, fresh: Sequence[int], apart: Sequence[int]) -> int:
    """Give the calls that nobody arranged yet their days; see `sql/spread_calls.sql`. Returns how many moved.

    `fresh` are the tasks begun in this run, `apart` those that keep their day.
    """
    found = sql.rows(
        HERE,
        "spread_calls",
        area.parameters(
            capacities=_as_json(capacities(area.dealers, area.as_of)), fresh=list(fresh), apart=list(apart)
        ),
    )
    return worklist.plan_days({row["id"]: ready(area, row["dealer_id"], row["day"]) for row in found})


def ready(area: Area, dealer_id: int, day: date) -> datetime:
    """The moment at which a store's calls of a day appear."""
    return local_moment(day, time(area.policies[dealer_id]["reminders.ready_hour"]))


@dataclass(frozen=True, slots=True)
class Overload:
    """What the manager should know: the store's capacity today and the open calls whose turn comes too late."""

    capacity: Capacity
    task_ids: list[int]


def overload_of(dealer: Dealer, now: datetime) -> Overload:
    """The calls of a store that its agents, as many as today, cannot make in time. Needs its scope open."""
    today = local_date(now)
    (capacity,) = capacities([dealer], today)
    found = sql.rows(
        HERE,
        "calls_too_many",
        {"capacities": _as_json([capacity]), "as_of": today, "dealer_ids": [dealer.pk]},
    )
    return Overload(capacity, [row["id"] for row in found])


def _as_json(found: Iterable[Capacity]) -> str:
    return as_json({"dealer_id": one.dealer_id, "calls": one.calls} for one in found)
