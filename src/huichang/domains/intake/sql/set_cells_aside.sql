-- Cells without which their rows were taken, as to-dos on the records; a cell is set aside once.
-- Takes run_id, dealer_id, now.
INSERT INTO intake_recordtodo (
    dealer_id, record, record_id, record_key, field, value, value_index, code, params, run_id, created_at, note)
SELECT %(dealer_id)s::bigint, x.record,
       CASE x.record WHEN 'customer' THEN s.customer_id WHEN 'car' THEN s.car_id WHEN 'order' THEN o.id END,
       CASE x.record WHEN 'other' THEN left(s.kind || ' ' || coalesce(s.data ->> 'number', s.key), 80) ELSE '' END,
       x.field, x.token, x.index, x.code, x.params, %(run_id)s::bigint, %(now)s::timestamptz, ''
FROM intake_stagedrow s
CROSS JOIN jsonb_to_recordset(s.todos)
    AS x(record text, field text, token text, index text, code text, params jsonb)
LEFT JOIN workshop_serviceorder o ON s.kind = 'orders' AND o.dealer_id = %(dealer_id)s::bigint AND o.number = s.key
WHERE s.run_id = %(run_id)s::bigint AND s.todos IS NOT NULL AND s.outcome IN ('created', 'updated', 'unchanged')
ON CONFLICT (dealer_id, record, record_id, record_key, field, value_index) DO NOTHING
