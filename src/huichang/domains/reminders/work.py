"""Who did what, and what became of it: the manager's figures of a period (CAL-23, REM-26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from huichang.domains.reminders.engine import HERE
from huichang.kernel import sql
from huichang.kernel.scoping import current_scope


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """What one person did in the period. `contacts` are calls that reached the customer."""

    user_id: int | None
    name: str
    calls: int
    contacts: int
    bookings: int
    refusals: int


@dataclass(frozen=True, slots=True)
class KindFigures:
    """What became of the reasons of one kind that were due in the period."""

    kind: str
    opened: int
    messaged: int
    called: int
    booked: int
    returned: int
    refused: int
    open: int

    @property
    def conversion(self) -> float:
        """Returned of all, percent."""
        return 100 * self.returned / self.opened if self.opened else 0.0


@dataclass(frozen=True, slots=True)
class WorkDone:
    agents: list[AgentFigures]
    kinds: list[KindFigures]


def work_done(*, first: date, last: date) -> WorkDone:
    """The figures from `first` up to, not including, `last`; two statements."""
    reach = current_scope().dealer_ids
    parameters = {"first": first, "last": last, "dealer_ids": None if reach is None else list(reach)}
    return WorkDone(
        agents=[AgentFigures(**row) for row in sql.rows(HERE, "work_of_agents", parameters)],
        kinds=[KindFigures(**row) for row in sql.rows(HERE, "work_by_kind", parameters)],
    )
