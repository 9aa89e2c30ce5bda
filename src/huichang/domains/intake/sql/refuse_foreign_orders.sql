-- An order number that already belongs to another car: one of the two is wrong. Takes run_id, dealer_id.
UPDATE intake_stagedrow s
SET outcome = 'refused', code = 'order_of_two_cars', params = jsonb_build_object('value', s.key, 'field', 'number')
FROM workshop_serviceorder o
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome = ''
  AND o.dealer_id = %(dealer_id)s::bigint AND o.number = s.key AND o.car_id <> s.car_id
