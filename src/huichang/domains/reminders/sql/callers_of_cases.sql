-- Who is to call about cases by the store's rule for their first reason (CAL-14, D-08): the person who spoke with the customer
-- last, the advisor of the last visit, or the advisor who sold the car. Nobody: whose turn it is.
-- Takes cases (ids), rules as JSON (dealer_id, kind, caller, services: about so many first services the seller calls),
-- people as JSON (dealer_id, user_id, name: who may make calls), stores as JSON (dealer_id, service_words).
-- Gives case_id, user_id.
WITH rule AS (
    SELECT * FROM jsonb_to_recordset(%(rules)s::jsonb) AS r (dealer_id bigint, kind text, caller text, services int)
), person AS (
    SELECT * FROM jsonb_to_recordset(%(people)s::jsonb) AS p (dealer_id bigint, user_id bigint, name text)
), named AS ( -- of two people with one name nobody is meant
    SELECT dealer_id, name, min(user_id) AS user_id FROM person GROUP BY dealer_id, name HAVING count(DISTINCT user_id) = 1
), reason AS (
    SELECT DISTINCT ON (d.case_id) d.case_id, d.dealer_id, d.car_id, k.customer_id, r.caller, r.services
    FROM reminders_due AS d
    JOIN reminders_case AS k ON k.id = d.case_id
    JOIN rule AS r ON r.dealer_id = d.dealer_id AND r.kind = d.kind
    WHERE d.case_id = ANY (%(cases)s::bigint[]) AND d.status = 'open' AND d.booking_id IS NULL
    ORDER BY d.case_id, d.due_date, d.id
), ruled AS (
    SELECT r.*, c.sales_advisor_name, CASE WHEN r.services > (
            SELECT count(DISTINCT (o.arrived_at AT TIME ZONE 'Asia/Shanghai')::date) FROM workshop_serviceorder AS o
            JOIN jsonb_to_recordset(%(stores)s::jsonb) AS s (dealer_id bigint, service_words text) USING (dealer_id)
            WHERE o.car_id = r.car_id AND o.business_type ~* s.service_words
        ) THEN 'sales_advisor' ELSE r.caller END AS who
    FROM reason AS r JOIN customers_car AS c ON c.id = r.car_id
)
SELECT r.case_id, coalesce(n.user_id, p.user_id) AS user_id
FROM ruled AS r
LEFT JOIN named AS n ON n.dealer_id = r.dealer_id AND n.name = CASE r.who
    WHEN 'sales_advisor' THEN r.sales_advisor_name
    WHEN 'service_advisor' THEN (
        SELECT o.advisor_name FROM workshop_serviceorder AS o
        WHERE o.car_id = r.car_id AND o.advisor_name <> '' ORDER BY o.arrived_at DESC, o.id DESC LIMIT 1
    ) END
LEFT JOIN LATERAL (
    SELECT l.agent_id FROM contacts_call AS l JOIN contacts_outcomecode AS u ON u.id = l.outcome_id AND u.is_contact
    WHERE r.who = 'last_agent' AND l.dealer_id = r.dealer_id AND l.customer_id = r.customer_id
    ORDER BY l.started_at DESC, l.id DESC LIMIT 1
) AS l ON true
LEFT JOIN person AS p ON p.dealer_id = r.dealer_id AND p.user_id = l.agent_id
WHERE coalesce(n.user_id, p.user_id) IS NOT NULL
