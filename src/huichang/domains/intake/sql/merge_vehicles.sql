-- The car itself, from the row of its last owner; what a row leaves blank stays as it is. Takes run_id.
WITH latest AS (
    SELECT DISTINCT ON (s.key) s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        vin text, make text, series text, model text, color text, engine_number text, sale_date date,
        registration_date date, warranty_start date, warranty_end date)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = ''
    ORDER BY s.key, s.generation DESC
), merged AS (
    INSERT INTO vehicles_vehicle AS v (
        vin, make, series, model_name, color, engine_number, sale_date, registration_date,
        warranty_start_date, warranty_end_date)
    SELECT vin, coalesce(make, ''), coalesce(series, ''), coalesce(model, ''), coalesce(color, ''),
           coalesce(engine_number, ''), sale_date, registration_date, warranty_start, warranty_end
    FROM latest
    ORDER BY vin
    ON CONFLICT (vin) DO UPDATE SET
        make = coalesce(nullif(v.make, ''), excluded.make),
        series = coalesce(nullif(excluded.series, ''), v.series),
        model_name = coalesce(nullif(excluded.model_name, ''), v.model_name),
        color = coalesce(nullif(excluded.color, ''), v.color),
        engine_number = coalesce(nullif(excluded.engine_number, ''), v.engine_number),
        sale_date = coalesce(excluded.sale_date, v.sale_date),
        registration_date = coalesce(excluded.registration_date, v.registration_date),
        warranty_start_date = coalesce(excluded.warranty_start_date, v.warranty_start_date),
        warranty_end_date = coalesce(excluded.warranty_end_date, v.warranty_end_date)
    WHERE (v.make, v.series, v.model_name, v.color, v.engine_number, v.sale_date, v.registration_date,
           v.warranty_start_date, v.warranty_end_date)
        IS DISTINCT FROM (
           coalesce(nullif(v.make, ''), excluded.make), coalesce(nullif(excluded.series, ''), v.series),
           coalesce(nullif(excluded.model_name, ''), v.model_name), coalesce(nullif(excluded.color, ''), v.color),
           coalesce(nullif(excluded.engine_number, ''), v.engine_number),
           coalesce(excluded.sale_date, v.sale_date), coalesce(excluded.registration_date, v.registration_date),
           coalesce(excluded.warranty_start_date, v.warranty_start_date),
           coalesce(excluded.warranty_end_date, v.warranty_end_date))
    RETURNING v.vin
)
UPDATE intake_stagedrow s SET is_changed = true
FROM latest l JOIN merged m ON m.vin = l.vin
WHERE s.id = l.staged_id
