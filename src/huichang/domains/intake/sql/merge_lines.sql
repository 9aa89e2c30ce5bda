-- Lines by their place in the order: the first row of an order is position 1. A corrected sheet holds only the rows that
-- were refused: its lines come behind those of the order, unless the order has them already.
-- Takes run_id, dealer_id, corrections (the sheets that are corrected ones).
WITH told AS (
    SELECT s.id AS staged_id, s.record_id AS order_id, r.*,
           row_number() OVER whole AS nth,
           row_number() OVER (PARTITION BY s.record_id, r.line_kind, r.code, r.name, r.quantity, r.unit_price, r.amount
               ORDER BY s.sheet, s."row", s.id) AS twin,
           bool_and(s.sheet = ANY (%(corrections)s::int[])) OVER (PARTITION BY s.record_id) AS is_correction
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        line_kind text, code text, name text, quantity numeric, unit_price numeric, amount numeric, payer text)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'order_lines' AND s.outcome = ''
    WINDOW whole AS (PARTITION BY s.record_id ORDER BY s.sheet, s."row", s.id)
), stored AS (
    SELECT l.*, row_number() OVER (PARTITION BY l.order_id, l.kind, l.code, l.name, l.quantity, l.unit_price, l.amount
            ORDER BY l.position) AS twin,
        max(l.position) OVER (PARTITION BY l.order_id) AS last
    FROM workshop_orderline l
    WHERE l.order_id IN (SELECT order_id FROM told WHERE is_correction)
), placed AS (
    SELECT t.*, CASE WHEN t.is_correction THEN coalesce(k.position, coalesce(e.last, 0)
            + row_number() OVER (PARTITION BY t.order_id, k.position IS NULL ORDER BY t.nth))
        ELSE t.nth END::smallint AS position
    FROM told t
    LEFT JOIN stored k ON t.is_correction AND k.order_id = t.order_id AND k.twin = t.twin
        AND (k.kind, k.code, k.name, k.quantity, k.unit_price, k.amount)
            = (t.line_kind, coalesce(t.code, ''), t.name, t.quantity, t.unit_price, t.amount)
    LEFT JOIN (SELECT DISTINCT order_id, last FROM stored) e ON e.order_id = t.order_id
), merged AS (
    INSERT INTO workshop_orderline AS l (
        dealer_id, order_id, position, kind, code, name, quantity, unit_price, amount, payer)
    SELECT %(dealer_id)s::bigint, order_id, position, line_kind, coalesce(code, ''), name, quantity, unit_price, amount,
           coalesce(payer, '')
    FROM placed
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
FROM placed t JOIN merged m USING (order_id, position)
WHERE s.id = t.staged_id
