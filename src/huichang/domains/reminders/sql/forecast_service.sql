-- When each car's next service is due: the first of months and km since the last one (REM-11, D-16).
-- Takes dealer_ids, car_ids (null: all), as_of, stores (dealer_id, service_words and the fall-back schedule).
-- A car without a known service is due for its first one until a year after it should have been; then for the next.
WITH store AS (
    SELECT * FROM jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, service_words text,
        first_months int, first_km int, service_months int, service_km int, lapsed_months int)
), base AS (
    SELECT f.id, f.car_id, f.dealer_id, f.base_date, f.base_km, f.km_per_day AS rate, f.km_per_day_low AS slow,
        f.km_per_day_high AS fast, f.last_visit_date, c.vehicle_id,
        coalesce(v.sale_date, v.registration_date, v.warranty_start_date) AS start_date,
        coalesce(s.first_months, d.first_months, p.first_months) AS first_months,
        coalesce(s.first_km, d.first_km, p.first_km) AS first_km,
        coalesce(s.interval_months, d.interval_months, p.service_months) AS months,
        coalesce(s.interval_km, d.interval_km, p.service_km) AS km, p.service_words, p.lapsed_months
    FROM reminders_carforecast AS f
    JOIN customers_car AS c ON c.id = f.car_id
    JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
    JOIN store AS p ON p.dealer_id = f.dealer_id
    LEFT JOIN catalog_serviceschedule AS s ON s.dealer_id = f.dealer_id AND s.series = v.series AND v.series <> ''
    LEFT JOIN catalog_serviceschedule AS d ON d.dealer_id = f.dealer_id AND d.series = ''
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
), service AS (
    SELECT b.id, (max(o.arrived_at) AT TIME ZONE 'Asia/Shanghai')::date AS day
    FROM base AS b JOIN workshop_serviceorder AS o ON o.car_id = b.car_id
    WHERE o.business_type ~* b.service_words AND o.arrived_at < %(as_of)s::date + 1
    GROUP BY b.id
), chosen AS (
    SELECT b.*, s.day AS service_day,
        -- the first service of a car that is far past it is history that another workshop wrote
        s.day IS NULL AND b.start_date IS NOT NULL AND %(as_of)s::date
            < (b.start_date + make_interval(months => b.first_months + b.lapsed_months))::date AS is_first,
        coalesce(s.day, b.last_visit_date, b.start_date) AS since
    FROM base AS b LEFT JOIN service AS s ON s.id = b.id
), counted AS (
    SELECT c.*, CASE WHEN is_first THEN start_date ELSE since END AS from_date,
        CASE WHEN is_first THEN 0 ELSE coalesce(
            -- what was read on that day if it can be trusted, else what the forecast says of that day
            (SELECT max(r.km) FROM vehicles_odometerreading AS r
                WHERE r.vehicle_id = c.vehicle_id AND r.dealer_id = c.dealer_id AND r.read_on = c.since
                    AND r.status IN ('accepted', 'confirmed')),
            greatest(0, base_km + (since - base_date) * rate)
        )::int END AS from_km
    FROM chosen AS c
), clocks AS (
    SELECT *, (from_date + make_interval(months => CASE WHEN is_first THEN first_months ELSE months END))::date AS by_time,
        from_km + CASE WHEN is_first THEN first_km ELSE km END AS due_km
    FROM counted
), due AS (
    SELECT *, base_date + ceil(least((due_km - base_km) / rate, 36500))::int AS by_km,
        base_date + ceil(least((due_km - base_km) / CASE WHEN due_km > base_km THEN fast ELSE slow END, 36500))::int AS early,
        base_date + ceil(least((due_km - base_km) / CASE WHEN due_km > base_km THEN slow ELSE fast END, 36500))::int AS late
    FROM clocks
)
UPDATE reminders_carforecast AS f
SET service_kind = CASE WHEN from_date IS NULL THEN '' WHEN is_first THEN 'first_service' ELSE 'scheduled_service' END,
    service_base_date = from_date, service_base_km = from_km, service_time_date = by_time, service_due_km = due_km,
    -- never before the last service itself, whatever a mileage says
    service_due_date = greatest(least(by_time, by_km), from_date + 1),
    service_due_low = greatest(least(by_time, early), from_date + 1),
    service_due_high = greatest(least(by_time, late), from_date + 1),
    service_by = CASE WHEN from_date IS NULL THEN '' WHEN by_km < by_time THEN 'km' ELSE 'time' END
FROM due
WHERE f.id = due.id
    AND (f.service_base_date, f.service_base_km, f.service_time_date, f.service_due_date, f.service_due_low,
        f.service_due_high, f.service_due_km, f.service_kind = 'first_service')
    IS DISTINCT FROM (from_date, from_km, by_time, greatest(least(by_time, by_km), from_date + 1),
        greatest(least(by_time, early), from_date + 1), greatest(least(by_time, late), from_date + 1), due_km, is_first)
