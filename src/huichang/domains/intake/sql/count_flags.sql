-- Orders of the run by what is flagged on them. Takes run_id, dealer_id.
SELECT s.sheet, f.flag, count(*) AS rows
FROM intake_stagedrow s
JOIN workshop_serviceorder o ON o.dealer_id = %(dealer_id)s::bigint AND o.number = s.key
CROSS JOIN unnest(o.flags) AS f(flag)
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome IN ('created', 'updated', 'unchanged')
GROUP BY s.sheet, f.flag
ORDER BY s.sheet, f.flag
