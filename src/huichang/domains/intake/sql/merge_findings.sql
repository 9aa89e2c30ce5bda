-- Work advised and not done, by car, order, text and day. Work we know to be done stays done.
-- Takes run_id, dealer_id, as_of, now, actor_id, actor_name, zone.
WITH told AS (
    SELECT s.id AS staged_id, s.car_id, s.record_id AS order_id, s.data ->> 'text' AS text,
           coalesce((s.data ->> 'found_date')::date, (o.arrived_at AT TIME ZONE %(zone)s::text)::date, %(as_of)s::date) AS found_date,
           s.data ->> 'status' AS status
    FROM intake_stagedrow s LEFT JOIN workshop_serviceorder o ON o.id = s.record_id
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'findings' AND s.outcome = ''
), before AS (
    SELECT f.id, f.status FROM told t
    JOIN workshop_finding f ON f.dealer_id = %(dealer_id)s::bigint AND f.car_id = t.car_id
     AND f.order_id IS NOT DISTINCT FROM t.order_id AND f.text = t.text AND f.found_date = t.found_date
), merged AS (
    INSERT INTO workshop_finding AS f (dealer_id, car_id, order_id, text, found_date, status)
    SELECT DISTINCT ON (car_id, order_id, text, found_date)
           %(dealer_id)s::bigint, car_id, order_id, text, found_date, status
    FROM told
    ORDER BY car_id, order_id, text, found_date, staged_id DESC
    ON CONFLICT (dealer_id, car_id, order_id, text, found_date) DO UPDATE SET status = excluded.status
    WHERE f.status <> excluded.status AND f.status <> 'done'
    RETURNING f.id, f.car_id, f.order_id, f.text, f.found_date, f.status, f.xmax = 0 AS added
), noted AS (
    INSERT INTO kernel_statuschange
        (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
    SELECT %(dealer_id)s::bigint, 'workshop_finding', m.id, b.status, m.status, '', %(actor_id)s::bigint, %(actor_name)s::text, %(now)s::timestamptz
    FROM merged m JOIN before b USING (id)
    WHERE NOT m.added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m
  ON m.car_id = t.car_id AND m.order_id IS NOT DISTINCT FROM t.order_id AND m.text = t.text
 AND m.found_date = t.found_date
WHERE s.id = t.staged_id
