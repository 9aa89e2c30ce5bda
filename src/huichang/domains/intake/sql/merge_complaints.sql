-- Complaints by their number; the customer is the car's owner on that day. A complaint closed here stays closed.
-- Takes run_id, dealer_id, now, actor_id, actor_name.
WITH told AS (
    SELECT s.id AS staged_id, s.car_id, r.*, (
               SELECT o.customer_id FROM customers_ownership o
               WHERE o.car_id = s.car_id AND o.bond = 'owner'
                 AND (o.start_date IS NULL OR o.start_date <= r.complained_date)
                 AND (o.end_date IS NULL OR r.complained_date < o.end_date)
               ORDER BY o.id DESC LIMIT 1) AS customer_id
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        number text, plate text, complained_date date, category text, text text, status text)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'complaints' AND s.outcome = ''
), before AS (
    SELECT c.id, c.status FROM told t
    JOIN complaints_complaint c ON c.dealer_id = %(dealer_id)s::bigint AND c.number = t.number
), merged AS (
    INSERT INTO complaints_complaint AS c (
        dealer_id, number, car_id, customer_id, plate, complained_date, category, text, status)
    SELECT %(dealer_id)s::bigint, number, car_id, customer_id, coalesce(plate, ''), complained_date, coalesce(category, ''),
           text, status
    FROM told
    ORDER BY staged_id
    ON CONFLICT (dealer_id, number) DO UPDATE SET
        car_id = coalesce(excluded.car_id, c.car_id),
        customer_id = coalesce(c.customer_id, excluded.customer_id),
        plate = coalesce(nullif(excluded.plate, ''), c.plate),
        complained_date = excluded.complained_date,
        category = coalesce(nullif(excluded.category, ''), c.category),
        text = excluded.text,
        status = CASE c.status WHEN 'closed' THEN 'closed' ELSE excluded.status END
    WHERE (c.car_id, c.customer_id, c.plate, c.complained_date, c.category, c.text, c.status) IS DISTINCT FROM (
        coalesce(excluded.car_id, c.car_id), coalesce(c.customer_id, excluded.customer_id),
        coalesce(nullif(excluded.plate, ''), c.plate), excluded.complained_date,
        coalesce(nullif(excluded.category, ''), c.category), excluded.text,
        CASE c.status WHEN 'closed' THEN 'closed' ELSE excluded.status END)
    RETURNING c.id, c.number, c.status, c.xmax = 0 AS added
), noted AS (
    INSERT INTO kernel_statuschange
        (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
    SELECT %(dealer_id)s::bigint, 'complaints_complaint', m.id, b.status, m.status, '', %(actor_id)s::bigint, %(actor_name)s::text, %(now)s::timestamptz
    FROM merged m JOIN before b USING (id)
    WHERE b.status <> m.status
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (number)
WHERE s.id = t.staged_id
