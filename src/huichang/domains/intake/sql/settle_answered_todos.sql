-- A later row that holds a good value where a cell was set aside settles the to-do. Takes run_id, dealer_id, now.
UPDATE intake_recordtodo t SET done_at = %(now)s::timestamptz
FROM intake_stagedrow s
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome IN ('created', 'updated', 'unchanged')
  AND t.dealer_id = %(dealer_id)s::bigint AND t.done_at IS NULL AND t.run_id <> %(run_id)s::bigint
  AND ((t.record = 'car' AND t.record_id = s.car_id) OR (t.record = 'customer' AND t.record_id = s.customer_id))
  AND (s.data -> '_said' ? t.field OR (t.code = 'owner_unknown' AND s.customer_id IS NOT NULL))
  AND NOT coalesce(s.todos, '[]') @> jsonb_build_array(jsonb_build_object('field', t.field))
