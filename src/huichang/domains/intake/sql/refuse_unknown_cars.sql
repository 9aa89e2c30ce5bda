-- Rows whose car is not in the store's file and cannot be made from them. A VIN that could not be read is the cause,
-- whatever the plate. Takes run_id, dealer_id, kinds.
UPDATE intake_stagedrow s
SET outcome = 'refused',
    code = CASE WHEN v.wrong IS NOT NULL THEN v.wrong ->> 'code' WHEN EXISTS (
            SELECT FROM customers_car c
            WHERE c.dealer_id = %(dealer_id)s::bigint AND c.plate = s.data ->> 'plate' AND s.data ->> 'vin' IS NULL
        ) THEN 'plate_of_two_cars' ELSE 'car_unknown' END,
    params = CASE WHEN v.wrong IS NOT NULL THEN v.wrong -> 'params' || '{"field": "vin"}'
        ELSE jsonb_build_object('value', coalesce(s.data ->> 'plate', s.data ->> 'vin', ''), 'field', 'plate') END
FROM intake_stagedrow r
LEFT JOIN LATERAL (
    SELECT one AS wrong FROM jsonb_array_elements(r.todos) AS one WHERE one ->> 'field' = 'vin' LIMIT 1
) v ON true
WHERE s.id = r.id AND s.run_id = %(run_id)s::bigint AND s.kind = ANY (%(kinds)s::text[]) AND s.outcome = '' AND s.car_id IS NULL
