-- Lines by their place in the order: the first row of an order is position 1. Takes run_id, dealer_id.
WITH told AS (
    SELECT s.id AS staged_id, s.record_id AS order_id,
           (row_number() OVER (PARTITION BY s.record_id ORDER BY s.sheet, s."row"))::smallint AS position, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        line_kind text, code text, name text, quantity numeric, unit_price numeric, amount numeric, payer text)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'order_lines' AND s.outcome = ''
), merged AS (
    INSERT INTO workshop_orderline AS l (
        dealer_id, order_id, position, kind, code, name, quantity, unit_price, amount, payer)
    SELECT %(dealer_id)s::bigint, order_id, position, line_kind, coalesce(code, ''), name, quantity, unit_price, amount,
           coalesce(payer, '')
    FROM told
    ORDER BY staged_id
    ON CONFLICT (order_id, position) DO UPDATE SET
        kind = excluded.kind, code = excluded.code, name = excluded.name, quantity = excluded.quantity,
        unit_price = excluded.unit_price, amount = excluded.amount, payer = excluded.payer
    WHERE (l.kind, l.code, l.name, l.quantity, l.unit_price, l.amount, l.payer) IS DISTINCT FROM (
        excluded.kind, excluded.code, excluded.name, excluded.quantity, excluded.unit_price, excluded.amount,
        excluded.payer)
    RETURNING l.order_id, l.position, l.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (order_id, position)
WHERE s.id = t.staged_id
