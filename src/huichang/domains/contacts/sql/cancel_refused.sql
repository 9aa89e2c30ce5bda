-- Cancel waiting messages whose customer has since refused them by every channel, with the status change of each.
-- Refused by one channel they wait on: the way is chosen anew when they go.
-- Takes groups (JSON: purpose, its group: a refusal of either counts), dealer_ids (null: all), now.
WITH cancelled AS (
    UPDATE contacts_message AS m
    SET status = 'cancelled', cause = 'opt_out'
    FROM contacts_optout AS o
    WHERE m.status = 'waiting' AND o.dealer_id = m.dealer_id AND o.customer_id = m.customer_id AND o.lifted_at IS NULL
        AND (%(dealer_ids)s::bigint[] IS NULL OR m.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND o.channel = 'all' AND m.counts AND (o.car_id IS NULL OR o.car_id = m.car_id)
        AND (o.purpose IN ('all', m.purpose) OR EXISTS (
            SELECT FROM jsonb_to_recordset(%(groups)s::jsonb) AS g (purpose text, "group" text)
            WHERE g.purpose = m.purpose AND g."group" = o.purpose
        ))
    RETURNING m.id, m.dealer_id
)
INSERT INTO kernel_statuschange
    (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
SELECT dealer_id, 'contacts_message', id, 'waiting', 'cancelled', 'opt_out',
    nullif(current_setting('huichang.actor_id', true), '')::bigint,
    coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
FROM (SELECT DISTINCT id, dealer_id FROM cancelled) AS once
