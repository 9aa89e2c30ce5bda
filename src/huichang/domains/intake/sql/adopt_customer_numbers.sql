-- An export with customer numbers after one without: the present owner of the car, of that very name, gets the number
-- instead of the one we had made up. Takes run_id, dealer_id.
UPDATE customers_customer c SET number = told.number
FROM (
    SELECT DISTINCT ON (s.data ->> 'number') owner.id, s.data ->> 'number' AS number
    FROM intake_stagedrow s
    JOIN vehicles_vehicle v ON v.vin = s.key
    JOIN customers_car car ON car.vehicle_id = v.id AND car.dealer_id = %(dealer_id)s::bigint
    JOIN customers_ownership o ON o.car_id = car.id AND o.bond = 'owner' AND o.end_date IS NULL
    JOIN customers_customer owner ON owner.id = o.customer_id AND owner.name = s.data ->> 'name'
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = ''
      AND NOT (s.data ->> 'own_number')::boolean AND owner.number ~ '^I[0-9A-F]{11}$'
      AND NOT EXISTS (
          SELECT FROM customers_customer other
          WHERE other.dealer_id = %(dealer_id)s::bigint AND other.number = s.data ->> 'number')
    ORDER BY s.data ->> 'number', owner.id
) told
WHERE c.id = told.id AND c.dealer_id = %(dealer_id)s::bigint
