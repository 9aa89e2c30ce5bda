-- The lead time of the slowest part that a first service and a later service usually take (SYS-08), per store:
-- parts that at least `part_share` of the last two years' orders of that business used; a part's own receipts know better
-- than its catalogue.
-- Takes dealer_ids (null: all), as_of, stores (dealer_id, service_words, part_share). Null where history is silent.
WITH visit AS (
    SELECT o.id, o.dealer_id, CASE WHEN row_number() OVER (PARTITION BY o.car_id ORDER BY o.arrived_at) = 1
        THEN 'first' ELSE 'later' END AS business, o.arrived_at
    FROM workshop_serviceorder AS o
    JOIN jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, service_words text) USING (dealer_id)
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR o.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND o.business_type ~* p.service_words
), counted AS (
    SELECT dealer_id, business, count(*) AS orders
    FROM visit WHERE arrived_at >= %(as_of)s::date - 730 GROUP BY dealer_id, business
), used AS (
    SELECT v.dealer_id, v.business, coalesce(part.learned_high_days, part.lead_days) AS lead_days,
        count(DISTINCT v.id) AS orders
    FROM visit AS v
    JOIN workshop_orderline AS l ON l.order_id = v.id AND l.kind = 'part'
    JOIN parts_part AS part ON part.dealer_id = v.dealer_id AND part.code = l.code
    WHERE v.arrived_at >= %(as_of)s::date - 730
    GROUP BY v.dealer_id, v.business, part.id
), slowest AS (
    SELECT u.dealer_id, max(u.lead_days) FILTER (WHERE u.business = 'first') AS first_lead,
        max(u.lead_days) FILTER (WHERE u.business = 'later') AS later_lead
    FROM used AS u
    JOIN counted AS c USING (dealer_id, business)
    JOIN jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, part_share numeric) USING (dealer_id)
    WHERE u.orders >= p.part_share * c.orders
    GROUP BY u.dealer_id
)
UPDATE reminders_storeprofile AS s
SET first_service_lead_days = first_lead, service_lead_days = later_lead
FROM slowest
WHERE s.dealer_id = slowest.dealer_id
    AND (s.first_service_lead_days, s.service_lead_days) IS DISTINCT FROM (first_lead, later_lead)
