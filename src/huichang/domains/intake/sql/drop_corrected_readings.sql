-- A later export corrected the mileage of an order: the reading it replaced goes. Takes run_id, dealer_id, zone.
DELETE FROM vehicles_odometerreading r
USING (
    SELECT DISTINCT c.vehicle_id, c.id AS car_id, (o.arrived_at AT TIME ZONE %(zone)s::text)::date AS day
    FROM intake_stagedrow s
    JOIN workshop_serviceorder o ON o.dealer_id = %(dealer_id)s::bigint AND o.number = s.key
    JOIN customers_car c ON c.id = o.car_id
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome = 'updated'
) u
WHERE r.dealer_id = %(dealer_id)s::bigint AND r.vehicle_id = u.vehicle_id AND r.read_on = u.day AND r.source = 'visit'
  AND NOT EXISTS (
    SELECT FROM workshop_serviceorder o
    WHERE o.car_id = u.car_id AND o.km = r.km AND (o.arrived_at AT TIME ZONE %(zone)s::text)::date = r.read_on)
