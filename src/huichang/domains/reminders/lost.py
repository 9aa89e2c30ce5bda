"""Lost customers in figures: how many, for how long, of which cars, and who came back (LST-02); of the open scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from huichang.domains.reminders.batch import area_of
from huichang.domains.reminders.engine import HERE
from huichang.kernel import sql
from huichang.kernel.worktime import add_months

LOST = ("lost", "lost6", "lost12")
STATES = ("kept", "risk", *LOST)


@dataclass(slots=True)
class Row:
    """Cars of one series (or of all) by state; see `sql/lost_cars.sql`."""

    series: str
    cars: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))

    @property
    def base(self) -> int:
        return sum(self.cars.values())

    @property
    def lost(self) -> int:
        return sum(self.cars[state] for state in LOST)

    @property
    def share(self) -> float | None:
        """The lost share of one; None: no cars."""
        return self.lost / self.base if self.base else None


@dataclass(frozen=True, slots=True)
class LostMonth:
    """A month: cars that became lost in it, those of them called, and lost ones of any month that came back in it."""

    month: date
    lost: int
    called: int
    returned: int


def by_series(as_of: date) -> list[Row]:
    """Active cars by series, most lost ones first; one statement besides the policies."""
    rows: dict[str, Row] = {}
    for found in sql.rows(HERE, "lost_cars", area_of(None, as_of).parameters()):
        rows.setdefault(found["series"], Row(found["series"])).cars[found["state"]] = found["cars"]
    return sorted(rows.values(), key=lambda row: (-row.lost, row.series))


def together(rows: list[Row]) -> Row:
    """All series as one."""
    return Row("", {state: sum(row.cars[state] for row in rows) for state in STATES})


def by_month(as_of: date, *, months: int = 12) -> list[LostMonth]:
    """The last months, the running one first; one statement."""
    last = add_months(as_of.replace(day=1), 1)
    given = area_of(None, as_of).parameters(first=add_months(last, -months), last=last)
    return [LostMonth(**row) for row in sql.rows(HERE, "lost_by_month", given)]
