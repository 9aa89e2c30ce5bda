-- Write messages once per key: waiting, or suppressed with the first cause that holds.
-- Takes wanted (JSON rows), caps (JSON: dealer_id, cap, days), chains (JSON: purpose, priority, counts), planned_for, now.
-- The channel is a plan by what addresses are known; it is chosen when the message goes. Gives the numbers by status.
WITH wanted AS (
    SELECT w.*, p.cap, q.priority, q.counts, %(now)s::timestamptz - make_interval(days => p.days) AS since
    FROM jsonb_to_recordset(%(wanted)s::jsonb) AS w (dealer_id bigint, customer_id bigint, car_id bigint,
        purpose text, purposes text[], key text, body text, "values" jsonb, has_complaint boolean)
    JOIN jsonb_to_recordset(%(caps)s::jsonb) AS p (dealer_id bigint, cap int, days int) USING (dealer_id)
    JOIN jsonb_to_recordset(%(chains)s::jsonb) AS q (purpose text, priority int, counts boolean) USING (purpose)
), reached AS (
    SELECT w.*, c.channel, EXISTS (
            SELECT FROM contacts_optout AS o
            WHERE o.dealer_id = w.dealer_id AND o.customer_id = w.customer_id AND o.lifted_at IS NULL
                AND o.channel IN ('all', c.channel) AND o.purpose = ANY (w.purposes)
                AND (o.car_id IS NULL OR o.car_id = w.car_id)
        ) AS is_refused, c.place
    FROM wanted AS w
    JOIN customers_customer AS u ON u.id = w.customer_id
    CROSS JOIN LATERAL (
        SELECT 'wechat', 1 WHERE EXISTS (
            SELECT FROM contacts_channeladdress AS h
            WHERE h.dealer_id = w.dealer_id AND h.customer_id = w.customer_id AND h.channel = 'wechat'
                AND h.invalid_since IS NULL
        )
        UNION ALL SELECT 'sms', 2 WHERE EXISTS (
            SELECT FROM customers_customerphone AS t
            WHERE t.customer_id = w.customer_id AND t.kind = 'mobile' AND NOT t.is_wrong
        )
        UNION ALL SELECT 'email', 3 WHERE u.email <> ''
        UNION ALL SELECT '', 4
    ) AS c (channel, place)
), addressed AS (  -- the first channel that reaches and is not refused; else the first that reaches
    SELECT DISTINCT ON (dealer_id, key) *
    FROM reached
    ORDER BY dealer_id, key, channel = '', is_refused, place
), judged AS (
    SELECT a.*, CASE
        WHEN a.has_complaint THEN 'complaint'
        WHEN a.is_refused THEN 'opt_out'
        WHEN a.channel = '' THEN 'no_address'
        WHEN a.counts AND a.cap <= (
            SELECT count(*) FROM contacts_call AS c JOIN contacts_outcomecode AS r ON r.id = c.outcome_id
            WHERE c.dealer_id = a.dealer_id AND c.customer_id = a.customer_id AND c.direction = 'out'
                AND c.started_at >= a.since AND r.is_contact
        ) + (
            SELECT count(*) FROM contacts_message AS m
            WHERE m.dealer_id = a.dealer_id AND m.customer_id = a.customer_id AND m.counts AND m.created_at >= a.since
                AND (m.status IN ('sending', 'sent', 'delivered', 'read')
                    OR m.status = 'waiting' AND m.priority <= a.priority)
        ) THEN 'pressure'
        ELSE '' END AS cause
    FROM addressed AS a
), written AS (
    INSERT INTO contacts_message
        (dealer_id, customer_id, car_id, purpose, channel, status, cause, body, key, planned_for, created_at, template_name,
        language, "values", secret, subject, segments, priority, counts, address, address_index, address_hint, client_id,
        provider_id, provider_code, provider_text, attempts, register_number)
    SELECT dealer_id, customer_id, car_id, purpose, coalesce(nullif(channel, ''), 'sms'),
        CASE cause WHEN '' THEN 'waiting' ELSE 'suppressed' END,
        cause, body, key, %(planned_for)s, %(now)s, 'reminder.' || purpose, coalesce((
            SELECT nullif(p.language, '') FROM contacts_contactpreference AS p WHERE p.customer_id = judged.customer_id
        ), 'zh-hans'), coalesce("values", '{}'), '', '', 1,
        priority, counts, '', '', '', replace(gen_random_uuid()::text, '-', ''), '', '', '', 0, ''
    FROM judged
    ON CONFLICT (dealer_id, key) DO NOTHING
    RETURNING status
)
SELECT status, count(*) AS number FROM written GROUP BY status
