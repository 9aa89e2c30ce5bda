-- The census of a month: every car of the base in exactly one bucket with its cause (REM-24).
-- The base: cars in the file at the month's end, and those that were due and left. Message-only kinds do not count.
-- Takes month, until (its end, exclusive), kinds (codes that count), dealer_ids (null: all).
-- A message stands for all the channels that took over from it.
WITH RECURSIVE link AS (
    SELECT d.id AS due_id, m.id, m.status, m.cause, 0 AS place
    FROM reminders_due AS d
    JOIN contacts_message AS m ON m.dealer_id = d.dealer_id
        AND m.key = 'case:' || d.case_id || ':' || to_char(d.messaged_on, 'YYMMDD')
    WHERE d.due_date >= %(month)s::date AND d.due_date < %(until)s::date AND d.kind = ANY (%(kinds)s::text[])
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    UNION ALL
    SELECT l.due_id, f.id, f.status, f.cause, l.place + 1
    FROM link AS l JOIN contacts_message AS f ON f.fallback_of_id = l.id
), told AS (
    SELECT due_id, bool_or(status IN ('waiting', 'sending', 'sent', 'delivered', 'read')) AS is_sent,
        (array_agg(cause ORDER BY place DESC))[1] AS cause
    FROM link GROUP BY due_id
), due AS (
    SELECT d.dealer_id, d.car_id, (array_agg(d.case_id ORDER BY d.case_id DESC NULLS LAST))[1] AS case_id,
        min(d.due_date) AS due_date, min(d.created_on) AS since, min(d.call_date) AS call_date, min(d.customer_id) AS customer_id,
        string_agg(DISTINCT d.kind, ',' ORDER BY d.kind) AS kinds, bool_or(d.calls > 0 OR d.outcome_code <> '') AS is_tracked,
        bool_or(t.is_sent) AS is_sent, max(t.cause) AS held_back,
        max(d.outcome_code) AS outcome, bool_or(d.close_cause = 'returned') AS came,
        bool_or(b.id IS NOT NULL) AS is_booked,
        (array_agg(d.close_cause ORDER BY d.closed_on DESC) FILTER (WHERE d.close_cause <> ''))[1] AS close_cause
    FROM reminders_due AS d
    LEFT JOIN appointments_booking AS b ON b.id = d.booking_id AND b.status IN ('tentative', 'prepared', 'confirmed')
    LEFT JOIN told AS t ON t.due_id = d.id
    WHERE d.due_date >= %(month)s::date AND d.due_date < %(until)s::date AND d.kind = ANY (%(kinds)s::text[])
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    GROUP BY d.dealer_id, d.car_id
), planned AS (
    SELECT p.dealer_id, p.car_id, min(p.due_date) AS due_date, bool_and(p.is_late) AS is_late,
        string_agg(DISTINCT p.kind, ',' ORDER BY p.kind) AS kinds
    FROM reminders_planneddue AS p JOIN reminders_month AS m ON m.id = p.month_id AND m.month = %(month)s::date
    WHERE p.kind = ANY (%(kinds)s::text[])
        AND (%(dealer_ids)s::bigint[] IS NULL OR p.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    GROUP BY p.dealer_id, p.car_id
), base AS (
    SELECT c.dealer_id, c.id AS car_id, c.status, d.case_id, coalesce(d.due_date, p.due_date) AS due_date,
        d.car_id IS NOT NULL OR p.car_id IS NOT NULL AS is_due, coalesce(p.is_late, false) AS is_late,
        coalesce(d.kinds, p.kinds, '') AS kinds, coalesce(d.is_tracked, false) AS is_tracked,
        coalesce(d.is_sent, false) OR coalesce(d.is_tracked, false) AS is_reminded, d.held_back, d.outcome,
        d.close_cause, d.customer_id, d.call_date, d.is_booked, d.car_id IS NULL AS has_no_due,
        (d.car_id IS NOT NULL OR p.car_id IS NOT NULL) AND (coalesce(d.came, false) OR EXISTS (
            SELECT FROM workshop_serviceorder AS o
            WHERE o.car_id = c.id AND o.arrived_at AT TIME ZONE 'Asia/Shanghai' < %(until)s::date
                AND o.arrived_at AT TIME ZONE 'Asia/Shanghai' >= coalesce(d.since, %(month)s::date))) AS is_returned,
        EXISTS (SELECT FROM customers_customerphone AS t WHERE t.customer_id = d.customer_id AND NOT t.is_wrong) AS has_phone
    FROM customers_car AS c
    LEFT JOIN due AS d ON d.car_id = c.id
    LEFT JOIN planned AS p ON p.car_id = c.id
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR c.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (c.status = 'active' OR d.car_id IS NOT NULL OR p.car_id IS NOT NULL)
), placed AS (
    SELECT *, CASE WHEN NOT is_due THEN 'not_due' WHEN is_returned THEN 'returned' WHEN NOT is_reminded THEN 'not_reminded'
        WHEN NOT is_tracked THEN 'not_tracked' ELSE 'not_returned' END AS bucket
    FROM base
)
SELECT dealer_id, car_id, case_id, is_due, is_late, is_reminded, is_tracked, is_returned, kinds, due_date, bucket,
    CASE WHEN bucket IN ('not_due', 'returned') THEN ''
        WHEN status <> 'active' THEN status
        WHEN close_cause IN ('refused', 'done_elsewhere', 'opted_out', 'new_owner', 'done', 'not_due') THEN close_cause
        WHEN has_no_due THEN 'moved_on'
        WHEN is_booked THEN 'booked'
        WHEN bucket = 'not_returned' THEN coalesce(nullif(outcome, ''), 'no_result')
        WHEN customer_id IS NULL THEN 'no_owner'
        WHEN bucket = 'not_reminded' AND held_back <> '' THEN held_back
        WHEN NOT has_phone THEN 'no_phone'
        WHEN call_date >= %(until)s::date THEN 'not_yet'
        WHEN bucket = 'not_tracked' THEN 'not_called' ELSE 'overlooked' END AS cause
FROM placed
