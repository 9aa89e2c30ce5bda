-- Owners that orders name are for cars nobody owns yet: whom a customer file or an earlier import named stays.
-- Takes run_id, dealer_id, owner_sheets (the sheets that are read for owners in orders).
UPDATE intake_stagedrow s SET outcome = 'unchanged'
FROM vehicles_vehicle v
JOIN customers_car c ON c.vehicle_id = v.id AND c.dealer_id = %(dealer_id)s::bigint
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = ''
  AND s.sheet = ANY (%(owner_sheets)s::int[]) AND v.vin = s.key
  AND EXISTS (SELECT FROM customers_ownership o WHERE o.car_id = c.id AND o.bond = 'owner')
