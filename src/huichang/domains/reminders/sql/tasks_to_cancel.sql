-- Open tasks of cases that have ended, or whose reasons all have a promised visit or may not be called about.
-- Takes kinds as JSON (kind, purpose), dealer_ids (null: all). Gives the cases' ids.
WITH purpose AS (
    SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS p (kind text, purpose text)
)
SELECT k.id
FROM worklist_calltask AS t
JOIN reminders_case AS k ON k.id = t.source_id
WHERE t.source = 'reminders.case' AND t.status = 'open'
    AND (%(dealer_ids)s::bigint[] IS NULL OR t.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (k.status IN ('returned', 'closed') OR NOT EXISTS (
        SELECT FROM reminders_due AS d
        JOIN purpose AS p USING (kind)
        WHERE d.case_id = k.id AND d.status = 'open' AND d.booking_id IS NULL AND NOT EXISTS (
            SELECT FROM contacts_optout AS o
            WHERE o.dealer_id = d.dealer_id AND o.customer_id = d.customer_id AND o.lifted_at IS NULL
                AND o.channel IN ('all', 'phone') AND o.purpose IN ('all', p.kind, p.purpose)
                AND coalesce(o.car_id, d.car_id) = d.car_id
        )
    ))
