-- The stores where find_changes.sql would find something for a kind: each side's rows as one sum of hashes a store. A
-- tenth of the price of comparing row by row when nothing is new (bench/due_list.py); equal sums of different rows are
-- as likely as two equal 64-bit hashes. The kind's own SELECT stands for the marked lines (engine.py).
-- Takes kind, is_many, as_of, dealer_ids, car_ids, steps (JSON: dealer_id, passed, horizon).
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, customer_id, key, due_date, why FROM reminders_due WHERE kind = %(kind)s AND false
    -- until here
), wanted AS (
    SELECT w.dealer_id, count(*) AS number, sum(hashint8extended(w.car_id, (w.due_date - date '2000-01-01')
        + 100003 * coalesce(w.customer_id, 0) + CASE WHEN %(is_many)s THEN hashtextextended(w.key, 0) / 4 ELSE 0 END)) AS mark
    FROM source AS w
    JOIN jsonb_to_recordset(%(steps)s::jsonb) AS p (dealer_id bigint, passed int, horizon int) USING (dealer_id)
    WHERE w.due_date >= %(as_of)s::date - p.passed AND w.due_date < %(as_of)s::date + p.horizon
    GROUP BY w.dealer_id
), held AS (
    SELECT h.dealer_id, count(*) AS number, sum(hashint8extended(h.car_id, (h.due_date - date '2000-01-01')
        + 100003 * coalesce(h.customer_id, 0) + CASE WHEN %(is_many)s THEN hashtextextended(h.key, 0) / 4 ELSE 0 END)) AS mark
    FROM reminders_due AS h
    WHERE h.kind = %(kind)s AND h.status = 'open'
        AND (%(dealer_ids)s::bigint[] IS NULL OR h.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    GROUP BY h.dealer_id
)
SELECT array_agg(coalesce(w.dealer_id, h.dealer_id)) AS dealers
FROM wanted AS w FULL JOIN held AS h ON h.dealer_id = w.dealer_id
WHERE w.number IS DISTINCT FROM h.number OR w.mark IS DISTINCT FROM h.mark
