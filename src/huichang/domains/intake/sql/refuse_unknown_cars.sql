-- Rows whose car is not in the store's file and cannot be made from them. Takes run_id, dealer_id, kinds.
UPDATE intake_stagedrow s
SET outcome = 'refused',
    code = CASE WHEN EXISTS (
            SELECT FROM customers_car c
            WHERE c.dealer_id = %(dealer_id)s::bigint AND c.plate = s.data ->> 'plate' AND s.data ->> 'vin' IS NULL
        ) THEN 'plate_of_two_cars' ELSE 'car_unknown' END,
    params = jsonb_build_object('value', coalesce(s.data ->> 'plate', s.data ->> 'vin', ''), 'field', 'plate')
WHERE s.run_id = %(run_id)s::bigint AND s.kind = ANY (%(kinds)s::text[]) AND s.outcome = '' AND s.car_id IS NULL
