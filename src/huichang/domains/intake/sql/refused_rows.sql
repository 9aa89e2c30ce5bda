-- Rows that the merging statements refused. Takes run_id.
SELECT sheet, kind, "row", code, params
FROM intake_stagedrow
WHERE run_id = %(run_id)s::bigint AND outcome = 'refused' AND code <> ''
ORDER BY sheet, "row"
