-- The mileage forecast of each car, and who is called about it (ADR 0011). Writes only rows that differ.
-- Rate = (its own km, recent ones weighing more, + some days of its series' mean) / (its days + those days).
-- Takes dealer_ids, car_ids (null: all), as_of, stores (dealer_id, own_rate_days, rate_memory_days, km_per_day).
WITH car AS (
    SELECT c.id, c.dealer_id, c.vehicle_id, c.status = 'active' AS is_active, v.series, c.usage, v.sale_date,
        coalesce(v.sale_date, v.registration_date, v.warranty_start_date) AS start_date,
        coalesce(u.called_through_id, u.id) AS customer_id, o.start_date AS owned_since, p.own_rate_days,
        p.rate_memory_days, p.km_per_day
    FROM customers_car AS c
    JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
    JOIN jsonb_to_recordset(%(stores)s::jsonb)
        AS p (dealer_id bigint, own_rate_days int, rate_memory_days float, km_per_day float) USING (dealer_id)
    LEFT JOIN customers_ownership AS o ON o.car_id = c.id AND o.bond = 'owner' AND o.end_date IS NULL
    LEFT JOIN customers_customer AS u ON u.id = o.customer_id
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR c.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (%(car_ids)s::bigint[] IS NULL OR c.id = ANY (%(car_ids)s::bigint[]))
), point AS (
    SELECT car.id, car.sale_date, car.rate_memory_days AS memory, r.read_on AS day, max(r.km) AS km
    FROM car
    JOIN vehicles_odometerreading AS r ON r.vehicle_id = car.vehicle_id AND r.dealer_id = car.dealer_id
    WHERE r.status IN ('accepted', 'confirmed') AND r.read_on <= %(as_of)s::date
    GROUP BY car.id, car.sale_date, car.rate_memory_days, r.read_on
), segment AS (
    SELECT id, day, km, day - coalesce(lag(day) OVER older, sale_date) AS days,
        km - coalesce(lag(km) OVER older, CASE WHEN sale_date IS NOT NULL THEN 0 END) AS gained,
        0.5 ^ ((max(day) OVER (PARTITION BY id) - day) / memory) AS weight
    FROM point WINDOW older AS (PARTITION BY id ORDER BY day)
), own AS (
    SELECT id, least(count(*), 30000) AS readings, max(day) AS base_date, (array_agg(km ORDER BY day DESC))[1] AS base_km,
        coalesce(sum(gained * weight), 0) AS km, coalesce(sum(days * weight), 0) AS days
    FROM segment GROUP BY id
), visit AS (
    SELECT o.car_id AS id, (max(o.arrived_at) AT TIME ZONE 'Asia/Shanghai')::date AS last_day
    FROM car JOIN workshop_serviceorder AS o ON o.car_id = car.id
    WHERE o.arrived_at < %(as_of)s::date + 1
    GROUP BY o.car_id
), made AS (
    SELECT car.*, coalesce(own.readings, 0) AS readings, coalesce(own.base_date, car.start_date) AS base_date,
        coalesce(own.base_km, CASE WHEN car.start_date IS NOT NULL THEN 0 END) AS base_km, visit.last_day,
        CASE WHEN own.readings >= 2 THEN 'readings' WHEN own.readings = 1 THEN 'one_reading' ELSE 'series' END AS basis,
        greatest(1, (coalesce(own.km, 0) + car.own_rate_days * coalesce(a.km_per_day, b.km_per_day, c.km_per_day,
            d.km_per_day, car.km_per_day)) / greatest(coalesce(own.days, 0) + car.own_rate_days, 1)) AS rate,
        CASE WHEN own.readings > 0 THEN e.low ELSE coalesce(a.low, b.low, c.low, d.low) END AS low,
        CASE WHEN own.readings > 0 THEN e.high ELSE coalesce(a.high, b.high, c.high, d.high) END AS high
    FROM car
    LEFT JOIN own ON own.id = car.id
    LEFT JOIN visit ON visit.id = car.id
    LEFT JOIN reminders_seriesrate AS a
        ON (a.dealer_id, a.series, a.usage) = (car.dealer_id, car.series, car.usage) AND car.usage <> ''
    LEFT JOIN reminders_seriesrate AS b ON (b.dealer_id, b.series, b.usage) = (car.dealer_id, '', car.usage) AND car.usage <> ''
    LEFT JOIN reminders_seriesrate AS c ON (c.dealer_id, c.series, c.usage) = (car.dealer_id, car.series, '')
    LEFT JOIN reminders_seriesrate AS d ON (d.dealer_id, d.series, d.usage) = (car.dealer_id, '', '')
    LEFT JOIN reminders_forecasterror AS e ON e.dealer_id = car.dealer_id AND e.readings = least(own.readings, 3)
)
INSERT INTO reminders_carforecast AS old (
    dealer_id, car_id, customer_id, is_active, basis, readings, base_date, base_km, km_per_day, km_per_day_low, km_per_day_high,
    service_kind, service_by, warranty_by, inspection_by, last_visit_date, lapse_base_date, computed_on
)
SELECT dealer_id, id, customer_id, is_active, basis, readings, base_date, base_km, round(rate::numeric, 2)::float,
    -- a store too young to know its errors says half to double
    round((rate * coalesce(low, 0.5))::numeric, 2)::float, round((rate * coalesce(high, 2))::numeric, 2)::float,
    '', '', '', '', last_day, greatest(last_day, start_date, owned_since), %(as_of)s
FROM made
ON CONFLICT (car_id) DO UPDATE
SET customer_id = excluded.customer_id, is_active = excluded.is_active, basis = excluded.basis, readings = excluded.readings,
    base_date = excluded.base_date, base_km = excluded.base_km, km_per_day = excluded.km_per_day,
    km_per_day_low = excluded.km_per_day_low, km_per_day_high = excluded.km_per_day_high,
    last_visit_date = excluded.last_visit_date, lapse_base_date = excluded.lapse_base_date, computed_on = excluded.computed_on
WHERE (old.customer_id, old.is_active, old.basis, old.readings, old.base_date, old.base_km, old.km_per_day, old.km_per_day_low,
        old.km_per_day_high, old.last_visit_date, old.lapse_base_date)
    IS DISTINCT FROM (excluded.customer_id, excluded.is_active, excluded.basis, excluded.readings, excluded.base_date, excluded.base_km,
        excluded.km_per_day, excluded.km_per_day_low, excluded.km_per_day_high, excluded.last_visit_date,
        excluded.lapse_base_date)
