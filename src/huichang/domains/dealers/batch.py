"""Statements about a store's days and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from huichang.domains.dealers.models import Dealer
from huichang.kernel import sql

_PACKAGE = "huichang.domains.dealers"


class Setting(NamedTuple):
    """A row that sets a policy: at `place`, which is a store or a region (0: everybody)."""

    level: str
    place: int
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DaysAndValues:
    """What `days_and_values` reads: lists of [weekday, opens, closes], [day, is_open, opens, closes, reason],
    [day, is_working, name] with days and times as ISO text; and settings in the order in which later ones win.
    """

    week: list[list[Any]]
    special: list[list[Any]]
    public: list[list[Any]]
    settings: list[Setting]


def policy_values(*, dealer: Dealer, keys: Iterable[str], on: date) -> list[Setting]:
    """The rows that set these policies for a store by a day, in the order in which later ones win; one query."""
    parameters = {
        "dealer_id": dealer.pk, "is_regional": dealer.region_id is not None, "keys": list(keys), "on": on,
    }  # fmt: skip
    return [Setting(*row.values()) for row in sql.rows(_PACKAGE, "policy_values", parameters)]


def days_and_values(
    *, dealer: Dealer, first: date, last: date, day_keys: Iterable[str], keys: Iterable[str], on: date
) -> DaysAndValues:
    """Week, special days and public calendar from `first` to `last` (inclusive) with settings; one query.

    `day_keys` are the policies of the days, read as of `first`; `keys` those of anything else, as of `on`.
    """
    parameters = {
        "dealer_id": dealer.pk, "first": first, "last": last, "day_keys": list(day_keys), "keys": list(keys),
        "on": on, "is_regional": dealer.region_id is not None,
    }  # fmt: skip
    (row,) = sql.rows(_PACKAGE, "days_and_values", parameters)
    read = {name: json.loads(text) if text else [] for name, text in row.items()}
    return DaysAndValues(
        read["week"], read["special"], read["public"], [Setting(*one) for one in read["policies"]]
    )
