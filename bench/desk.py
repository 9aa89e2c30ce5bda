"""The call desk and the list pages with 1,000,000 cars in the tables, against the same pages with 3,000.

Store 1 has the same 2,000 cars, cases, calls and visits both times; what grows is everybody else's. Whole requests
through Django's test client, signed in, templates and row security included.
    .venv/bin/python -m bench.desk [CARS]
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from bench.harness import owner_cursor, p95, scratch_database

SMALL, LARGE, OWN, STORES = 3_000, 1_000_000, 2_000, 500
LIMIT, TIMES = 1.5, 60
TODAY = date.today()  # noqa: DTZ011 - the pages read the real clock
STORE = f"(CASE WHEN g <= {OWN} THEN 1 ELSE 2 + g %% {STORES - 1} END)"
DEFAULTS = {
    "boolean": "false", "integer": "0", "smallint": "0", "bigint": "0", "jsonb": "'{}'", "ARRAY": "'{}'",
    "numeric": "0", "double precision": "1", "character varying": "''", "text": "''",
    "timestamp with time zone": "now()", "date": "current_date",
}  # fmt: skip
TABLES = (
    "vehicles_vehicle", "customers_customer", "customers_customerphone", "customers_car", "customers_ownership",
    "workshop_serviceorder", "worklist_calltask", "reminders_case", "reminders_due", "contacts_call",
)  # fmt: skip


def main() -> int:
    large = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    with scratch_database():
        for table in TABLES:
            with owner_cursor() as cursor:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        client = _people()
        _fill(1, SMALL)
        small = {name: _measure(client, url) for name, url in _pages().items()}
        _fill(SMALL + 1, large)
        print(
            f"| page | {large:,} cars (p95) | {SMALL:,} cars (p95) | ratio | aim | queries | |\n|---|---|---|---|---|---|---|"
        )
        found = [_line(name, client, url, small[name]) for name, url in _pages().items()]
    return 0 if all(found) else 1


def _line(name: str, client: Any, url: str, before: tuple[float, int]) -> bool:
    seconds, queries = _measure(client, url)
    ratio = seconds / before[0]
    good = ratio <= LIMIT and queries == before[1]
    print(
        f"| {name} | {seconds * 1000:.1f} ms | {before[0] * 1000:.1f} ms | {ratio:.2f} | ≤ {LIMIT} "
        f"| {before[1]} → {queries} | {'ok' if good else 'OVER'} |"
    )
    return good


def _measure(client: Any, url: str) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def visit(_number: int) -> None:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)

    found = p95(visit, TIMES, 8)
    with CaptureQueriesContext(connection) as captured:
        visit(0)
    return found, len(captured)


def _pages() -> dict[str, str]:
    from django.urls import reverse

    task = _scalar("SELECT min(id) FROM worklist_calltask WHERE dealer_id = 1")
    return {
        "call desk, a customer open": f"{reverse('staff:desk')}?task={task}",
        "call desk, queue": reverse("staff:desk-queue"),
        "call register": reverse("staff:calls"),
        "outreach overview": reverse("staff:desk-manage"),
        "customers and cars": reverse("staff:customers"),
        "due list": reverse("staff:due"),
        "bookings of a day": reverse("staff:bookings"),
    }


def _scalar(statement: str) -> Any:
    with owner_cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _people() -> Any:
    """Stores, and a signed-in service manager of store 1."""
    from django.test import Client

    from huichang.domains.accounts.models import Role, User
    from huichang.domains.dealers.models import StorePost
    from huichang.kernel.scoping import dealer_scope

    _insert("dealers_dealer", STORES, 1, id="g", code="'D' || g", name="'门店' || g", is_active="true")
    user = User.objects.create_user("manager", "x", name="王建国")
    with dealer_scope(1):
        role = Role.objects.get(code="service_manager")
        StorePost.objects.create(dealer_id=1, user=user, role=role, start_date=date(2020, 1, 1))
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client


def _fill(first: int, last: int) -> None:
    """Cars `first` to `last`: each with owner, phone and visit; every tenth with a case and a call."""
    whose: dict[str, str] = {"dealer_id": STORE}
    day = f"date '{TODAY}'"
    _insert(
        "vehicles_vehicle",
        last,
        first,
        id="g",
        vin="'LVSHCAMB1C' || lpad(g::text, 7, '0')",
        series="'福克斯'",
    )
    _insert(
        "customers_customer", last, first, id="g", number="'C' || g", kind="'person'", name="'客户' || g",
        name_pinyin="'kehu' || g", name_initials="'kh'", **whose,
    )  # fmt: skip
    _insert(
        "customers_customerphone", last, first, customer_id="g", number="'139' || lpad(g::text, 8, '0')",
        reversed_number="reverse('139' || lpad(g::text, 8, '0'))", kind="'mobile'", is_primary="true", **whose,
    )  # fmt: skip
    _insert(
        "customers_car", last, first, id="g", vehicle_id="g", plate="'苏E' || lpad((g %% 100000)::text, 5, '0')",
        vin_reversed="reverse('LVSHCAMB1C' || lpad(g::text, 7, '0'))", status="'active'",
        last_visit_date=f"{day} - (g %% 900)::int", **whose,
    )  # fmt: skip
    _insert("customers_ownership", last, first, car_id="g", customer_id="g", bond="'owner'", **whose)
    _insert(
        "workshop_serviceorder", last, first, number="'R' || g", car_id="g", customer_id="g", status="'closed'",
        arrived_at=f"{day} - (g %% 900)::int * interval '1 day'", km="20000 + g %% 9000", **whose,
    )  # fmt: skip
    _fill_work(first, last)
    with owner_cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _fill_work(first: int, last: int) -> None:
    whose: dict[str, str] = {"dealer_id": STORE}
    tenth, day = "g %% 10 = 0", f"date '{TODAY}'"
    _insert(
        "worklist_calltask", last, first, where=tenth, id="g", customer_id="g", car_id="g", source="'reminders.case'",
        source_id="g", step="'first_call'", status="'open'", ready_at=f"{day} - interval '1 day'",
        last_safe_day=f"{day} + (g %% 40)::int", **whose,
    )  # fmt: skip
    dates = {"due_date": f"{day} + 11", "last_safe_day": f"{day} + (g %% 40)::int", "call_date": day}
    _insert(
        "reminders_case", last, first, where=tenth, id="g", number="'G' || g", customer_id="g", car_id="g",
        status="'open'", task_id="g", **dates, **whose,
    )  # fmt: skip
    why = (
        """'{"since": "2026-01-01", "since_km": 20000, "by_time": "2026-12-01", "due_km": 30000, "km_per_day": 40, """
        """"low": "2026-11-20", "high": "2026-12-20", "by": "time", "basis": "series", "readings": 0}'::jsonb"""
    )
    _insert(
        "reminders_due", last, first, where=tenth, car_id="g", customer_id="g", kind="'scheduled_service'", key="'k'",
        why=why, status="'open'", case_id="g", **dates, **whose,
    )  # fmt: skip
    _insert(
        "contacts_call", last, first, where=tenth, direction="'out'", customer_id="g", car_id="g",
        number="'139' || lpad(g::text, 8, '0')", agent_id="(SELECT min(id) FROM accounts_user)",
        started_at=f"{day} - (g %% 60)::int * interval '1 day'", **whose,
    )  # fmt: skip


def _insert(table: str, last: int, first: int, *, where: str = "true", **given: str) -> None:
    """Insert a row per g of the series; columns that must have a value and were not given get an empty one."""
    with owner_cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [table],
        )
        columns = {name: DEFAULTS[kind] for name, kind in cursor.fetchall()} | given
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
            f" FROM generate_series(%s, %s) g WHERE {where}",
            [first, last],
        )


if __name__ == "__main__":
    sys.exit(main())
