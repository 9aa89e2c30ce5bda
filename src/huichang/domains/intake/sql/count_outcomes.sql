-- Rows of each sheet of a run by outcome. Takes run_id.
SELECT sheet, outcome, count(*) AS rows
FROM intake_stagedrow
WHERE run_id = %(run_id)s::bigint
GROUP BY sheet, outcome
ORDER BY sheet, outcome
