-- Bays by name. Takes run_id, dealer_id.
WITH told AS (
    SELECT s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(name text, skill text, opens_at time, closes_at time)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'bays' AND s.outcome = ''
), merged AS (
    INSERT INTO catalog_bay AS c (dealer_id, name, skill, also_skills, opens_at, closes_at, is_active)
    SELECT %(dealer_id)s::bigint, name, skill, '{}', opens_at, closes_at, true FROM told ORDER BY staged_id
    ON CONFLICT (dealer_id, name) DO UPDATE SET
        skill = excluded.skill, opens_at = excluded.opens_at, closes_at = excluded.closes_at
    WHERE (c.skill, c.opens_at, c.closes_at) IS DISTINCT FROM (excluded.skill, excluded.opens_at, excluded.closes_at)
    RETURNING c.name, c.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (name)
WHERE s.id = t.staged_id
