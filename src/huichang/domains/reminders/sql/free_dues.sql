-- Let go of reasons whose visit no longer stands for them, so that they are called about anew: given back or not kept,
-- at once; kept without settling them, after the store's days. Takes as_of, steps as JSON (dealer_id, reopen_days),
-- dealer_ids (null: all).
UPDATE reminders_due AS d
SET booking_id = NULL, calls = 0, outcome_code = ''
FROM appointments_booking AS b, jsonb_to_recordset(%(steps)s::jsonb) AS p (dealer_id bigint, reopen_days int)
WHERE b.id = d.booking_id AND d.status = 'open' AND p.dealer_id = d.dealer_id
    AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (b.status IN ('cancelled', 'no_show', 'expired') OR b.status = 'arrived'
        AND (b.starts_at AT TIME ZONE 'Asia/Shanghai')::date + p.reopen_days <= %(as_of)s::date)
