-- Service schedules by series. Takes run_id, dealer_id.
WITH told AS (
    SELECT s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        series text, first_months smallint, first_km integer, interval_months smallint, interval_km integer,
        warranty_months smallint, warranty_km integer)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'schedules' AND s.outcome = ''
), merged AS (
    INSERT INTO catalog_serviceschedule AS c (
        dealer_id, series, first_months, first_km, interval_months, interval_km, warranty_months, warranty_km)
    SELECT %(dealer_id)s::bigint, series, first_months, first_km, interval_months, interval_km, warranty_months, warranty_km
    FROM told ORDER BY staged_id
    ON CONFLICT (dealer_id, series) DO UPDATE SET
        first_months = excluded.first_months, first_km = excluded.first_km,
        interval_months = excluded.interval_months, interval_km = excluded.interval_km,
        warranty_months = excluded.warranty_months, warranty_km = excluded.warranty_km
    WHERE (c.first_months, c.first_km, c.interval_months, c.interval_km, c.warranty_months, c.warranty_km)
        IS DISTINCT FROM (excluded.first_months, excluded.first_km, excluded.interval_months, excluded.interval_km,
                          excluded.warranty_months, excluded.warranty_km)
    RETURNING c.series, c.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (series)
WHERE s.id = t.staged_id
