-- Lines of orders we do not have, and of numbers that this run found on two cars. Takes run_id.
UPDATE intake_stagedrow s
SET outcome = 'refused',
    code = CASE WHEN d.key IS NULL THEN 'order_unknown' ELSE 'order_of_two_cars' END,
    params = jsonb_build_object('value', s.data ->> 'number', 'field', 'number')
FROM intake_stagedrow l
LEFT JOIN (
    SELECT DISTINCT key FROM intake_stagedrow
    WHERE run_id = %(run_id)s::bigint AND kind = 'orders' AND code = 'order_of_two_cars'
) d ON d.key = l.data ->> 'number'
WHERE s.id = l.id AND l.run_id = %(run_id)s::bigint AND l.kind = 'order_lines' AND l.outcome = ''
  AND (l.record_id IS NULL OR d.key IS NOT NULL)
