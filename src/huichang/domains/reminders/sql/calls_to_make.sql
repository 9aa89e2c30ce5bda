-- The cases whose call is due and has no open task: a reason not yet talked about, or a second call (CAL-07…09);
-- and the open tasks whose last safe day moved. Takes kinds as JSON (kind, purpose), as_of, dealer_ids (null: all).
-- `task_status` says what the case has: nothing (null), an open or a done task.
WITH purpose AS (
    SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS p (kind text, purpose text)
), reason AS (
    SELECT d.case_id, bool_or(d.calls = 0 AND d.call_date <= %(as_of)s::date) AS is_first,
        bool_or(d.calls = 1 AND d.second_call_date <= %(as_of)s::date) AS is_second
    FROM reminders_due AS d
    JOIN purpose AS p USING (kind)
    WHERE d.status = 'open' AND d.case_id IS NOT NULL
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND NOT EXISTS (
            SELECT FROM contacts_optout AS o
            WHERE o.dealer_id = d.dealer_id AND o.customer_id = d.customer_id AND o.lifted_at IS NULL
                AND o.channel IN ('all', 'phone') AND o.purpose IN ('all', p.kind, p.purpose)
                AND coalesce(o.car_id, d.car_id) = d.car_id
        )
    GROUP BY d.case_id
)
SELECT k.id, k.dealer_id, k.customer_id, k.car_id, k.last_safe_day, t.id AS task_id, t.status AS task_status,
    CASE WHEN r.is_first THEN 'first_call' ELSE 'second_call' END AS step
FROM reminders_case AS k
JOIN reason AS r ON r.case_id = k.id
LEFT JOIN worklist_calltask AS t
    ON (t.dealer_id, t.source, t.source_id) = (k.dealer_id, 'reminders.case', k.id)
WHERE k.status = 'open' AND (
    (r.is_first OR r.is_second) AND (t.id IS NULL OR t.status = 'done')
    OR t.status = 'open' AND (t.last_safe_day, t.car_id) IS DISTINCT FROM (k.last_safe_day, k.car_id)
)
ORDER BY k.last_safe_day, k.id
