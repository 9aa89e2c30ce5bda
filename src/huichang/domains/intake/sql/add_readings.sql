-- The odometer as each order of the run recorded it. Takes run_id, dealer_id, zone.
INSERT INTO vehicles_odometerreading (dealer_id, vehicle_id, read_on, km, source, status, doubt)
SELECT DISTINCT %(dealer_id)s::bigint, c.vehicle_id, (o.arrived_at AT TIME ZONE %(zone)s::text)::date, o.km, 'visit', 'accepted', ''
FROM intake_stagedrow s
JOIN workshop_serviceorder o ON o.dealer_id = %(dealer_id)s::bigint AND o.number = s.key
JOIN customers_car c ON c.id = o.car_id
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome IN ('created', 'updated', 'unchanged')
  AND o.km IS NOT NULL
ON CONFLICT (dealer_id, vehicle_id, read_on, source, km) DO NOTHING
