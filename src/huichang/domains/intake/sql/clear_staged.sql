-- The rows of a run that has ended. Takes run_id.
DELETE FROM intake_stagedrow WHERE run_id = %(run_id)s::bigint
