"""How many of a month's expiring insurances were renewed here, by cars and by premium (INS-04, SYS-29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from huichang.domains.reminders.engine import HERE
from huichang.kernel import sql
from huichang.kernel.scoping import current_scope
from huichang.kernel.worktime import add_months

# The kinds that can be renewed, with the column of the car that holds the end of the cover.
COLUMNS = {
    "compulsory_insurance": "compulsory_insurance_end_date",
    "commercial_insurance": "commercial_insurance_end_date",
}


@dataclass(frozen=True, slots=True)
class Renewals:
    """Policies of one kind that end in a month, those renewed here, and their premium in yuan."""

    kind: str
    due: int
    renewed: int
    premium: Decimal

    @property
    def share(self) -> float | None:
        """The share of one; None: none ended."""
        return self.renewed / self.due if self.due else None


def of_month(day: date) -> list[Renewals]:
    """The figures of the month of a day, a row a kind in the open scope; one statement."""
    first = day.replace(day=1)
    reach = current_scope().dealer_ids
    given = {
        "kinds": list(COLUMNS), "first": first, "last": add_months(first, 1),
        "dealer_ids": None if reach is None else list(reach),
    }  # fmt: skip
    return [Renewals(**row) for row in sql.rows(HERE, "renewals_of_month", given)]


def together(rows: list[Renewals]) -> Renewals:
    """All kinds as one figure."""
    return Renewals(
        "", sum(row.due for row in rows), sum(row.renewed for row in rows),
        sum((row.premium for row in rows), start=Decimal(0)),
    )  # fmt: skip
