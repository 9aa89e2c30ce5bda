"""200 owners and 8 agents book, change and cancel in one store's week at once; what it costs, and that no promise breaks.

The owners act by the rights of their bindings, the agents by their role's, through the operations of portal and desk, on
connections dealt as a web server deals its own. The control of the bookings: the same rows (booking, blocks, papers,
touches, parts, message, journal) inserted bare, one transaction a booking, on as many connections, in the same run.
    .venv/bin/python -m bench.crowd [acts] [owners] [connections]
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

from bench.harness import scratch_database, seconds

FAR = 50_000_000  # the copies' ids begin here
# Table, the columns that point at another copied row, the columns that must be unique.
TABLES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("appointments_booking", "id = %(id)s", (), ("number",)),
    ("appointments_bookingblock", "booking_id = %(id)s", ("booking_id",), ()),
    ("appointments_bookingitem", "booking_id = %(id)s", ("booking_id",), ()),
    ("appointments_preparation", "booking_id = %(id)s", ("booking_id",), ()),
    ("appointments_estimate", "booking_id = %(id)s", ("booking_id",), ()),
    ("appointments_estimateline",
     "estimate_id IN (SELECT id FROM appointments_estimate WHERE booking_id = %(id)s)", ("estimate_id",), ()),
    ("appointments_bookingdocument", "booking_id = %(id)s", ("booking_id",), ("number",)),
    ("appointments_touch", "booking_id = %(id)s", ("booking_id",), ()),
    ("parts_issueslip", "reference = %(number)s", (), ("number", "reference")),
    ("parts_reservation", "reference = %(number)s", ("slip_id",), ("reference",)),
    ("contacts_message", "key LIKE 'booking:' || %(id)s || ':%%'", (), ("key", "client_id")),
    ("kernel_statuschange", "table_name = 'appointments_booking' AND row_id = %(id)s", ("row_id",), ()),
)  # fmt: skip


def main() -> int:
    acts, owners, connections = (
        int(given) for given in (*sys.argv[1:], *("1200", "200", "24")[len(sys.argv) - 1 :])
    )
    with scratch_database():
        from tests.factories import crowd as crowds
        from tests.factories import crowd_laws

        crowd = crowds.make_crowd(owners, 8, bays=12)
        before = os.getloadavg()[0]
        lasted = crowds.run(crowd, connections=connections, acts=acts)
        broken = crowd_laws.broken(crowd)
        plain, number = _bare(crowd, connections)
    rate = crowd.outcomes["booked"] / sum(crowd.took["book"]) * connections
    print(f"{owners} owners, 8 agents, {connections} connections, {acts} acts in {lasted:.1f} s, load {before:.1f} "
          f"before and {os.getloadavg()[0]:.1f} after")  # fmt: skip
    print("| what | measured |\n|---|---|")
    for outcome, count in sorted(crowd.outcomes.items()):
        print(f"| {outcome} | {count} |")
    print(f"| acknowledged writes a second | {len(crowd.acts) / lasted:.1f} |")
    print(f"| bookings a second while booking, all connections | {rate:.1f} |")
    print(f"| bare inserts of {number} bookings' rows, a second, all connections | {plain:.1f} |")
    print(f"| queries.offers, p95 | {crowd.p95('offers') * 1000:.0f} ms |")
    print(f"| book with its limits, p95 (refused ones included) | {crowd.p95('book') * 1000:.0f} ms |")
    print(f"| laws broken | {len(broken)} |\n| errors | {len(crowd.errors)} |")
    for law, lines in broken.items():
        print(law, *lines[:5], sep="\n  ")
    for error in crowd.errors[:5]:
        print(error)
    return 1 if broken or crowd.errors else 0


def _bare(crowd: Any, connections: int) -> tuple[float, int]:
    """Bookings a second when their rows are inserted by nothing but INSERT; and how many bookings were copied."""
    from django.db import connection

    from huichang.kernel.scoping import dealer_scope

    ids = sorted({act.booking_id for act in crowd.acts})[:200]
    with dealer_scope(crowd.dealer.pk), connection.cursor() as cursor:
        work = iter([list(_copies(cursor, pk)) for pk in ids])
    lock = threading.Lock()

    def insert() -> None:
        while True:
            with lock:
                statements = next(work, None)
            if statements is None:
                connection.close()
                return
            with dealer_scope(crowd.dealer.pk), connection.cursor() as cursor:
                for statement, values in statements:
                    cursor.execute(statement, values)

    threads = [threading.Thread(target=insert) for _ in range(connections)]

    def all_of_them() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return len(ids) / seconds(all_of_them), len(ids)


def _copies(cursor: Any, pk: int) -> Iterator[tuple[str, list[Any]]]:
    """One INSERT a table with the rows of a booking under other ids; its blocks take no time and its parts no stock."""
    from psycopg.types.json import Jsonb

    cursor.execute("SELECT number FROM appointments_booking WHERE id = %s", [pk])
    known = {"id": pk, "number": cursor.fetchone()[0]}
    for table, condition, links, unique in TABLES:
        cursor.execute(f"SELECT * FROM {table} WHERE {condition}", known)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            for name in ("id", *links):
                row[name] += FAR
            for name in unique:
                row[name] = f"x{row[name]}"[:32] if name != "key" else f"x{row[name]}"
            if "is_active" in row:
                row["is_active"] = False
            if table == "parts_reservation":
                row["status"] = "released"
            if isinstance(row.get("values"), dict | str):
                row["values"] = Jsonb(row["values"])
        if rows:
            one = f"({', '.join(['%s'] * len(names))})"
            quoted = ", ".join(f'"{name}"' for name in names)
            yield (
                f"INSERT INTO {table} ({quoted}) VALUES {', '.join([one] * len(rows))}",
                [row[name] for row in rows for name in names],
            )


if __name__ == "__main__":
    sys.exit(main())
