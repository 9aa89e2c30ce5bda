"""Mileage and next dates of cars, learned and computed by statements (ADR 0011)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.models import StoreProfile
from huichang.kernel import sql

_HERE = "huichang.domains.reminders"
# The calendar reaches from the oldest overdue reason to the farthest planned one.
_BACK, _AHEAD = timedelta(days=400), timedelta(days=500)
_LEARNING = ("learn_rates", "learn_errors", "learn_visits", "learn_leads")
_FORECASTING = ("forecast_mileage", "forecast_service", "forecast_dates")
_NAMES = {  # policy → its column in the statements' `stores`
    "warranty_months": "warranty_months", "warranty_km": "warranty_km", "lapsed_months": "lapsed_months",
    "at_risk_days": "at_risk_days", "first_service_months": "first_months", "first_service_km": "first_km",
    "service_months": "service_months", "service_km": "service_km", "inspection_two_yearly_years": "two_yearly",
    "inspection_commercial_years": "commercial", "inspection_passed_days": "inspection_passed_days",
    "deferred_repair_months": "repair_months", "deferred_repair_declined": "repair_declined",
    "part_share": "part_share", "service_words": "service_words", "default_km_per_day": "km_per_day",
    "own_rate_days": "own_rate_days", "rate_memory_days": "rate_memory_days",
    "await_message_days": "await_days",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """Which cars a run is about. `dealer_ids` None: every store of the open scope; `car_ids` None: all cars.

    `policies` are the stores' values by dealer id and policy key; `stores` the same as JSON for statements.
    """

    as_of: date
    dealers: Sequence[Dealer]
    is_everywhere: bool
    car_ids: Sequence[int] | None
    policies: Mapping[int, Mapping[str, Any]]
    stores: str

    @property
    def dealer_ids(self) -> list[int] | None:
        return None if self.is_everywhere else [dealer.pk for dealer in self.dealers]

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What every statement takes: as_of, dealer_ids, car_ids, stores, and `more`."""
        return {
            "as_of": self.as_of,
            "dealer_ids": self.dealer_ids,
            "car_ids": None if self.car_ids is None else list(self.car_ids),
            "stores": self.stores,
            **more,
        }


def stores_of(policies: Mapping[int, Mapping[str, Any]]) -> str:
    """The policies of each store as the JSON rows that statements join."""
    return as_json(
        {"dealer_id": pk, **{column: values[f"reminders.{name}"] for name, column in _NAMES.items()}}
        for pk, values in policies.items()
    )


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows for `jsonb_to_recordset`; decimals as texts, which SQL reads exactly."""
    return json.dumps(list(rows), default=str, ensure_ascii=False)


def learn(area: Area) -> None:
    """Make the stores' calendars, rates, errors and visit models anew from their own history."""
    _keep_calendars(area.dealers, area.as_of)
    for name in _LEARNING:
        sql.execute(_HERE, name, area.parameters())


def forecast(area: Area) -> int:
    """Recompute the forecasts of the area's cars; returns how many rows the mileage step changed."""
    changed = 0
    for name in _FORECASTING:
        touched = sql.execute(_HERE, name, area.parameters())
        changed = changed or touched
    return changed


def needs_learning(area: Area) -> bool:
    """Whether some store of the area has not learned on that day yet."""
    known = StoreProfile.objects.filter(computed_on=area.as_of)
    if not area.is_everywhere:
        known = known.filter(dealer__in=area.dealers)
    return known.count() < len(area.dealers)


def _keep_calendars(dealers: Sequence[Dealer], as_of: date) -> None:
    first, last = as_of - _BACK, as_of + _AHEAD
    found = calendars.load_many(dealers, first, last)
    drawn: dict[tuple[object, ...], str] = {}
    texts = [_previous_open(found[dealer.pk], first, last, drawn) for dealer in dealers]
    sql.execute(
        _HERE,
        "keep_profiles",
        {
            "dealers": [dealer.pk for dealer in dealers],
            "calendars": texts,
            "first_day": first,
            "as_of": as_of,
        },
    )


def _previous_open(
    calendar: calendars.Calendar, first: date, last: date, drawn: dict[tuple[object, ...], str]
) -> str:
    """For each day the offset of the last working day up to it. Stores with equal calendars share the text.

    A store that never opens has not entered its week yet: every day counts as working.
    """
    same = (
        tuple(sorted(calendar.week.items())), tuple(sorted((d, r.is_open) for d, r in calendar.special.items())),
        calendar.closed_on_holidays, calendar.open_on_make_up_days,
    )  # fmt: skip
    if same not in drawn:
        days = (last - first).days + 1
        last_open, offsets = -1, []
        for n in range(days):
            if not any(calendar.week.values()) or calendar.is_working(first + timedelta(days=n)):
                last_open = n
            offsets.append(max(last_open, 0))
        drawn[same] = json.dumps(offsets)
    return drawn[same]
