-- What became of the rows of some kinds that were taken. Takes run_id, kinds.
UPDATE intake_stagedrow
SET outcome = CASE WHEN is_new THEN 'created' WHEN is_changed THEN 'updated' ELSE 'unchanged' END
WHERE run_id = %(run_id)s::bigint AND kind = ANY (%(kinds)s::text[]) AND outcome = ''
