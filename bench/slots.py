"""What the slot search costs beside its bare SQL: `queries.offers` against the same statements sent by a cursor.

A real store (10 bays, 9 technicians, 6 advisors), two weeks filled, one job and two jobs of two skills, 14 days.
    .venv/bin/python -m bench.slots
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from typing import Any

from bench.harness import p95, report, scratch_database

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
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from huichang.domains.appointments import queries
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import MONDAY, NOW, make_store

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
    good = []
    for name, chosen in (("one job", jobs[:1]), ("two skills", jobs)):
        ids = [job.pk for job in chosen]

        def search(_: int, ids: list[int] = ids) -> None:
            with dealer_scope(store.dealer.pk):
                queries.offers(dealer=store.dealer, labour_ids=ids, now=NOW, day=MONDAY, days=14)

        with CaptureQueriesContext(connection) as seen:
            search(0)
        statements = [query["sql"] for query in seen.captured_queries if query["sql"].startswith("SELECT")]

        def bare(_: int, statements: list[str] = statements) -> None:
            with dealer_scope(store.dealer.pk), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    cursor.fetchall()

        whole, plain = p95(search, times=80, warm=8), p95(bare, times=80, warm=8)
        good.append(report(f"offers of 14 days, {name}, {made} bookings, {len(statements)} queries (p95)",
                           whole, plain, LIMIT_RATIO))  # fmt: skip
        good.append(whole * 1000 < LIMIT_MS)
        print(f"| … in milliseconds | {whole * 1000:.1f} | {plain * 1000:.1f} | | < {LIMIT_MS} | "
              f"{'ok' if good[-1] else 'OVER'} |")  # fmt: skip
    return good


if __name__ == "__main__":
    sys.exit(main())
