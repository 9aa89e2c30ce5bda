"""Does the forecast know when a car comes? Hide each car's last visit and predict it from what was known before.

`python -m bench.backtest PATH…` imports a store's export into a scratch database; with DATABASE_URL set and no path
it tests the stores that are there (nothing is kept: the whole test is one transaction that is rolled back).
Controls: the fixed rule (last service + interval in months), and the same counted from the last visit of any kind.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

HIDE = """
    WITH visit AS (
        SELECT id, dealer_id, car_id, (arrived_at AT TIME ZONE 'Asia/Shanghai')::date AS day
        FROM workshop_serviceorder
    ), last_one AS (
        SELECT dealer_id, car_id, max(day) AS day, count(DISTINCT day) AS visits FROM visit GROUP BY 1, 2
    )
    SELECT l.*, c.vehicle_id, (SELECT max(o.km) FROM workshop_serviceorder AS o JOIN visit AS v USING (id)
        WHERE o.car_id = l.car_id AND v.day = l.day) AS km
    FROM last_one AS l JOIN customers_car AS c ON c.id = l.car_id
    WHERE l.visits >= 2
"""
# Out of reach of every statement, which look no further than the day of the run.
PUT_AWAY = """
    UPDATE vehicles_odometerreading AS r SET read_on = r.read_on + 36500 FROM hidden AS h
    WHERE r.vehicle_id = h.vehicle_id AND r.dealer_id = h.dealer_id AND r.read_on >= h.day;
    UPDATE workshop_serviceorder AS o SET arrived_at = o.arrived_at + interval '100 years' FROM hidden AS h
    WHERE o.car_id = h.car_id AND (o.arrived_at AT TIME ZONE 'Asia/Shanghai')::date >= h.day
"""
MEASURE = """
    WITH known AS (
        SELECT h.day, h.km, f.*, coalesce(s.interval_months, 6) AS months, r.km_per_day AS series_rate,
            h.km IS NOT NULL AND EXISTS (
                SELECT FROM vehicles_odometerreading AS x WHERE x.vehicle_id = h.vehicle_id AND x.read_on = h.day + 36500
                    AND x.km = h.km AND x.status IN ('accepted', 'confirmed')) AS km_counts
        FROM hidden AS h
        JOIN reminders_carforecast AS f USING (car_id)
        JOIN vehicles_vehicle AS v ON v.id = h.vehicle_id
        LEFT JOIN catalog_serviceschedule AS s ON s.dealer_id = h.dealer_id AND s.series = v.series
        LEFT JOIN reminders_seriesrate AS r ON (r.dealer_id, r.series, r.usage) = (h.dealer_id, v.series, '')
        WHERE f.service_base_date IS NOT NULL AND f.last_visit_date IS NOT NULL
    ), error AS (
        SELECT
            abs(day - (service_base_date + make_interval(months => months))::date) AS fixed,
            abs(day - (last_visit_date + make_interval(months => months))::date) AS any_visit,
            abs(day - service_due_date) AS due, abs(day - next_visit_date) AS ours,
            (day BETWEEN next_visit_low AND next_visit_high)::int AS held,
            next_visit_high - next_visit_low AS width,
            CASE WHEN km_counts THEN abs(km - base_km - (day - base_date) * km_per_day) END AS km_ours,
            CASE WHEN km_counts THEN abs(km - base_km - (day - base_date) * series_rate) END AS km_series,
            CASE WHEN km_counts THEN (km - base_km BETWEEN (day - base_date) * km_per_day_low
                AND (day - base_date) * km_per_day_high)::int END AS km_held
        FROM known
    )
    SELECT count(*) AS cars, count(km_ours) AS with_km,
        avg(fixed) AS fixed, avg(any_visit) AS any_visit, avg(due) AS due, avg(ours) AS ours,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY fixed) AS fixed_median,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY any_visit) AS any_visit_median,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY due) AS due_median,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY ours) AS ours_median,
        avg((fixed <= 30)::int) AS fixed_month, avg((any_visit <= 30)::int) AS any_visit_month,
        avg((due <= 30)::int) AS due_month, avg((ours <= 30)::int) AS ours_month,
        avg(held) AS held, avg(width) AS width, avg(km_ours) AS km_ours, avg(km_series) AS km_series,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY km_ours) AS km_ours_median,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY km_series) AS km_series_median, avg(km_held) AS km_held
    FROM error
"""


def measure(as_of: date) -> dict[str, Any]:
    """The errors over every car with two visits or more, of all stores. Leaves nothing behind."""
    from django.db import connection, transaction

    from huichang.domains.reminders.batch import area_of
    from huichang.domains.reminders.forecast import forecast, learn
    from huichang.kernel.scoping import unscoped

    with transaction.atomic():
        with unscoped("a measurement over every store, rolled back"), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE hidden ON COMMIT DROP AS {HIDE}")
            cursor.execute(PUT_AWAY)
            area = area_of(None, as_of)
            learn(area)
            forecast(area)
            cursor.execute(MEASURE)
            names = [column.name for column in cursor.description]
            found = dict(zip(names, cursor.fetchone(), strict=True))
        transaction.set_rollback(True)
    return {name: round(float(value), 3) for name, value in found.items()}


def show(found: dict[str, Any]) -> None:
    """The table of docs/performance.md."""
    print(
        f"{found['cars']:.0f} cars with two visits or more; {found['with_km']:.0f} with a trusted mileage\n"
    )
    print("| days between predicted and true visit | mean | median | within 30 days |")
    print("|---|---|---|---|")
    for name, label in (
        ("fixed", "fixed rule: last service + interval"),
        ("any_visit", "fixed rule from the last visit of any kind"),
        ("due", "due date: first of months and forecast km since the last service"),
        ("ours", "expected visit (store's own history)"),
    ):
        share = f"{found[name + '_month']:.0%}"
        print(f"| {label} | {found[name]:.1f} | {found[name + '_median']:.0f} | {share} |")
    print(f"\n80 % interval of the visit: holds {found['held']:.1%}, {found['width']:.0f} days wide")
    print(
        f"mileage at the visit: off by {found['km_ours']:.0f} km (median {found['km_ours_median']:.0f}); by the series' mean"
        f" {found['km_series']:.0f} (median {found['km_series_median']:.0f}); 80 % interval holds {found['km_held']:.1%}"
    )


def main() -> None:
    import os

    from bench.harness import scratch_database

    if os.environ.get("DATABASE_URL") and not sys.argv[1:]:
        import django

        django.setup()
        show(measure(date.today()))  # noqa: DTZ011 - a script's clock
        return
    with scratch_database():
        from huichang.interfaces.console.main import main as console

        console(["dealer", "add", "BT01", "--name", "Back-test"])
        console(["import", *sys.argv[1:], "--dealer", "BT01"])
        show(measure(date.today()))  # noqa: DTZ011 - a script's clock


if __name__ == "__main__":
    main()
