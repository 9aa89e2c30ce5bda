-- The latest mileage of the customer sheet, when it says more than any reading we have: on its own day, or else on
-- the day of the export. Zero is no reading. Takes run_id, dealer_id, as_of.
INSERT INTO vehicles_odometerreading (dealer_id, vehicle_id, read_on, km, source, status, doubt)
SELECT DISTINCT ON (c.vehicle_id)
       %(dealer_id)s::bigint, c.vehicle_id, coalesce((s.data ->> 'mileage_date')::date, %(as_of)s::date),
       (s.data ->> 'mileage')::integer, 'file', 'accepted', ''
FROM intake_stagedrow s JOIN customers_car c ON c.id = s.car_id
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome IN ('created', 'updated', 'unchanged')
  AND (s.data ->> 'mileage')::integer > 0
  AND NOT EXISTS (
    SELECT FROM vehicles_odometerreading r
    WHERE r.dealer_id = %(dealer_id)s::bigint AND r.vehicle_id = c.vehicle_id AND r.km >= (s.data ->> 'mileage')::integer
      AND r.status IN ('accepted', 'confirmed'))
ORDER BY c.vehicle_id, s.generation DESC
ON CONFLICT (dealer_id, vehicle_id, read_on, source, km) DO NOTHING
