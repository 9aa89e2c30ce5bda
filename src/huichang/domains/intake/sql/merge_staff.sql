-- People who work on or around cars, by name and duty. Two posts of one duty are one person: the last row counts.
-- Takes run_id, dealer_id.
WITH told AS (
    SELECT s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        name text, duty text, post_title text, team text, skills text[])
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'staff' AND s.outcome = ''
), merged AS (
    INSERT INTO catalog_staffmember AS c (dealer_id, name, duty, post_title, team, skills, is_active)
    SELECT DISTINCT ON (name, duty)
           %(dealer_id)s::bigint, name, duty, post_title, coalesce(team, ''), coalesce(skills, '{}'), true
    FROM told ORDER BY name, duty, staged_id DESC
    ON CONFLICT (dealer_id, name, duty) DO UPDATE SET
        post_title = excluded.post_title,
        team = coalesce(nullif(excluded.team, ''), c.team),
        skills = CASE WHEN excluded.skills = '{}' THEN c.skills ELSE excluded.skills END
    WHERE (c.post_title, c.team, c.skills) IS DISTINCT FROM (
        excluded.post_title, coalesce(nullif(excluded.team, ''), c.team),
        CASE WHEN excluded.skills = '{}' THEN c.skills ELSE excluded.skills END)
    RETURNING c.name, c.duty, c.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (name, duty)
WHERE s.id = t.staged_id
