-- Bring the days of open cases up to date with their open reasons: those without a promised visit, or else all.
-- Writes only what differs. Takes dealer_ids (null: all).
WITH reason AS (
    SELECT d.case_id, (array_agg(d.car_id ORDER BY d.booking_id IS NOT NULL, d.due_date, d.id))[1] AS car_id,
        coalesce(min(d.due_date) FILTER (WHERE d.booking_id IS NULL), min(d.due_date)) AS due_date,
        coalesce(min(d.message_date) FILTER (WHERE d.booking_id IS NULL), min(d.message_date)) AS message_date,
        coalesce(min(d.call_date) FILTER (WHERE d.booking_id IS NULL), min(d.call_date)) AS call_date,
        coalesce(min(d.second_call_date) FILTER (WHERE d.booking_id IS NULL), min(d.second_call_date)) AS second_call_date,
        coalesce(min(d.last_safe_day) FILTER (WHERE d.booking_id IS NULL), min(d.last_safe_day)) AS last_safe_day
    FROM reminders_due AS d
    WHERE d.status = 'open' AND d.case_id IS NOT NULL
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    GROUP BY d.case_id
)
UPDATE reminders_case AS k
SET car_id = r.car_id, due_date = r.due_date, message_date = r.message_date, call_date = r.call_date,
    second_call_date = r.second_call_date, last_safe_day = r.last_safe_day
FROM reason AS r
WHERE k.id = r.case_id AND k.status IN ('open', 'booked')
    AND (k.car_id, k.due_date, k.message_date, k.call_date, k.second_call_date, k.last_safe_day)
        IS DISTINCT FROM
        (r.car_id, r.due_date, r.message_date, r.call_date, r.second_call_date, r.last_safe_day)
