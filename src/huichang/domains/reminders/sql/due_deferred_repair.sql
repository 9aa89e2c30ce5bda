-- Work that was advised and not done (REM-05), some months after it was found.
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive), stores (dealer_id,
-- repair_months, repair_declined: whether what a customer declined is asked again).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'finding:' || w.id AS key, day.due_date,
    jsonb_build_object('finding', w.id, 'text', w.text, 'found', w.found_date, 'status', w.status) AS why
FROM reminders_carforecast AS f
JOIN workshop_finding AS w ON w.car_id = f.car_id
JOIN jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, repair_months int, repair_declined boolean)
    ON p.dealer_id = f.dealer_id
CROSS JOIN LATERAL (SELECT (w.found_date + make_interval(months => p.repair_months))::date AS due_date) AS day
WHERE f.is_active
    AND (w.status IN ('untold', 'postponed') OR w.status = 'declined' AND p.repair_declined)
    AND day.due_date >= %(since)s::date AND day.due_date < %(until)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
