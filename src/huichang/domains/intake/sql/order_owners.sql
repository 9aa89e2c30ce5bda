-- The rows of one car in the order of its owners: by day of transfer, then who is called the new owner, then row.
-- Takes run_id.
UPDATE intake_stagedrow s
SET generation = g.nth
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY key
        ORDER BY data ->> 'transfer_date' NULLS FIRST, (data ->> 'newcomer')::boolean, sheet, "row"
    ) AS nth
    FROM intake_stagedrow
    WHERE run_id = %(run_id)s::bigint AND kind = 'customers' AND outcome = ''
) g
WHERE s.id = g.id AND g.nth > 1
