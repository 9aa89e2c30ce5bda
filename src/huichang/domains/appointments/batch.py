"""Set-based statements of bookings."""

from __future__ import annotations

from datetime import date, datetime

from huichang.kernel import sql
from huichang.kernel.actors import Actor

_PACKAGE = "huichang.domains.appointments"


def lock_day(*, dealer_id: int, day: date) -> None:
    """Wait until no other transaction books on the day, and keep others out until this one ends."""
    sql.rows(_PACKAGE, "lock_day", {"dealer_id": dealer_id, "day": day})


def expire_holds(*, dealer_id: int, start: datetime, end: datetime, actor: Actor, now: datetime) -> int:
    """End the holds over by `now` whose work begins in [start, end); the number of holds ended."""
    parameters = {
        "dealer_id": dealer_id, "start": start, "end": end, "now": now,
        "actor_id": actor.user_id, "actor_name": actor.name,
    }  # fmt: skip
    return sql.execute(_PACKAGE, "expire_holds", parameters)
