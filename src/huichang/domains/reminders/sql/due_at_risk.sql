-- Cars that stayed away since their warranty was about to end (D-12), until they count as lapsed.
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive), as_of, stores
-- (dealer_id, lapsed_months, at_risk_days).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'warranty' AS key, f.warranty_due_date - p.at_risk_days AS due_date,
    jsonb_build_object('ends', f.warranty_due_date, 'last_visit', f.last_visit_date) AS why
FROM reminders_carforecast AS f
JOIN jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, lapsed_months int, at_risk_days int)
    ON p.dealer_id = f.dealer_id
WHERE f.is_active
    AND f.warranty_due_date - p.at_risk_days >= %(since)s::date AND f.warranty_due_date - p.at_risk_days < %(until)s::date
    AND coalesce(f.last_visit_date < f.warranty_due_date - p.at_risk_days, true)
    AND f.lapse_base_date + make_interval(months => p.lapsed_months) > %(as_of)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
