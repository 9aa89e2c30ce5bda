-- How many owners the most traded car of a run has had, by its rows. Takes run_id.
SELECT coalesce(max(generation), 0) AS generations
FROM intake_stagedrow
WHERE run_id = %(run_id)s::bigint AND kind = 'customers' AND outcome = ''
