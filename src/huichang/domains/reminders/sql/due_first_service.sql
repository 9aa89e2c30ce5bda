-- Cars due for their first service.
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'first' AS key, f.service_due_date AS due_date,
    jsonb_build_object(
        'basis', f.basis, 'by', f.service_by, 'readings', f.readings, 'since', f.service_base_date,
        'since_km', f.service_base_km, 'due_km', f.service_due_km, 'by_time', f.service_time_date,
        'km_per_day', f.km_per_day, 'low', f.service_due_low, 'high', f.service_due_high,
        'base_date', f.base_date, 'base_km', f.base_km
    ) AS why
FROM reminders_carforecast AS f
WHERE f.is_active
    AND f.service_kind = 'first_service'
    AND f.service_due_date >= %(since)s::date AND f.service_due_date < %(until)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
