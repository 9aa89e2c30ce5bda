-- The cases whose call is due and has no open task: a reason not yet talked about, or a second call (CAL-07…09); the
-- open tasks whose case changed; and those of customers who are here today, who wait for the next working day.
-- Reasons with a promised visit need no call. While one is promised, the others are called about after it, or on
-- their last safe day before it; never on the day of the visit, nor on a day on which the customer was spoken with.
-- Takes kinds as JSON (kind, purpose), awaited (ids of reasons whose message is on its way), as_of, dealer_ids (null: all). `ready_on` null: the task's own day stands.
WITH purpose AS (
    SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS p (kind text, purpose text)
), promised AS (
    SELECT dealer_id, customer_id, car_id, (starts_at AT TIME ZONE 'Asia/Shanghai')::date AS day, status = 'arrived' AS is_here
    FROM appointments_booking
    WHERE status IN ('tentative', 'prepared', 'confirmed', 'arrived')
        AND starts_at >= %(as_of)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
), visit AS (
    SELECT case_id, min(day) FILTER (WHERE NOT is_here) AS day, bool_or(day = %(as_of)s::date) AS is_today
    FROM (
        SELECT k.id AS case_id, b.day, b.is_here FROM promised AS b
        JOIN reminders_case AS k ON (k.dealer_id, k.customer_id) = (b.dealer_id, b.customer_id)
        WHERE k.status IN ('open', 'booked')
        UNION ALL
        SELECT d.case_id, b.day, b.is_here FROM promised AS b
        JOIN reminders_due AS d ON (d.dealer_id, d.car_id) = (b.dealer_id, b.car_id)
        WHERE d.status = 'open' AND d.case_id IS NOT NULL
    ) AS found
    GROUP BY case_id
), reason AS (
    SELECT d.case_id, bool_or(d.calls = 0) AS is_first
    FROM reminders_due AS d
    JOIN purpose AS p USING (kind)
    JOIN reminders_storeprofile AS s USING (dealer_id)
    LEFT JOIN visit AS v USING (case_id)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN d.last_safe_day = v.day
            THEN coalesce((s.previous_open)[v.day - s.first_day], v.day - 1) ELSE d.last_safe_day END AS last_chance
    ) AS c
    WHERE d.status = 'open' AND d.case_id IS NOT NULL AND d.booking_id IS NULL AND d.id <> ALL (%(awaited)s::bigint[])
        AND CASE d.calls WHEN 0 THEN d.call_date WHEN 1 THEN d.second_call_date END <= %(as_of)s::date
        AND (v.day IS NULL OR c.last_chance <= %(as_of)s::date)
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND NOT EXISTS (
            SELECT FROM contacts_optout AS o
            WHERE o.dealer_id = d.dealer_id AND o.customer_id = d.customer_id AND o.lifted_at IS NULL
                AND o.channel IN ('all', 'phone') AND o.purpose IN ('all', p.kind, p.purpose)
                AND coalesce(o.car_id, d.car_id) = d.car_id
        )
    GROUP BY d.case_id
)
SELECT k.id, k.dealer_id, k.customer_id, k.car_id, k.last_safe_day, t.id AS task_id, t.status AS task_status, t.ready_at,
    CASE WHEN t.status = 'open' THEN t.step WHEN r.is_first THEN 'first_call' ELSE 'second_call' END AS step,
    coalesce(v.is_today, false) AS is_here, CASE WHEN t.status IS DISTINCT FROM 'open' THEN %(as_of)s::date
        WHEN v.is_today THEN (SELECT min(day) FROM unnest(s.previous_open) AS o (day) WHERE day > %(as_of)s::date) END AS ready_on
FROM reminders_case AS k
JOIN reminders_storeprofile AS s USING (dealer_id)
LEFT JOIN reason AS r ON r.case_id = k.id
LEFT JOIN visit AS v ON v.case_id = k.id
LEFT JOIN worklist_calltask AS t
    ON (t.dealer_id, t.source, t.source_id) = (k.dealer_id, 'reminders.case', k.id)
WHERE k.status IN ('open', 'booked') AND (%(dealer_ids)s::bigint[] IS NULL OR k.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND CASE WHEN t.status = 'open'
        THEN v.is_today AND t.attempts = 0 OR (t.last_safe_day, t.car_id) IS DISTINCT FROM (k.last_safe_day, k.car_id)
        ELSE r.case_id IS NOT NULL AND v.is_today IS NOT TRUE AND NOT EXISTS (
            SELECT FROM contacts_call AS c JOIN contacts_outcomecode AS o ON o.id = c.outcome_id AND o.is_contact
            WHERE c.dealer_id = k.dealer_id AND c.customer_id = k.customer_id
                AND c.started_at >= %(as_of)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
                AND c.started_at < (%(as_of)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
        ) END
ORDER BY k.last_safe_day, k.id
