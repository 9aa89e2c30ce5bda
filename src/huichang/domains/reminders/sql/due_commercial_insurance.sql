-- Cars whose commercial insurance runs out. The date on file is the first day without cover.
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'end:' || c.commercial_insurance_end_date AS key,
    c.commercial_insurance_end_date AS due_date, jsonb_build_object('insurer', c.insurer) AS why
FROM reminders_carforecast AS f
JOIN customers_car AS c ON c.id = f.car_id
WHERE f.is_active
    AND c.commercial_insurance_end_date >= %(since)s::date AND c.commercial_insurance_end_date < %(until)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
