-- An order has the lines its export tells: what stood behind them was taken off there and goes here, with the change
-- kept in the order's history. Orders of which a line was refused (torn; '' when nobody knows whose it was) and
-- corrected sheets tell only a part: nothing goes. Takes run_id, corrections, torn.
WITH told AS (
    SELECT record_id AS order_id, count(*) AS lines, min(id) AS staged_id
    FROM intake_stagedrow
    WHERE run_id = %(run_id)s::bigint AND kind = 'order_lines' AND outcome = ''
    GROUP BY record_id
    HAVING NOT bool_and(sheet = ANY (%(corrections)s::int[]))
        AND NOT bool_or(data ->> 'number' = ANY (%(torn)s::text[])) AND NOT '' = ANY (%(torn)s::text[])
), gone AS (
    DELETE FROM workshop_orderline l USING told t
    WHERE l.order_id = t.order_id AND l.position > t.lines
    RETURNING l.dealer_id, l.order_id, l.position, t.staged_id, concat_ws(' ', l.code, l.name, l.quantity, l.amount) AS line
), kept AS (
    INSERT INTO kernel_changerecord (dealer_id, table_name, row_id, action, changes, actor_id, actor_name, at)
    SELECT dealer_id, 'workshop_serviceorder', order_id, 'updated',
        jsonb_build_object('lines', jsonb_build_array(jsonb_agg(line ORDER BY position), NULL)),
        nullif(current_setting('huichang.actor_id', true), '')::bigint,
        coalesce(current_setting('huichang.actor_name', true), ''), clock_timestamp()
    FROM gone
    GROUP BY dealer_id, order_id
)
UPDATE intake_stagedrow s SET is_changed = true, params = jsonb_build_object('lines_gone', g.lines)
FROM (SELECT staged_id, count(*) AS lines FROM gone GROUP BY staged_id) g
WHERE s.id = g.staged_id
