-- How many reasons are open per kind. Takes dealer_ids (null: all).
SELECT kind, count(*) AS open
FROM reminders_due
WHERE status = 'open' AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
GROUP BY kind
