-- Tie staged rows that name no VIN to the one car with their plate; cars still in the base come first.
-- Takes run_id, dealer_id, kinds.
UPDATE intake_stagedrow s SET car_id = c.car_id
FROM (
    SELECT plate, (array_agg(id ORDER BY status <> 'active', id DESC))[1] AS car_id
    FROM customers_car
    WHERE dealer_id = %(dealer_id)s::bigint AND plate <> ''
    GROUP BY plate
    HAVING count(*) = 1 OR count(*) FILTER (WHERE status = 'active') = 1
) c
WHERE s.run_id = %(run_id)s::bigint AND s.kind = ANY (%(kinds)s::text[]) AND s.outcome = '' AND s.car_id IS NULL
  AND s.data ->> 'vin' IS NULL AND c.plate = s.data ->> 'plate'
