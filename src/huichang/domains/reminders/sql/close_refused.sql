-- Close the reasons whose customer refused to be contacted about them in any way.
-- Takes kinds as JSON (kind, purpose), as_of, now, dealer_ids. Gives the number closed per kind.
WITH purpose AS (
    SELECT * FROM jsonb_to_recordset(%(kinds)s::jsonb) AS p (kind text, purpose text)
), closed AS (
    UPDATE reminders_due AS d
    SET status = 'closed', close_cause = 'opted_out', closed_on = %(as_of)s
    FROM purpose AS p, contacts_optout AS o
    WHERE d.status = 'open' AND p.kind = d.kind
        AND o.dealer_id = d.dealer_id AND o.customer_id = d.customer_id AND o.lifted_at IS NULL
        AND o.channel = 'all' AND o.purpose IN ('all', p.kind, p.purpose) AND coalesce(o.car_id, d.car_id) = d.car_id
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    RETURNING d.id, d.dealer_id, d.kind
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_due', id, 'open', 'closed', 'opted_out',
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM closed
)
SELECT kind, count(*) AS closed FROM closed GROUP BY kind
