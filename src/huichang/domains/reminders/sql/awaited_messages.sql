-- The reasons whose first call waits for what becomes of their message (REM-15): it is on its way, not for longer than the
-- store waits, and the last safe day is still to come. A store without channels waits for nothing.
-- Takes stores as JSON (dealer_id, await_days), unreported (channels that only say that they took it), as_of,
-- dealer_ids (null: all). Gives due_id.
WITH RECURSIVE link AS (
    SELECT d.id AS due_id, m.id, m.status, m.channel
    FROM reminders_due AS d
    JOIN jsonb_to_recordset(%(stores)s::jsonb) AS s (dealer_id bigint, await_days int) USING (dealer_id)
    JOIN contacts_message AS m ON m.dealer_id = d.dealer_id
        AND m.key = 'case:' || d.case_id || ':' || to_char(d.messaged_on, 'YYMMDD')
    WHERE d.status = 'open' AND d.calls = 0 AND d.call_date <= %(as_of)s::date AND d.last_safe_day > %(as_of)s::date
        AND d.messaged_on > %(as_of)s::date - s.await_days
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND EXISTS (SELECT FROM contacts_channelaccount AS a WHERE a.dealer_id = d.dealer_id AND a.is_active)
    UNION ALL
    SELECT l.due_id, f.id, f.status, f.channel
    FROM link AS l JOIN contacts_message AS f ON f.fallback_of_id = l.id
)
SELECT due_id
FROM link
GROUP BY due_id
HAVING bool_or(status IN ('waiting', 'sending') OR status = 'sent' AND channel <> ALL (%(unreported)s::text[]))
    AND NOT bool_or(status IN ('delivered', 'read'))
