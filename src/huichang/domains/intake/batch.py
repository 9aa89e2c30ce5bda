"""The typed face of the SQL files: staging rows and merging them, kind by kind.

The statements write tables of lower domains (docs/adr/0013): an import is one transaction over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from huichang.domains.intake.staging import refresh_statistics
from huichang.kernel import sql
from huichang.kernel.worktime import CHINA_TIME_ZONE

PACKAGE = __package__
LONGEST_CHAIN = 12  # of people who share phones pairwise; each step halves what is left


@dataclass(frozen=True, slots=True)
class Merge:
    """The constants of one run's statements.

    `corrections` are the sheets that hold only corrected rows, `torn` the numbers of orders of which a line was refused,
    `owner_sheets` those that are read for the owners that orders name.
    """

    run_id: int
    dealer_id: int
    as_of: date
    now: datetime
    actor_id: int | None
    actor_name: str
    leap_km_per_day: int
    leap_slack_km: int
    first_share: Decimal
    corrections: list[int]
    torn: list[str]
    owner_sheets: list[int]

    def execute(self, name: str, **more: Any) -> int:
        """Run one statement; returns the rows it touched."""
        return sql.execute(PACKAGE, name, self._parameters(more))

    def rows(self, name: str) -> list[dict[str, Any]]:
        return sql.rows(PACKAGE, name, self._parameters({}))

    def _parameters(self, more: Mapping[str, Any]) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in self.__slots__}
        return {**own, "zone": CHINA_TIME_ZONE, **more}


Step = Callable[[Merge], None]


def _customers(merge: Merge) -> None:
    merge.execute("spare_known_owners")
    for name in (
        "find_customer_numbers",
        "adopt_customer_numbers",
        "order_owners",
        "merge_vehicles",
        "merge_cars",
    ):
        merge.execute(name)
    merge.execute("find_cars_by_vin", kinds=["customers"])
    for name in ("merge_customers", "find_customers", "demote_phones", "add_phones"):
        merge.execute(name)
    refresh_statistics()
    for generation in range(1, merge.rows("count_generations")[0]["generations"] + 1):
        merge.execute("end_ownerships", generation=generation)
        merge.execute("begin_ownerships", generation=generation)
    merge.execute("move_cars")
    merge.execute("conclude", kinds=["customers"])
    merge.execute("join_households")
    for _step in range(LONGEST_CHAIN):
        if not merge.execute("shorten_households"):
            break


def _orders(merge: Merge) -> None:
    kinds = ["orders"]
    merge.execute("find_cars_by_vin", kinds=kinds)
    merge.execute("find_cars_by_plate", kinds=kinds)
    merge.execute("add_vehicles_of_orders")
    merge.execute("add_cars_of_orders")
    merge.execute("refuse_unknown_cars", kinds=kinds)
    refresh_statistics()
    merge.execute("refuse_foreign_orders")
    merge.execute("merge_orders")
    merge.execute("conclude", kinds=kinds)


def _lines(merge: Merge) -> None:
    merge.execute("find_orders", kinds=["order_lines"])
    merge.execute("refuse_lines")
    refresh_statistics()
    merge.execute("merge_lines")
    merge.execute("drop_lines")
    merge.execute("conclude", kinds=["order_lines"])


def _findings(merge: Merge) -> None:
    kinds = ["findings"]
    merge.execute("find_cars_by_vin", kinds=kinds)
    merge.execute("find_orders", kinds=kinds)
    merge.execute("find_cars_by_plate", kinds=kinds)
    merge.execute("refuse_unknown_cars", kinds=kinds)
    merge.execute("merge_findings")
    merge.execute("conclude", kinds=kinds)


def _complaints(merge: Merge) -> None:
    merge.execute("find_cars_by_vin", kinds=["complaints"])
    merge.execute("find_cars_by_plate", kinds=["complaints"])
    merge.execute("merge_complaints")
    merge.execute("conclude", kinds=["complaints"])


def _catalogue(kind: str) -> Step:
    def merge_kind(merge: Merge) -> None:
        merge.execute(f"merge_{kind}")
        merge.execute("conclude", kinds=[kind])

    return merge_kind


def _mileage(merge: Merge) -> None:
    for name in ("add_readings", "drop_corrected_readings", "judge_readings", "drop_stale_file_readings",
                 "add_file_readings", "flag_orders", "name_order_owners", "update_last_visits"):  # fmt: skip
        merge.execute(name)


def _aside(merge: Merge) -> None:
    merge.execute("settle_answered_todos")
    merge.execute("set_cells_aside")


# In this order: catalogues, then cars and owners, then what happened to them.
STEPS: dict[str, Step] = {
    "schedules": _catalogue("schedules"),
    "bays": _catalogue("bays"),
    "staff": _catalogue("staff"),
    "labour": _catalogue("labour"),
    "parts": _catalogue("parts"),
    "customers": _customers,
    "orders": _orders,
    "order_lines": _lines,
    "findings": _findings,
    "complaints": _complaints,
}


def merge_all(merge: Merge, kinds: set[str]) -> Iterator[str]:
    """Merge the staged rows of these kinds; yields the name of each step before it is taken."""
    yield "duplicates"
    merge.execute("judge_duplicates")
    for kind, step in STEPS.items():
        if kind in kinds:
            yield kind
            step(merge)
    if kinds & {"orders", "customers"}:
        yield "mileage"
        _mileage(merge)
    yield "to-dos"
    _aside(merge)
