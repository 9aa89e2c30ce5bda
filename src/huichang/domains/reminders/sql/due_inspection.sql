-- Cars whose annual inspection is due, by the date on file or counted from the registration.
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'due:' || f.inspection_due_date AS key, f.inspection_due_date AS due_date,
    jsonb_build_object('by', f.inspection_by) AS why
FROM reminders_carforecast AS f
WHERE f.is_active
    AND f.inspection_due_date >= %(since)s::date AND f.inspection_due_date < %(until)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
