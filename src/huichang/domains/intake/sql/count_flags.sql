-- Orders of the run by what is flagged on them, and lines that their orders lost. Takes run_id, dealer_id.
SELECT s.sheet, f.flag, count(*) AS rows
FROM intake_stagedrow s
JOIN workshop_serviceorder o ON o.dealer_id = %(dealer_id)s::bigint AND o.number = s.key
CROSS JOIN unnest(o.flags) AS f(flag)
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome IN ('created', 'updated', 'unchanged')
GROUP BY s.sheet, f.flag
UNION ALL
SELECT sheet, 'lines_gone', sum((params ->> 'lines_gone')::bigint)::bigint
FROM intake_stagedrow
WHERE run_id = %(run_id)s::bigint AND kind = 'order_lines' AND outcome <> 'refused' AND params ? 'lines_gone'
GROUP BY sheet
ORDER BY sheet, flag
