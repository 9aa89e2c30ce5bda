-- Labour operations by code. Takes run_id, dealer_id.
WITH told AS (
    SELECT s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        code text, name text, standard_hours numeric, skill text, hourly_rate numeric)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'labour' AND s.outcome = ''
), merged AS (
    INSERT INTO catalog_labouroperation AS c (dealer_id, code, name, standard_hours, skill, hourly_rate, is_active)
    SELECT %(dealer_id)s::bigint, code, name, standard_hours, skill, coalesce(hourly_rate, 0), true
    FROM told ORDER BY staged_id
    ON CONFLICT (dealer_id, code) DO UPDATE SET
        name = excluded.name, standard_hours = excluded.standard_hours, skill = excluded.skill,
        hourly_rate = excluded.hourly_rate
    WHERE (c.name, c.standard_hours, c.skill, c.hourly_rate)
        IS DISTINCT FROM (excluded.name, excluded.standard_hours, excluded.skill, excluded.hourly_rate)
    RETURNING c.code, c.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (code)
WHERE s.id = t.staged_id
