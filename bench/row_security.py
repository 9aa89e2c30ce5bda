"""What the two walls cost: lists of one store and full scans over all stores, against the same without them.

1,000,000 cars of 500 stores. The control is the same statement by the owner, whom row security does not bind.
    .venv/bin/python -m bench.row_security
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench.harness import median, owner_cursor, p95, report, scratch_database

STORES, CARS = 500, 1_000_000
LIST = (
    "SELECT id, plate FROM customers_car WHERE dealer_id = %s ORDER BY last_visit_date DESC, id DESC LIMIT 50"
)
COUNT = "SELECT count(*), max(plate) FROM customers_car"


def main() -> int:
    with scratch_database():
        _fill()
        print("| what | with the walls | without | ratio | aim | |\n|---|---|---|---|---|---|")
        ok = report("list of one store, 50 of 2,000 rows (p95)", p95(_list), p95(_list_bare), 2.0)
        ok &= report("full scan over all stores (median)", median(_everything), median(_everything_bare), 1.5)
        report("a plate, dealer only in the policy (p95)", p95(_plate_by_policy), p95(_plate_bare), 2.0)
    return 0 if ok else 1


def _ask(statement: str, parameters: Sequence[int | str]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.fetchall()


def _ask_bare(statement: str, parameters: Sequence[int | str]) -> None:
    """By the owner, with as many round trips as a scope takes: a transaction and one setting."""
    with owner_cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('huichang.dealers', '1', true)")
        cursor.execute(statement, parameters)
        cursor.fetchall()
        cursor.execute("COMMIT")


def _list(number: int) -> None:
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(number % STORES + 1):
        _ask(LIST, [number % STORES + 1])


def _list_bare(number: int) -> None:
    _ask_bare(LIST, [number % STORES + 1])


def _plate_by_policy(number: int) -> None:
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(number % STORES + 1):
        _ask("SELECT count(*) FROM customers_car WHERE plate = %s", [f"P{number}"])


def _plate_bare(number: int) -> None:
    statement = "SELECT count(*) FROM customers_car WHERE dealer_id = %s AND plate = %s"
    _ask_bare(statement, [number % STORES + 1, f"P{number}"])


def _everything() -> None:
    from huichang.kernel.scoping import unscoped

    with unscoped("measured"):
        _ask(COUNT, [])


def _everything_bare() -> None:
    with owner_cursor() as cursor:
        cursor.execute(COUNT)
        cursor.fetchall()


def _fill() -> None:
    with owner_cursor() as cursor:
        cursor.execute(
            "INSERT INTO dealers_dealer (id, code, name, city, address, phone, is_active)"
            " SELECT g, 'D' || g, 'D' || g, '', '', '', true FROM generate_series(1, %s) g",
            [STORES],
        )
        cursor.execute("ALTER TABLE customers_car DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE vehicles_vehicle DISABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO vehicles_vehicle (id, vin, make, series, model_name, color, engine_number)"
            " SELECT g, 'LVSHCAMB1C' || lpad(g::text, 7, '0'), '', '', '', '', '' FROM generate_series(1, %s) g",
            [CARS],
        )
        cursor.execute(
            "INSERT INTO customers_car (dealer_id, vehicle_id, plate, plate_reversed, vin_reversed, status, usage,"
            " insurer, sales_advisor_name, remark, last_visit_date)"
            " SELECT g %% %s + 1, g, 'P' || g, reverse('P' || g), 'x' || g, 'active', '', '', '', '',"
            " date '2026-01-01' - (g %% 900)::int FROM generate_series(1, %s) g",
            [STORES, CARS],
        )
        cursor.execute("ANALYZE customers_car")


if __name__ == "__main__":
    sys.exit(main())
