-- The standing records that look like one customer's, by the indexes: the same identity number, the same name and
-- address, the same working phone. Households that only share a phone are left out.
-- Takes dealer_id bigint, customer_id bigint, most integer.
WITH one AS (
    SELECT id, name, address, id_number_index, coalesce(called_through_id, id) AS head_id
    FROM customers_customer
    WHERE id = %(customer_id)s::bigint AND dealer_id = %(dealer_id)s::bigint AND merged_into_id IS NULL
), told AS (
    SELECT c.id, 'id_number' AS sign
    FROM one JOIN customers_customer c
      ON c.dealer_id = %(dealer_id)s::bigint AND c.id_number_index = one.id_number_index AND c.id_number_index <> ''
    UNION ALL
    SELECT c.id, 'address'
    FROM one JOIN customers_customer c
      ON c.dealer_id = %(dealer_id)s::bigint AND c.name = one.name AND c.address = one.address
    WHERE one.address <> ''
    UNION ALL
    SELECT q.customer_id, 'phone'
    FROM one
    JOIN customers_customerphone p ON p.customer_id = one.id AND NOT p.is_wrong
    JOIN customers_customerphone q
      ON q.dealer_id = %(dealer_id)s::bigint AND q.number = p.number AND NOT q.is_wrong
), other AS (
    SELECT id, array_agg(DISTINCT sign ORDER BY sign) AS signs FROM told GROUP BY id
)
SELECT one.id AS first_id, c.id AS second_id,
    o.signs || CASE WHEN c.name = one.name THEN '{name}'::text[] ELSE '{}' END AS signs
FROM other o
CROSS JOIN one
JOIN customers_customer c ON c.id = o.id AND c.merged_into_id IS NULL AND c.id <> one.id
WHERE (o.signs <> '{phone}' OR c.name = one.name OR coalesce(c.called_through_id, c.id) <> one.head_id)
  AND NOT EXISTS (
    SELECT FROM customers_knownapart k
    WHERE k.first_id = least(one.id, c.id) AND k.second_id = greatest(one.id, c.id))
ORDER BY 'id_number' = ANY (o.signs) DESC, c.name = one.name DESC, cardinality(o.signs) DESC, c.id
LIMIT %(most)s::integer
