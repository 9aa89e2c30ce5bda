-- Orders without a customer get the owner of the car on that day. Takes run_id, dealer_id, zone.
UPDATE workshop_serviceorder o SET customer_id = w.customer_id
FROM (
    SELECT DISTINCT car_id FROM intake_stagedrow
    WHERE run_id = %(run_id)s::bigint AND kind IN ('orders', 'customers') AND car_id IS NOT NULL
) t
JOIN customers_ownership w ON w.car_id = t.car_id AND w.bond = 'owner' AND w.dealer_id = %(dealer_id)s::bigint
WHERE o.car_id = t.car_id AND o.customer_id IS NULL
  AND (w.start_date IS NULL OR w.start_date <= (o.arrived_at AT TIME ZONE %(zone)s::text)::date)
  AND (w.end_date IS NULL OR (o.arrived_at AT TIME ZONE %(zone)s::text)::date < w.end_date)
