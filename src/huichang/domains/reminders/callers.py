"""Whose call it is by rule, so that the customer hears a voice they know (CAL-14; D-08: by kind and number of the visit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huichang.domains.reminders.engine import HERE
from huichang.domains.reminders.forecast import Area, as_json
from huichang.domains.reminders.kinds import KINDS, TEAM
from huichang.domains.reminders.policies import SELLER_SERVICES
from huichang.domains.worklist.queries import callers
from huichang.kernel import sql


def callers_of(area: Area, case_ids: Sequence[int]) -> dict[int, int]:
    """The user to whom each of these cases is given, by case id; a case without one is for whose turn it is.

    Two statements, none where every store leaves it to turns.
    """
    rules = [rule for pk, values in area.policies.items() for rule in _rules(pk, values)]
    if not rules or not case_ids:
        return {}
    people = [
        {"dealer_id": dealer_id, "user_id": user_id, "name": name}
        for dealer_id, user_id, name in callers(area.dealers, area.as_of)
    ]
    given = area.parameters(cases=list(case_ids), rules=as_json(rules), people=as_json(people))
    return {row["case_id"]: row["user_id"] for row in sql.rows(HERE, "callers_of_cases", given)}


def _rules(dealer_id: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a store says of each kind that is not left to turns."""
    found = []
    for kind in KINDS.values():
        if not kind.calls:
            continue
        caller = values[kind.policies["caller"].key]
        services = values[SELLER_SERVICES.key] if kind.purpose == "service" else 0
        if caller != TEAM or services:
            found.append({"dealer_id": dealer_id, "kind": kind.code, "caller": caller, "services": services})
    return found
