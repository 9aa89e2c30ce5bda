-- The last visit of the run's cars and the last mileage that is not in doubt. Takes run_id, dealer_id, zone.
UPDATE customers_car c SET last_visit_date = v.day, last_visit_km = v.km
FROM (
    SELECT o.car_id, max((o.arrived_at AT TIME ZONE %(zone)s::text)::date) AS day,
           (array_agg(o.km ORDER BY o.arrived_at DESC) FILTER (
               WHERE o.km IS NOT NULL
                 AND NOT o.flags && ARRAY['mileage_rolls_back', 'mileage_leaps']::varchar[]))[1] AS km
    FROM workshop_serviceorder o
    WHERE o.dealer_id = %(dealer_id)s::bigint AND o.car_id IN (
        SELECT car_id FROM intake_stagedrow WHERE run_id = %(run_id)s::bigint AND kind IN ('orders', 'customers'))
    GROUP BY o.car_id
) v
WHERE c.id = v.car_id AND (c.last_visit_date, c.last_visit_km) IS DISTINCT FROM (v.day, v.km)
