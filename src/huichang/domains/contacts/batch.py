"""Many messages at once, for those above that plan by the thousand. The statement is in `sql/`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from huichang.domains.contacts.policies import PRESSURE_CONTACTS, PRESSURE_DAYS
from huichang.domains.contacts.purposes import purpose_of
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policies_by_dealer
from huichang.kernel import sql
from huichang.kernel.worktime import local_date

_HERE = "huichang.domains.contacts"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that a step asks for, once per `key`. A refusal of any of `purposes` holds it back.

    It goes by the template `reminder.<purpose>` with `values`; `body` is what is shown until then.
    """

    dealer_id: int
    customer_id: int
    car_id: int | None
    purpose: str
    purposes: tuple[str, ...]
    key: str
    body: str
    has_complaint: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


def plan_messages(messages: Sequence[NewMessage], *, planned_for: datetime, now: datetime) -> int:
    """Write the messages, waiting or suppressed with the cause, and return how many are waiting; one statement.

    Causes in this order: an open complaint, a refusal, no usable address, the contact cap reached.
    Idempotent by (dealer, key).
    """
    dealers = Dealer.objects.filter(pk__in={message.dealer_id for message in messages})
    caps = [
        {"dealer_id": pk, "cap": values[PRESSURE_CONTACTS.key], "days": values[PRESSURE_DAYS.key]}
        for pk, values in policies_by_dealer("contacts.", dealers, local_date(now)).items()
    ]
    wanted = [
        {
            "dealer_id": message.dealer_id, "customer_id": message.customer_id, "car_id": message.car_id,
            "purpose": message.purpose, "purposes": message.purposes, "key": message.key, "body": message.body,
            "has_complaint": message.has_complaint, "values": dict(message.values),
        }
        for message in messages
    ]  # fmt: skip
    known = {message.purpose: purpose_of(message.purpose) for message in messages}
    chains = [
        {"purpose": code, "priority": purpose.priority, "counts": purpose.counts}
        for code, purpose in known.items()
    ]
    found = sql.rows(
        _HERE,
        "plan_messages",
        {
            "wanted": json.dumps(wanted, ensure_ascii=False),
            "caps": json.dumps(caps),
            "chains": json.dumps(chains),
            "planned_for": planned_for,
            "now": now,
        },
    )
    return sum(row["number"] for row in found if row["status"] == "waiting")


def cancel_refused(groups: Mapping[str, str], *, dealer_ids: Sequence[int] | None, now: datetime) -> int:
    """Cancel the waiting messages that their customers have refused since; returns how many.

    `groups` maps a message's purpose to the wider one a refusal may name (`first_service` → `service`).
    """
    rows = [{"purpose": purpose, "group": group} for purpose, group in groups.items()]
    parameters = {"groups": json.dumps(rows), "dealer_ids": dealer_ids and list(dealer_ids), "now": now}
    return sql.execute(_HERE, "cancel_refused", parameters)
