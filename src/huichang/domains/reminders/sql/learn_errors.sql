-- How far a forecast from 1, 2 or more readings was off the next reading: factors that held 8 of 10 (ADR 0011).
-- Each car's last reading is hidden and its gain forecast from the ones before, as forecast_mileage.sql does.
-- Takes dealer_ids (null: every store in scope), as_of, stores (dealer_id, own_rate_days, rate_memory_days).
WITH store AS (
    SELECT * FROM jsonb_to_recordset(%(stores)s::jsonb)
        AS p (dealer_id bigint, own_rate_days int, rate_memory_days float)
), point AS (
    SELECT c.dealer_id, c.id, v.series, v.sale_date, r.read_on AS day, max(r.km) AS km
    FROM customers_car AS c
    JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
    JOIN vehicles_odometerreading AS r ON r.vehicle_id = c.vehicle_id AND r.dealer_id = c.dealer_id
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR c.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND r.status IN ('accepted', 'confirmed')
        AND r.read_on <= %(as_of)s::date
    GROUP BY c.id, v.id, r.read_on
), segment AS (
    SELECT
        dealer_id, id, series,
        day - coalesce(lag(day) OVER older, sale_date) AS days,
        km - coalesce(lag(km) OVER older, CASE WHEN sale_date IS NOT NULL THEN 0 END) AS gained,
        row_number() OVER newer AS back,
        max(day) OVER (PARTITION BY id) - day AS age
    FROM point
    WINDOW older AS (PARTITION BY id ORDER BY day), newer AS (PARTITION BY id ORDER BY day DESC)
), forecast AS (
    SELECT
        s.dealer_id, count(*) FILTER (WHERE s.back > 1) AS readings,
        max(s.gained) FILTER (WHERE s.back = 1) AS gained,
        max(s.days) FILTER (WHERE s.back = 1)
            * (coalesce(sum(s.gained * 0.5 ^ (s.age / t.rate_memory_days)) FILTER (WHERE s.back > 1), 0)
                + t.own_rate_days * p.km_per_day)
            / (coalesce(sum(s.days * 0.5 ^ (s.age / t.rate_memory_days)) FILTER (WHERE s.back > 1), 0)
                + t.own_rate_days) AS expected
    FROM segment AS s
    JOIN store AS t USING (dealer_id)
    JOIN LATERAL (
        SELECT r.km_per_day FROM reminders_seriesrate AS r
        WHERE r.dealer_id = s.dealer_id AND r.usage = '' AND r.series IN (s.series, '')
        ORDER BY r.series = '' LIMIT 1
    ) AS p ON true
    GROUP BY s.dealer_id, s.id, p.km_per_day, t.own_rate_days, t.rate_memory_days
    HAVING max(s.days) FILTER (WHERE s.back = 1) >= 30
), learned AS (
    SELECT
        dealer_id, least(readings, 3) AS readings, count(*) AS cases,
        percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY greatest(gained, 0) / expected) AS spread
    FROM forecast
    WHERE readings > 0 AND expected > 0
    GROUP BY dealer_id, least(readings, 3)
    HAVING count(*) >= 20
)
INSERT INTO reminders_forecasterror (dealer_id, readings, low, high, cases)
SELECT dealer_id, readings, spread[1], spread[2], cases
FROM learned
ON CONFLICT (dealer_id, readings) DO UPDATE
SET low = excluded.low, high = excluded.high, cases = excluded.cases
