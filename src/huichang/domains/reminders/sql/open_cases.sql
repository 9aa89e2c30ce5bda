-- Give every reason somebody calls about its case: the customer's open one, else a new one (PEERS 10.10).
-- Takes as_of, now, dealer_ids (null: all). Gives the number of cases opened.
WITH loose AS (
    SELECT id, dealer_id, customer_id, car_id, due_date, message_date, call_date, second_call_date, last_safe_day
    FROM reminders_due
    WHERE status = 'open' AND case_id IS NULL AND customer_id IS NOT NULL AND call_date IS NOT NULL
        AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
), standing AS (
    SELECT k.id, k.dealer_id, k.customer_id
    FROM reminders_case AS k
    WHERE k.status IN ('open', 'booked') AND EXISTS (
        SELECT FROM loose AS l WHERE l.dealer_id = k.dealer_id AND l.customer_id = k.customer_id)
), occasion AS (
    SELECT l.dealer_id, l.customer_id, (array_agg(l.car_id ORDER BY l.due_date, l.id))[1] AS car_id,
        min(l.due_date) AS due_date, min(l.message_date) AS message_date, min(l.call_date) AS call_date,
        min(l.second_call_date) AS second_call_date, min(l.last_safe_day) AS last_safe_day
    FROM loose AS l LEFT JOIN standing AS s USING (dealer_id, customer_id)
    WHERE s.id IS NULL
    GROUP BY l.dealer_id, l.customer_id
), numbered AS (
    SELECT o.*, row_number() OVER (PARTITION BY dealer_id ORDER BY last_safe_day, customer_id) + coalesce(t.given, 0) AS place
    FROM occasion AS o
    LEFT JOIN (
        SELECT dealer_id, count(*) AS given FROM reminders_case
        WHERE opened_on = %(as_of)s
            AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
        GROUP BY dealer_id
    ) AS t USING (dealer_id)
), made AS (
    INSERT INTO reminders_case (dealer_id, number, customer_id, car_id, status, close_cause, due_date, last_safe_day,
        call_date, message_date, second_call_date, step, opened_on)
    SELECT dealer_id, 'R' || to_char(%(as_of)s::date, 'YYMMDD') || '-' || lpad(place::text, 4, '0'), customer_id, car_id,
        'open', '', due_date, last_safe_day, call_date, message_date, second_call_date, '', %(as_of)s
    FROM numbered
    RETURNING id, dealer_id, customer_id
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_case', id, '', 'open', '',
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM made
), attached AS (
    UPDATE reminders_due AS d SET case_id = k.id
    FROM loose AS l
    JOIN (SELECT id, dealer_id, customer_id FROM made UNION ALL SELECT id, dealer_id, customer_id FROM standing) AS k
        USING (dealer_id, customer_id)
    WHERE d.id = l.id
)
SELECT count(*) AS new FROM made
