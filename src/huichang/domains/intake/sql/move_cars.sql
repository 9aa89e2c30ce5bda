-- A car whose last row says sold, and that nobody owns any more, leaves the base; a new owner brings it back.
-- Takes run_id, dealer_id, now, actor_id, actor_name.
WITH latest AS (
    SELECT DISTINCT ON (s.car_id) s.car_id, (s.data ->> 'sold')::boolean AS sold, s.record_id
    FROM intake_stagedrow s
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = '' AND s.car_id IS NOT NULL
    ORDER BY s.car_id, s.generation DESC
), moving AS (
    SELECT c.id, c.status AS before, CASE WHEN l.sold THEN 'sold_on' ELSE 'active' END AS after
    FROM latest l
    JOIN customers_car c ON c.id = l.car_id
    LEFT JOIN customers_ownership o ON o.car_id = c.id AND o.bond = 'owner' AND o.end_date IS NULL
    WHERE (l.sold AND c.status = 'active' AND o.id IS NULL)
       OR (NOT l.sold AND c.status = 'sold_on' AND l.record_id IS NOT NULL AND o.id = l.record_id)
), moved AS (
    UPDATE customers_car c SET status = m.after
    FROM moving m WHERE c.id = m.id AND c.status = m.before
    RETURNING c.id, m.before, m.after
)
INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
SELECT %(dealer_id)s::bigint, 'customers_car', id, before, after, '', %(actor_id)s::bigint, %(actor_name)s::text, %(now)s::timestamptz FROM moved
