-- Policies that end in a period and those of them renewed here, by kind (INS-04). A policy counts whether or not anybody was
-- reminded of it; cars that left the base before do not.
-- Takes kinds, first, last (exclusive), dealer_ids (null: all). Gives kind, due, renewed, premium.
WITH policy AS (
    SELECT dealer_id, car_id, kind, due_date AS ends FROM reminders_due
    WHERE kind = ANY (%(kinds)s::text[]) AND due_date >= %(first)s::date AND due_date < %(last)s::date
        AND close_cause NOT IN ('sold_on', 'scrapped', 'moved_away', 'new_owner', 'merged', 'not_due')
    UNION
    SELECT dealer_id, car_id, kind, expired_date FROM reminders_renewal
    WHERE kind = ANY (%(kinds)s::text[]) AND expired_date >= %(first)s::date AND expired_date < %(last)s::date
), found AS (
    SELECT p.kind, count(DISTINCT p.car_id) AS due, count(DISTINCT r.car_id) AS renewed, coalesce(sum(r.premium_amount), 0) AS premium
    FROM policy AS p
    LEFT JOIN reminders_renewal AS r
        ON (r.dealer_id, r.car_id, r.kind, r.expired_date) = (p.dealer_id, p.car_id, p.kind, p.ends)
    WHERE %(dealer_ids)s::bigint[] IS NULL OR p.dealer_id = ANY (%(dealer_ids)s::bigint[])
    GROUP BY p.kind
)
SELECT k.kind, coalesce(f.due, 0) AS due, coalesce(f.renewed, 0) AS renewed, coalesce(f.premium, 0) AS premium
FROM unnest(%(kinds)s::text[]) WITH ORDINALITY AS k (kind, place)
LEFT JOIN found AS f USING (kind)
ORDER BY k.place
