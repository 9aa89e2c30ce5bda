"""Set-based work on parts: what jobs take, the books' beginning, learned lead times, promises and alarms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.parts.policies import (
    LEAD_QUANTILE,
    LEAD_WINDOW,
    LEAST_ORDERS,
    LEAST_RECEIPTS,
    LEAST_SHARE,
)
from huichang.kernel import sql
from huichang.kernel.worktime import CHINA_TIME_ZONE, day_bounds

_PACKAGE = "huichang.domains.parts"


def learn_part_uses(*, dealer: Dealer, on: date) -> int:
    """Renew `PartUse` of a store from its closed orders; returns the rows written or changed.

    Reads the workshop's lines in SQL although workshop stands above: the statement writes only its own table.
    """
    values = values_in_force([LEAST_SHARE, LEAST_ORDERS], dealer, on)
    return sql.execute(
        _PACKAGE,
        "learn_part_uses",
        {
            "dealer_id": dealer.pk,
            "least_share": values[LEAST_SHARE.key],
            "least_orders": values[LEAST_ORDERS.key],
        },
    )


def learn_leads(*, dealer: Dealer, on: date) -> int:
    """Renew what the store's receipts say of each part's lead time and supplier; returns the parts changed."""
    values = values_in_force([LEAST_RECEIPTS, LEAD_QUANTILE, LEAD_WINDOW], dealer, on)
    since, _end = day_bounds(on - timedelta(days=values[LEAD_WINDOW.key]))
    parameters = {
        "dealer_id": dealer.pk, "since": since, "zone": CHINA_TIME_ZONE,
        "least_receipts": values[LEAST_RECEIPTS.key], "quantile": float(values[LEAD_QUANTILE.key]),
    }  # fmt: skip
    return sql.execute(_PACKAGE, "learn_leads", parameters)


def open_stock(*, dealer_id: int, actor_id: int | None, actor_name: str, now: datetime) -> int:
    """Begin the books with what the last export counted; the movements written. Call it after an import of parts."""
    sql.execute(_PACKAGE, "make_export_places", {"dealer_id": dealer_id})
    parameters = {"dealer_id": dealer_id, "actor_id": actor_id, "actor_name": actor_name, "now": now}
    return sql.execute(_PACKAGE, "open_stock", parameters)


def renew_promises(*, dealer_id: int, today: date, buffer_days: int) -> int:
    """Move the promised day of everything that is not there yet on with the day; the reservations moved."""
    parameters = {"dealer_id": dealer_id, "today": today, "buffer": buffer_days}
    return sql.execute(_PACKAGE, "renew_promises", parameters)


def renew_alarms(
    *, dealer_id: int, today: date, now: datetime, unfitted_days: int, part_ids: Sequence[int] | None = None
) -> int:
    """Raise and lift the alarms of a store, or of some of its parts; the alarms raised or renewed."""
    parameters = {
        "dealer_id": dealer_id, "today": today, "now": now, "unfitted_days": unfitted_days, "zone": CHINA_TIME_ZONE,
        "part_ids": None if part_ids is None else list(part_ids),
    }  # fmt: skip
    return sql.execute(_PACKAGE, "renew_alarms", parameters)


def differences(dealer_id: int) -> list[str]:
    """Where the balances, the totals or the reservations are not what the ledger adds up to; nothing when all is well."""
    rows = sql.rows(_PACKAGE, "prove_ledger", {"dealer_id": dealer_id})
    return [
        f"{row['what']} of part {row['part_id']}: {row['kept']} kept, {row['proven']} proven" for row in rows
    ]
