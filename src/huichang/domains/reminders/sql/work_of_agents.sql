-- Outgoing calls of a period by the person who made them. Takes first, last (exclusive), dealer_ids (null: all).
SELECT c.agent_id AS user_id, coalesce(max(u.name), '') AS name, count(*) AS calls,
    count(*) FILTER (WHERE o.is_contact) AS contacts, count(*) FILTER (WHERE o.next_step = 'book') AS bookings,
    count(*) FILTER (WHERE o.is_refusal) AS refusals
FROM contacts_call AS c
LEFT JOIN contacts_outcomecode AS o ON o.id = c.outcome_id
LEFT JOIN accounts_user AS u ON u.id = c.agent_id
WHERE c.direction = 'out'
    AND c.started_at >= %(first)s::date AT TIME ZONE 'Asia/Shanghai'
    AND c.started_at < %(last)s::date AT TIME ZONE 'Asia/Shanghai'
    AND (%(dealer_ids)s::bigint[] IS NULL OR c.dealer_id = ANY (%(dealer_ids)s::bigint[]))
GROUP BY c.agent_id
ORDER BY calls DESC, user_id
