"""What the promise costs: the exclusion constraints against the same inserts without them, and whole bookings.

1. Blocks of three resources (bay, technician, advisor) inserted into the real table and into a copy without the
   exclusion constraints, 20 stores, 60,000 blocks already there, one commit a booking.
2. `operations.book` as the pages call it, against the same rows written bare (booking, items, blocks). Offers: `slots.py`.
    .venv/bin/python -m bench.bookings
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

from bench.harness import owner_cursor, report, scratch_database, seconds

STORES, BLOCKS, TIMES = 20, 60_000, 400
MONDAY = date(2026, 11, 23)


def main() -> int:
    with scratch_database():
        print("| what | measured | control | ratio | aim | |\n|---|---|---|---|---|---|")
        good = [_constraint(), _operations()]
    return 0 if all(good) else 1


def _constraint() -> bool:
    """Inserts per booking with and without the exclusion constraints; the better of three rounds each."""
    cursor = owner_cursor()
    cursor.execute(
        "CREATE TABLE plain (LIKE appointments_bookingblock INCLUDING DEFAULTS INCLUDING IDENTITY)"
    )
    cursor.execute("ALTER TABLE plain ADD PRIMARY KEY (id)")
    cursor.execute(
        "CREATE INDEX ON plain (dealer_id, ends_at) WHERE is_active; CREATE INDEX ON plain (booking_id);"
        "CREATE INDEX ON plain (bay_id); CREATE INDEX ON plain (staff_id); CREATE INDEX ON plain (dealer_id)"
    )
    # Foreign keys are not what is measured: both tables are copies, which have none.
    cursor.execute("CREATE TABLE guarded (LIKE appointments_bookingblock INCLUDING ALL)")
    for table in ("plain", "guarded"):
        cursor.execute(_filling(table, BLOCKS))
        cursor.execute(f"ANALYZE {table}")
    best: dict[str, float] = {}
    for round_number in range(3):
        for table in ("plain", "guarded"):
            taken = seconds(partial(_bookings, cursor, table, round_number))
            best[table] = min(taken, best.get(table, taken))
    good = report(
        "three blocks a booking, with exclusion constraints",
        best["guarded"] / TIMES, best["plain"] / TIMES, 2.0,
    )  # fmt: skip
    print(f"| … bookings a second | {TIMES / best['guarded']:.0f} | {TIMES / best['plain']:.0f} | | | |")
    cursor.execute("DROP TABLE plain, guarded")
    return good


_COLUMNS = (
    "(dealer_id, booking_id, kind, position, bay_id, staff_id, skill, planned_hours, purpose, starts_at, ends_at,"
    " is_active)"
)


def _filling(table: str, rows: int) -> str:
    """Blocks that never overlap: each resource is used hour after hour."""
    return (
        f"INSERT INTO {table} {_COLUMNS} SELECT n % {STORES} + 1, n, 'work', 1, n % 400 + 1, n % 400 + 1, '快保', 0.8, '',"
        " timestamptz '2026-01-01' + (n / 400) * interval '1 hour',"
        " timestamptz '2026-01-01' + (n / 400) * interval '1 hour' + interval '45 minutes', true"
        f" FROM generate_series(1, {rows}) n"
    )


def _bookings(cursor: Any, table: str, round_number: int) -> None:
    for number in range(TIMES):
        resource, hour = number % 400 + 1, 10_000 + round_number * 10 + number // 400
        values = ", ".join(
            f"({number % STORES + 1}, {number}, '{'reception' if bay == 'NULL' else 'work'}', {position}, {bay}, {staff},"
            " '快保', 0.8, '',"
            f" timestamptz '2026-01-01' + {hour} * interval '1 hour',"
            f" timestamptz '2026-01-01' + {hour} * interval '1 hour' + interval '45 minutes', true)"
            for position, bay, staff in (
                (1, resource, resource), (2, "NULL", resource + 1000), (3, resource + 2000, resource + 2000),
            )
        )  # fmt: skip
        cursor.execute(f"INSERT INTO {table} {_COLUMNS} VALUES {values}")


def _each(work: Callable[[Any], None], items: Iterable[Any]) -> None:
    for item in items:
        work(item)


def _operations() -> bool:
    """Whole bookings, as the pages make them, against the bare insert of their own rows."""
    from huichang.domains.appointments.models import Booking
    from huichang.kernel.scoping import dealer_scope

    store, jobs = _store()
    wishes = [
        (MONDAY + timedelta(days=day), f"{hour:02}:{minute:02}", job.pk)
        for day in range(12) if day != 6
        for hour in (9, 10, 11, 13, 14, 15, 16) for minute in (15, 45) for job in jobs
    ]  # fmt: skip
    with dealer_scope(store.dealer.pk):
        visit = {
            "car": store.car(),
            "customer": store.customer(),
            "dealer": store.dealer,
            "actor": store.actor,
        }
    kept: list[Any] = []
    whole = seconds(lambda: _each(partial(_book, store, visit, kept), wishes)) / len(wishes)
    with dealer_scope(store.dealer.pk):
        rows = list(Booking.objects.prefetch_related("blocks", "items")[:150])
    plain = seconds(lambda: _each(partial(_copy, store), rows)) / len(rows)
    good = report(f"operations.book ({len(kept)} kept of {len(wishes)} tries)", whole, plain, 8.0)
    print(f"| … bookings a second, one connection | {1 / whole:.0f} | {1 / plain:.0f} | | | |")
    return good


def _store() -> tuple[Any, list[Any]]:
    """Ten bays, nine technicians, six advisors and two jobs."""
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import make_store

    store, skills = make_store(), ("快保", "机修", "电器")
    with dealer_scope(store.dealer.pk):
        for number in range(10):
            store.bay(f"{number}号", skills[number % 3])
        for number in range(9):
            store.technician(f"技师{number}", skills[number % 3])
        for number in range(6):
            store.advisor(f"顾问{number}")
        return store, [store.labour("保养", "快保", "0.8"), store.labour("制动片", "机修", "0.7")]


def _book(store: Any, visit: dict[str, Any], kept: list[Any], wish: tuple[date, str, int]) -> None:
    from huichang.domains.appointments import operations
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import NOW, at

    day, clock, job = wish
    with suppress(operations.SlotTaken), dealer_scope(store.dealer.pk):
        kept.append(operations.book(**visit, labour_ids=[job], starts_at=at(clock, day), now=NOW))


def _copy(store: Any, row: Any) -> None:
    """The same booking, its jobs and blocks, far in the future and inactive: written bare."""
    from huichang.domains.appointments.models import BookingBlock, BookingItem
    from huichang.kernel.scoping import dealer_scope

    far = timedelta(days=4000)
    with dealer_scope(store.dealer.pk):
        blocks, items = list(row.blocks.all()), list(row.items.all())
        row.pk, row.number = None, f"X{row.number}"
        row.starts_at, row.ends_at = row.starts_at + far, row.ends_at + far
        row.save(force_insert=True)
        for item in (*blocks, *items):
            item.pk, item.booking = None, row
        for block in blocks:
            block.starts_at, block.ends_at, block.is_active = (
                block.starts_at + far,
                block.ends_at + far,
                False,
            )
        BookingBlock.objects.bulk_create(blocks)
        BookingItem.objects.bulk_create(items)


if __name__ == "__main__":
    sys.exit(main())
