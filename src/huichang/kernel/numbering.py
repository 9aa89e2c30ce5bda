"""Numbers people read aloud: `A261122-0007`, counted per store, kind and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from huichang.kernel import sql


def next_number(*, dealer_id: int, kind: str, day: date) -> str:
    """The next number of `kind` (a letter or two) at a store. Concurrent callers wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.statement("huichang.kernel", "take_number"),
            {"dealer_id": dealer_id, "kind": kind, "day": day},
        )
        row = cursor.fetchone()
    assert row is not None  # an upsert with RETURNING gives one row
    return f"{kind}{day:%y%m%d}-{row[0]:04d}"


def next_numbers(*, dealer_id: int, kinds: Sequence[str], day: date) -> dict[str, str]:
    """The next number of each kind, by kind, in one statement; as `next_number`."""
    parameters = {"dealer_id": dealer_id, "kinds": sorted(set(kinds)), "day": day}
    rows = sql.rows("huichang.kernel", "take_numbers", parameters)
    return {row["kind"]: f"{row['kind']}{day:%y%m%d}-{row['last_value']:04d}" for row in rows}
