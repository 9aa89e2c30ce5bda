"""The due list of the nation: 1,000,000 cars of 500 stores, six kinds, through the app's role under row security.

Processor time of the session, one core. First run against the bare insert of the same rows into the same table; second
run (nothing new) against reading the sources; one store and one car for scale. The forecasts stand per car, as the
facts that moved them left them. `python -m bench.due_list [CARS [STORES]]`
"""

from __future__ import annotations

import os
import sys
from datetime import date, time, timedelta
from typing import Any

import psutil
import psycopg

from bench.harness import report, scratch_database, seconds

AS_OF = date(2026, 11, 22)
KINDS = (
    "first_service", "scheduled_service", "warranty_end", "compulsory_insurance", "commercial_insurance", "inspection",
)  # fmt: skip
# As the superuser without triggers: only the data counts here, not how it came about.
MAKE = """
    SET session_replication_role = replica;
    INSERT INTO dealers_dealer (code, name, city, address, phone, is_active)
        SELECT 'D' || n, '店' || n, '', '', '', true FROM generate_series(1, {stores}) AS n;
    INSERT INTO dealers_openingperiod (dealer_id, weekday, opens_at, closes_at)
        SELECT d.id, w, '08:30', '17:30' FROM dealers_dealer AS d, generate_series(0, 5) AS w;
    INSERT INTO vehicles_vehicle (id, vin, make, series, model_name, color, engine_number, sale_date, warranty_start_date,
            warranty_end_date)
        SELECT n, 'LVS' || lpad(n::text, 14, '0'), '', 'S' || n % 12, '', '', '', day, day, (day + interval '3 years')::date
        FROM generate_series(1, {cars}) AS n, LATERAL (SELECT '2026-11-01'::date - (n::bigint * 7919 % 3300)::int AS day) AS d;
    INSERT INTO customers_customer (id, dealer_id, number, kind, name, name_pinyin, name_initials, gender, id_number,
            id_number_index, address, email, has_wechat, preferred_time, remark)
        SELECT n, 1 + n % {stores}, n::text, 'person', '客户' || n, '', '', '', '', '', '', '', false, '', ''
        FROM generate_series(1, {cars}) AS n;
    INSERT INTO customers_car (id, dealer_id, vehicle_id, plate, plate_reversed, vin_reversed, status, usage, insurer,
            compulsory_insurance_end_date, commercial_insurance_end_date, sales_advisor_name, remark)
        SELECT n, 1 + n % {stores}, n, 'A' || n, reverse('A' || n), 'x' || n, 'active', '', '平安',
            '2026-11-01'::date + (n::bigint * 104729 % 365)::int, '2026-11-01'::date + (n::bigint * 15485863 % 365)::int, '', ''
        FROM generate_series(1, {cars}) AS n;
    INSERT INTO reminders_carforecast (car_id, dealer_id, customer_id, is_active, basis, readings, base_date, base_km, km_per_day,
            km_per_day_low, km_per_day_high, service_kind, service_base_date, service_base_km, service_time_date,
            service_due_date, service_due_low, service_due_high, service_due_km, service_by, warranty_end_date, warranty_km,
            warranty_due_date, warranty_by, inspection_due_date, inspection_by, lapse_base_date, last_visit_date, computed_on)
        SELECT n, 1 + n % {stores}, n, true, 'readings', 4, visit, 30000, 40, 30, 50,
            CASE WHEN n % 15 = 0 THEN 'first_service' ELSE 'scheduled_service' END, visit, 30000, visit + 183, visit + 160,
            visit + 140, visit + 183, 40000, 'km', v.warranty_end_date, 100000, v.warranty_end_date - 20, 'km',
            '2026-11-01'::date + (n::bigint * 32452843 % 700)::int, 'rule', visit, visit, '2026-11-22'
        FROM generate_series(1, {cars}) AS n JOIN vehicles_vehicle AS v ON v.id = n,
            LATERAL (SELECT '2026-11-20'::date - (n::bigint * 49979687 % 420)::int AS visit) AS d;
    SELECT setval(pg_get_serial_sequence(t, 'id'), {cars} + 1)
        FROM unnest(ARRAY['vehicles_vehicle', 'customers_customer', 'customers_car']) AS t
"""
COLUMNS = (
    "dealer_id, car_id, customer_id, kind, key, due_date, message_date, call_date, second_call_date, last_safe_day, why,"
    " status, close_cause, outcome_code, calls, created_on"
)


def superuser() -> psycopg.Connection[Any]:
    """The scratch cluster's own account."""
    url = os.environ["DATABASE_URL"].replace("huichang@", "postgres@")
    return psycopg.connect(url, autocommit=True)


def main() -> None:
    cars, stores = (int(value) for value in (*sys.argv[1:], "1000000", "500")[:2])
    with scratch_database():
        with superuser() as owner:
            owner.execute(MAKE.format(cars=cars, stores=stores).encode())
            owner.execute(b"VACUUM (ANALYZE)")
        _measure(cars, stores)


def _measure(cars: int, stores: int) -> None:
    from huichang.domains.reminders.batch import area_of
    from huichang.domains.reminders.forecast import _keep_calendars
    from huichang.kernel.scoping import unscoped

    with unscoped("a measurement"):
        area = area_of(None, AS_OF)
        print(f"calendars of {stores} stores: {seconds(lambda: _keep_calendars(area.dealers, AS_OF)):.1f} s")
    first, made = _timed(_keep)
    second, nothing = _timed(_keep)
    assert sum(nothing.values()) == 0, nothing
    sources, found = _timed(_read)
    bare = _bare_insert()
    print(f"{cars:,} cars, {stores} stores, {sum(made.values()):,} dues: {made}\n")
    print("| what | measured | control | ratio | limit | |\n|---|---|---|---|---|---|")
    report("first run against the bare insert of its rows", first, bare, 2.0)
    report(f"second run against reading {sum(found.values()):,} source rows", second, sources, 1.5)
    _small(cars)


def _keep() -> dict[str, int]:
    from huichang.domains.reminders import engine
    from huichang.domains.reminders.batch import area_of
    from huichang.domains.reminders.kinds import KINDS as ALL
    from huichang.kernel.scoping import unscoped
    from huichang.kernel.worktime import local_moment

    with unscoped("a measurement"):
        engine.plan_for_everything()
        _one_core()
        area = area_of(None, AS_OF)
        now = local_moment(AS_OF, time(8))
        return {kind: engine.keep(ALL[kind], area, now=now)["new"] for kind in KINDS}


def _read() -> dict[str, int]:
    """Each kind's own statement over the same days, its rows counted."""
    from huichang.domains.reminders import engine
    from huichang.domains.reminders.batch import area_of
    from huichang.domains.reminders.kinds import KINDS as ALL
    from huichang.kernel.scoping import unscoped

    with unscoped("a measurement"):
        engine.plan_for_everything()
        _one_core()
        area = area_of(None, AS_OF)
        found = {}
        for code in KINDS:
            leads = ALL[code].leads
            ahead = max(leads.message or 0, leads.call or 0) + 11
            period = {"since": AS_OF - timedelta(days=leads.passed), "until": AS_OF + timedelta(days=ahead)}
            rows = engine.rows("count_dues", ALL[code].statement, area.parameters(**period))
            found[code] = rows[0]["number"]
        return found


def _one_core() -> None:
    """No parallel plans, so that the ratio does not depend on how many cores happen to be idle."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")


def _bare_insert() -> float:
    from django.db import connection

    from huichang.kernel.scoping import unscoped

    with unscoped("a measurement"), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS due_copy")
        cursor.execute(f"CREATE TEMP TABLE due_copy AS SELECT {COLUMNS} FROM reminders_due")
    with superuser() as owner:
        owner.execute(b"TRUNCATE reminders_due CASCADE")
        owner.execute(b"CHECKPOINT")

    def insert() -> None:
        with unscoped("a measurement"), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO reminders_due ({COLUMNS}) SELECT {COLUMNS} FROM due_copy")

    taken = _cpu_seconds(insert)
    with superuser() as owner:
        owner.execute(b"TRUNCATE reminders_due CASCADE")
        owner.execute(b"CHECKPOINT")
    return taken


def _small(cars: int) -> None:
    """A whole run of one store and of one car, cases and calls included."""
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.reminders import batch
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope

    dealer = Dealer.objects.get(code="D1")

    def run(car_ids: list[int] | None) -> None:
        with dealer_scope(dealer.pk):
            batch.run(actor=system("bench"), as_of=AS_OF, dealers=[dealer], car_ids=car_ids)

    run(None)
    pk = dealer.pk - 1 + 500 if cars > 500 else dealer.pk
    print(
        f"\nwhole run of one store again: {seconds(lambda: run(None)):.2f} s; of one car: {seconds(lambda: run([pk])):.3f} s"
    )


def _cpu_seconds(work: Any) -> float:
    """Processor time of the session's server process: the machine may have other work, the ratio must not."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = psutil.Process(cursor.fetchone()[0])
    before = process.cpu_times()
    work()
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system)


def _timed(work: Any) -> tuple[float, dict[str, int]]:
    from django.db import connection

    kept: dict[str, int] = {}
    taken = _cpu_seconds(lambda: kept.update(work()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with superuser() as owner:
        owner.execute(b"VACUUM (ANALYZE) reminders_due")
    return taken, kept


if __name__ == "__main__":
    main()
