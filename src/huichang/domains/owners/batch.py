"""What is forgotten in time: codes, sessions, tries, accounts without a car."""

from __future__ import annotations

from datetime import datetime, timedelta

from huichang.domains.dealers.queries import network_policy
from huichang.domains.owners import policies
from huichang.kernel import sql
from huichang.kernel.scoping import unscoped
from huichang.kernel.worktime import local_date

PACKAGE = "huichang.domains.owners"


def forget(*, now: datetime) -> None:
    """Forget what is over, and erase accounts that have had no car for the policy's days."""
    day = local_date(now)
    tries = timedelta(days=network_policy(policies.TRIES_KEPT, day))
    empty = timedelta(days=network_policy(policies.EMPTY_DAYS, day))
    for name in ("forget_codes", "forget_sessions"):
        sql.execute(PACKAGE, name, {"before": now})
    sql.execute(PACKAGE, "forget_tries", {"before": now - tries})
    with unscoped("an account has a car when any store says so"):
        sql.execute(PACKAGE, "close_empty", {"before": now - empty, "now": now})
