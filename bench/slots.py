"""What the slot search costs beside its bare SQL: `queries.offers` against its own statements sent by bare psycopg.

A real store (10 bays, 9 technicians, 6 advisors), two weeks filled, one job and two jobs of two skills, 14 days. The control
sends every statement of the search, with its values, in one transaction as the application's role, planned anew each time
as the application has it, and fetches the rows.
    .venv/bin/python -m bench.slots
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.harness import owner_cursor, report, scratch_database

LIMIT_RATIO, LIMIT_MS = 3.0, 50


def main() -> int:
    with scratch_database():
        print("| what | measured | control | ratio | aim | |\n|---|---|---|---|---|---|")
        good = _measure()
    return 0 if all(good) else 1


def fill(store: Any, jobs: list[Any], *, days: int, visits: int) -> int:
    """Hold free slots at random until so many visits are there or the days are full; the number of visits."""
    from huichang.domains.appointments import operations, queries
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import MONDAY, NOW

    dice, made = random.Random(5), 0
    visit = {"dealer": store.dealer, "actor": store.actor, "now": NOW}
    with dealer_scope(store.dealer.pk):
        visit |= {"car": store.car(), "customer": store.customer()}
    for number in range(2 * visits):
        job, day = dice.choice(jobs), MONDAY + timedelta(days=number % days)
        with dealer_scope(store.dealer.pk):
            found = queries.offers(
                dealer=store.dealer, labour_ids=[job.pk], now=NOW, earliest=day, day=day, days=1
            )
            free = [slot.starts_at for slot in found.slots if slot.is_free]
            if free:
                operations.hold(**visit, labour_ids=[job.pk], starts_at=dice.choice(free))
                made += 1
        if made == visits:
            break
    return made


def _measure() -> list[bool]:
    import psycopg

    from huichang.config.database import app_parameters
    from huichang.domains.appointments import queries
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import MONDAY, NOW, make_store

    psycopg_connection = psycopg.connect(
        **app_parameters(os.environ), autocommit=True, prepare_threshold=None
    )
    store = make_store()
    with dealer_scope(store.dealer.pk):
        for number in range(10):
            store.bay(f"{number}号", ("快保", "机修", "电器")[number % 3])
        for number in range(9):
            store.technician(f"技师{number}", ("快保", "机修", "电器")[number % 3])
        for number in range(6):
            store.advisor(f"顾问{number}")
        jobs = [store.labour("保养", "快保", "0.8"), store.labour("制动片", "机修", "0.7")]
    made = fill(store, jobs, days=6, visits=120)
    owner_cursor().execute("ANALYZE")  # as autovacuum does for every store within a minute
    good = []
    for name, chosen in (("one job", jobs[:1]), ("two skills", jobs)):
        ids = [job.pk for job in chosen]

        def search(_: int, ids: list[int] = ids) -> None:
            with dealer_scope(store.dealer.pk):
                queries.offers(dealer=store.dealer, labour_ids=ids, now=NOW, day=MONDAY, days=14)

        scope, *statements = _statements(search)

        def bare(_: int, scope: str = scope, statements: list[str] = statements) -> None:
            with psycopg_connection.transaction():
                psycopg_connection.execute(scope)
                for statement in statements:
                    psycopg_connection.execute(statement).fetchall()

        (whole, busy), (plain, _) = _in_turn(search, bare, times=80)
        good.append(report(f"offers of 14 days, {name}, {made} bookings, {len(statements)} queries (p95)",
                           whole, plain, LIMIT_RATIO))  # fmt: skip
        good.append(whole * 1000 < LIMIT_MS)
        print(f"| … in milliseconds | {whole * 1000:.1f} | {plain * 1000:.1f} | | < {LIMIT_MS} | "
              f"{'ok' if good[-1] else 'OVER'} |")  # fmt: skip
        print(f"| … of it processor time of the process (median) | {busy * 1000:.1f} | | | | |")
    return good


def _in_turn(*works: Callable[[int], object], times: int) -> list[tuple[float, float]]:
    """Seconds of each work at p95, and of the processor at the median; in turn, so that other load meets all of them."""
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    for number in range(times + 8):
        for found, work in zip(taken, works, strict=True):
            wall, processor = time.perf_counter(), time.process_time()
            work(number)
            found.append((time.perf_counter() - wall, time.process_time() - processor))
    measured = [list(zip(*found[8:], strict=True)) for found in taken]
    return [(sorted(walls)[int(times * 0.95)], statistics.median(busy)) for walls, busy in measured]


def _statements(search: Callable[[int], object]) -> list[str]:
    """What a search sends, values and all: first the statement that opens its scope, then its questions."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        search(0)
    sent = [query["sql"] for query in seen.captured_queries]
    return [statement for statement in sent if statement.startswith(("SELECT", "--"))]


if __name__ == "__main__":
    sys.exit(main())
