-- Standing records of a store that look like one customer, the surest pairs first: the same identity number, the same
-- name and address, the same working phone. Each is paired with the oldest of its kind, so the work grows with the
-- records. People who only share a phone and are called through one another are a household, not a pair.
-- Takes dealer_id bigint, most integer.
WITH standing AS (
    SELECT id, name, address, id_number_index, coalesce(called_through_id, id) AS head_id
    FROM customers_customer
    WHERE dealer_id = %(dealer_id)s::bigint AND merged_into_id IS NULL
), told AS (
    SELECT id, 'id_number' AS sign, id_number_index AS value FROM standing WHERE id_number_index <> ''
    UNION ALL
    SELECT id, 'address', name || '|' || address FROM standing WHERE address <> ''
    UNION ALL
    SELECT s.id, 'phone', p.number
    FROM customers_customerphone p JOIN standing s ON s.id = p.customer_id
    WHERE p.dealer_id = %(dealer_id)s::bigint AND NOT p.is_wrong
), oldest AS (
    SELECT min(id) OVER (PARTITION BY sign, value) AS first_id, id AS second_id, sign FROM told
), pair AS (
    SELECT first_id, second_id, array_agg(DISTINCT sign ORDER BY sign) AS signs
    FROM oldest
    WHERE first_id <> second_id
    GROUP BY first_id, second_id
)
SELECT p.first_id, p.second_id, p.signs || CASE WHEN a.name = b.name THEN '{name}'::text[] ELSE '{}' END AS signs
FROM pair p
JOIN standing a ON a.id = p.first_id
JOIN standing b ON b.id = p.second_id
WHERE (p.signs <> '{phone}' OR a.name = b.name OR a.head_id <> b.head_id)
  AND NOT EXISTS (SELECT FROM customers_knownapart k WHERE k.first_id = p.first_id AND k.second_id = p.second_id)
ORDER BY 'id_number' = ANY (p.signs) DESC, a.name = b.name DESC, cardinality(p.signs) DESC, p.first_id, p.second_id
LIMIT %(most)s::integer
