-- Cars that did not come for so long that they count as lost (SYS-19).
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive), stores (dealer_id,
-- lapsed_months).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'since:' || f.lapse_base_date AS key, day.due_date,
    jsonb_build_object('since', f.lapse_base_date, 'last_visit', f.last_visit_date, 'months', p.lapsed_months) AS why
FROM reminders_carforecast AS f
JOIN jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, lapsed_months int) ON p.dealer_id = f.dealer_id
CROSS JOIN LATERAL (
    SELECT (f.lapse_base_date + make_interval(months => p.lapsed_months))::date AS due_date
) AS day
WHERE f.is_active
    AND day.due_date >= %(since)s::date AND day.due_date < %(until)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
