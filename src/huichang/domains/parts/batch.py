"""Set-based work on parts: what a job takes, learnt from the store's own orders."""

from __future__ import annotations

from datetime import date

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policies_in_force
from huichang.domains.parts.policies import LEAST_ORDERS, LEAST_SHARE
from huichang.kernel import sql


def learn_part_uses(*, dealer: Dealer, on: date) -> int:
    """Renew `PartUse` of a store from its closed orders; returns the rows written or changed.

    Reads the workshop's lines in SQL although workshop stands above: the statement writes only its own table.
    """
    values = policies_in_force([LEAST_SHARE, LEAST_ORDERS], dealer, on)
    return sql.execute(
        "huichang.domains.parts",
        "learn_part_uses",
        {
            "dealer_id": dealer.pk,
            "least_share": values[LEAST_SHARE.key].value,
            "least_orders": values[LEAST_ORDERS.key].value,
        },
    )
