"""What became of the reasons of a period, by kind: for the manager's view (CAL-23, REM-26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from huichang.domains.reminders.engine import HERE
from huichang.kernel import sql
from huichang.kernel.scoping import current_scope


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


def figures_by_kind(*, first: date, last: date) -> list[KindFigures]:
    """The figures of reasons due from `first` up to, not including, `last`; one statement."""
    return [KindFigures(**row) for row in sql.rows(HERE, "work_by_kind", _parameters(first, last))]


@dataclass(frozen=True, slots=True)
class BookedShare:
    """Visits of a period and those that came with a booking (SYS-13). `share` of one; None: nobody came."""

    visits: int
    booked: int

    @property
    def share(self) -> float | None:
        return self.booked / self.visits if self.visits else None


def booked_share(*, first: date, last: date) -> BookedShare:
    """The share of visits from `first` up to, not including, `last` that were booked; one statement."""
    return BookedShare(**sql.rows(HERE, "booked_share", _parameters(first, last))[0])


def _parameters(first: date, last: date) -> dict[str, Any]:
    reach = current_scope().dealer_ids
    return {"first": first, "last": last, "dealer_ids": None if reach is None else list(reach)}
