-- Mean km a day per series and use of each store, and how far its cars spread around it (ADR 0011).
-- Takes dealer_ids (null: every store in scope) and as_of. Replaces the store's rows.
WITH car AS (
    SELECT
        c.dealer_id, v.series, c.usage,
        (max(r.km) - CASE WHEN v.sale_date IS NULL THEN min(r.km) ELSE 0 END)::float
            / (max(r.read_on) - coalesce(v.sale_date, min(r.read_on))) AS rate
    FROM customers_car AS c
    JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
    JOIN vehicles_odometerreading AS r ON r.vehicle_id = c.vehicle_id AND r.dealer_id = c.dealer_id
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR c.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND r.status IN ('accepted', 'confirmed')
        AND r.read_on <= %(as_of)s::date
    GROUP BY c.id, v.id
    -- two months are the least that says how a car is driven
    HAVING max(r.read_on) - coalesce(v.sale_date, min(r.read_on)) >= 60
), learned AS (
    SELECT
        dealer_id, coalesce(series, '') AS series, coalesce(usage, '') AS usage, count(*) AS cars,
        percentile_cont(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY rate) AS spread
    FROM car
    WHERE rate > 0
    GROUP BY GROUPING SETS ((dealer_id, series, usage), (dealer_id, series), (dealer_id, usage), (dealer_id))
    -- a known use is a group of its own; an unknown one is already in the series' or the store's row
    HAVING count(*) >= 5 AND (GROUPING(usage) = 1 OR usage <> '') AND (GROUPING(series) = 1 OR series <> '')
), gone AS (
    DELETE FROM reminders_seriesrate AS old
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR old.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND NOT EXISTS (
            SELECT FROM learned AS l
            WHERE (l.dealer_id, l.series, l.usage) = (old.dealer_id, old.series, old.usage)
        )
)
INSERT INTO reminders_seriesrate (dealer_id, series, usage, km_per_day, low, high, cars)
SELECT dealer_id, series, usage, spread[2], spread[1] / spread[2], spread[3] / spread[2], cars
FROM learned
ON CONFLICT (dealer_id, series, usage) DO UPDATE
SET km_per_day = excluded.km_per_day, low = excluded.low, high = excluded.high, cars = excluded.cars
