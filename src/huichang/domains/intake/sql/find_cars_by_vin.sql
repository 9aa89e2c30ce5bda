-- Tie staged rows to the store's car with their VIN. Takes run_id, dealer_id, kinds.
UPDATE intake_stagedrow s SET car_id = c.id
FROM vehicles_vehicle v
JOIN customers_car c ON c.vehicle_id = v.id AND c.dealer_id = %(dealer_id)s::bigint
WHERE s.run_id = %(run_id)s::bigint AND s.kind = ANY (%(kinds)s::text[]) AND s.outcome = '' AND s.car_id IS NULL
  AND v.vin = s.data ->> 'vin'
