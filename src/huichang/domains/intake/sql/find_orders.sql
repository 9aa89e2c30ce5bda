-- Tie staged rows to their orders; where the row names the car, the order must be of that car.
-- Takes run_id, dealer_id, kinds.
UPDATE intake_stagedrow s SET record_id = o.id, car_id = coalesce(s.car_id, o.car_id)
FROM workshop_serviceorder o
JOIN customers_car c ON c.id = o.car_id
WHERE s.run_id = %(run_id)s::bigint AND s.kind = ANY (%(kinds)s::text[]) AND s.outcome = ''
  AND o.dealer_id = %(dealer_id)s::bigint AND o.number = s.data ->> 'number'
  AND (s.kind <> 'findings' OR s.data ->> 'plate' IS NULL OR s.data ->> 'plate' = c.plate OR s.car_id = o.car_id)
