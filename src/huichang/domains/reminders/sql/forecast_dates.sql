-- Warranty end by date or mileage, next inspection, and when the car will probably come (ADR 0010, 0011).
-- Takes dealer_ids, car_ids (null: all), as_of, stores (dealer_id, the fall-back warranty, inspection rules).
-- Inspection: the date on file while it is not long past, else counted from the registration (FACTS 4).
WITH store AS (
    SELECT * FROM jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, warranty_months int,
        warranty_km int, two_yearly int, commercial int, inspection_passed_days int)
), car AS (
    SELECT f.id, f.car_id, f.dealer_id, f.base_date, f.base_km, f.km_per_day AS rate, f.service_due_date, f.service_base_date,
        f.last_visit_date, c.inspection_due_date AS on_file,
        coalesce(v.sale_date, v.registration_date, v.warranty_start_date) AS start_date,
        coalesce(v.registration_date, v.sale_date) AS registered,
        CASE WHEN v.warranty_end_date > coalesce(v.warranty_start_date, v.sale_date, '-infinity') THEN v.warranty_end_date
            ELSE (coalesce(v.warranty_start_date, v.sale_date) + make_interval(
                months => coalesce(s.warranty_months, d.warranty_months, p.warranty_months)))::date END AS ends,
        coalesce(v.warranty_km, s.warranty_km, d.warranty_km, p.warranty_km) AS limit_km,
        c.usage IN ('ride_hailing', 'rental') AS is_commercial, p.two_yearly * 12 AS two_yearly,
        p.commercial * 12 AS commercial, %(as_of)s::date - p.inspection_passed_days AS not_before
    FROM reminders_carforecast AS f
    JOIN customers_car AS c ON c.id = f.car_id
    JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
    JOIN store AS p ON p.dealer_id = f.dealer_id
    LEFT JOIN catalog_serviceschedule AS s ON s.dealer_id = f.dealer_id AND s.series = v.series AND v.series <> ''
    LEFT JOIN catalog_serviceschedule AS d ON d.dealer_id = f.dealer_id AND d.series = ''
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
), aged AS (
    SELECT *, greatest(1, 12 * date_part('year', age(not_before - 1, registered))
            + date_part('month', age(not_before - 1, registered)) + 1)::int AS months,
        base_date + ceil(greatest(0, least((limit_km - base_km) / rate, 36500)))::int AS at_limit
    FROM car
), visited AS (
    SELECT a.id, count(DISTINCT (o.arrived_at AT TIME ZONE 'Asia/Shanghai')::date) AS visits
    FROM aged AS a JOIN workshop_serviceorder AS o ON o.car_id = a.car_id
    WHERE o.arrived_at < %(as_of)s::date + 1
    GROUP BY a.id
), expected AS (
    SELECT a.*, m.low, m.high, coalesce(a.last_visit_date, a.start_date) + (m.constant
        + m.rule * (a.service_due_date - coalesce(a.last_visit_date, a.start_date))
        + CASE WHEN v.visits > 1 THEN m.own * v.visits / (v.visits + 2.0)
            * ((a.last_visit_date - a.start_date)::float / v.visits - m.mean_gap) ELSE 0 END)::int AS comes
    FROM aged AS a
    LEFT JOIN visited AS v ON v.id = a.id
    LEFT JOIN reminders_visitmodel AS m ON m.dealer_id = a.dealer_id AND m.base = CASE
        WHEN a.last_visit_date IS NULL THEN 'sale' WHEN a.last_visit_date = a.service_base_date THEN 'service' ELSE 'other' END
), found AS (
    SELECT *, CASE WHEN on_file >= not_before THEN on_file ELSE (registered + make_interval(months => CASE
            WHEN is_commercial AND months <= commercial THEN (months + 11) / 12 * 12
            WHEN is_commercial THEN (months + 5) / 6 * 6
            WHEN months <= two_yearly THEN (months + 23) / 24 * 24
            ELSE (months + 11) / 12 * 12 END))::date END AS inspected
    FROM expected
)
UPDATE reminders_carforecast AS f
SET warranty_end_date = ends, warranty_km = limit_km, warranty_due_date = CASE WHEN ends IS NOT NULL THEN least(ends, at_limit) END,
    warranty_by = CASE WHEN ends IS NULL THEN '' WHEN at_limit < ends THEN 'km' ELSE 'time' END,
    inspection_due_date = inspected, inspection_by = CASE WHEN on_file >= not_before THEN 'file' ELSE 'rule' END,
    next_visit_date = coalesce(comes, f.service_due_date),
    next_visit_low = comes + low::int, next_visit_high = comes + high::int
FROM found
WHERE f.id = found.id AND (f.warranty_end_date, f.warranty_km, f.warranty_due_date, f.inspection_due_date,
        f.inspection_by, f.next_visit_date, f.next_visit_low, f.next_visit_high)
    IS DISTINCT FROM (ends, limit_km, CASE WHEN ends IS NOT NULL THEN least(ends, at_limit) END, inspected,
        CASE WHEN on_file >= not_before THEN 'file' ELSE 'rule' END, coalesce(comes, f.service_due_date),
        comes + low::int, comes + high::int)
