-- Orders whose mileage is in doubt say so; it stays as recorded. Takes run_id, dealer_id, zone.
UPDATE workshop_serviceorder o
SET flags = o.flags || CASE r.doubt WHEN 'rolls_back' THEN 'mileage_rolls_back' ELSE 'mileage_leaps' END::varchar
FROM (
    SELECT DISTINCT car_id FROM intake_stagedrow
    WHERE run_id = %(run_id)s::bigint AND kind IN ('orders', 'customers') AND car_id IS NOT NULL
) t
JOIN customers_car c ON c.id = t.car_id
JOIN vehicles_odometerreading r
  ON r.vehicle_id = c.vehicle_id AND r.dealer_id = %(dealer_id)s::bigint AND r.source = 'visit' AND r.status = 'suspect'
WHERE o.car_id = t.car_id AND o.km = r.km AND (o.arrived_at AT TIME ZONE %(zone)s::text)::date = r.read_on
  AND NOT o.flags && ARRAY['mileage_rolls_back', 'mileage_leaps']::varchar[]
