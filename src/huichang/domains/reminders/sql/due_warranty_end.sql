-- Cars whose warranty ends, by its date or its mileage, whichever is first (REM-10).
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive).
SELECT
    f.dealer_id, f.car_id, f.customer_id, 'warranty' AS key, f.warranty_due_date AS due_date,
    jsonb_build_object(
        'basis', f.basis, 'by', f.warranty_by, 'readings', f.readings, 'ends', f.warranty_end_date,
        'due_km', f.warranty_km, 'km_per_day', f.km_per_day, 'base_date', f.base_date, 'base_km', f.base_km
    ) AS why
FROM reminders_carforecast AS f
WHERE f.is_active
    AND f.warranty_due_date >= %(since)s::date AND f.warranty_due_date < %(until)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
