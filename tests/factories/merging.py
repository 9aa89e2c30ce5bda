"""Merging two records of one customer, as the page does it."""

from __future__ import annotations

from huichang.domains.customers import operations as do
from huichang.domains.customers.models import (
    Customer,
    CustomerMerge,
)
from huichang.kernel.actors import Actor
from tests.factories.world import (
    NOW,
)


def merge(kept: Customer, dropped: Customer, actor: Actor, **given: object) -> CustomerMerge:
    facts = {"taken": (), "reason": "同一个身份证", "now": NOW} | given
    return do.merge_customers(kept=kept, dropped=dropped, actor=actor, **facts)  # type: ignore[arg-type]
