-- Open again what was closed by a refusal that the customer has lifted, while it has not passed.
-- Takes kinds as JSON (kind, purpose, passed), as_of, now, dealer_ids. Gives the number opened.
WITH purpose AS (
    SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS p (kind text, purpose text, passed int)
), opened AS (
    UPDATE reminders_due AS d
    SET status = 'open', close_cause = '', closed_on = NULL, case_id = NULL
    FROM purpose AS p, reminders_carforecast AS f
    WHERE d.status = 'closed' AND d.close_cause = 'opted_out' AND p.kind = d.kind AND f.car_id = d.car_id
        AND d.due_date >= %(as_of)s::date - p.passed AND f.customer_id = d.customer_id
        AND coalesce(f.last_visit_date < d.created_on, true)
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND NOT EXISTS (
            SELECT FROM contacts_optout AS o
            WHERE o.dealer_id = d.dealer_id AND o.customer_id = d.customer_id AND o.lifted_at IS NULL
                AND o.channel = 'all' AND o.purpose IN ('all', p.kind, p.purpose)
                AND coalesce(o.car_id, d.car_id) = d.car_id
        )
    RETURNING d.id, d.dealer_id
)
INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
SELECT dealer_id, 'reminders_due', id, 'closed', 'open', 'opt-out lifted',
    coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
FROM opened
