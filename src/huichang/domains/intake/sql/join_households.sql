-- Customers of this run who are one person or company under several numbers, or who share a phone, are called
-- through the first of them. What people have set stays: who is called alone, who is called through another.
-- Takes run_id, dealer_id.
WITH touched AS (
    SELECT DISTINCT customer_id AS id FROM intake_stagedrow
    WHERE run_id = %(run_id)s::bigint AND kind = 'customers' AND customer_id IS NOT NULL
), same AS (
    SELECT c.id, min(o.id) AS first_id
    FROM touched t
    JOIN customers_customer c ON c.id = t.id AND c.called_through_id IS NULL AND c.merged_into_id IS NULL
     AND NOT c.is_called_alone
    JOIN customers_customer o
      ON o.dealer_id = %(dealer_id)s::bigint AND o.id_number_index = c.id_number_index AND o.merged_into_id IS NULL
     AND NOT o.is_called_alone
    WHERE c.id_number_index <> ''
    GROUP BY c.id
    UNION ALL
    SELECT c.id, min(o.id)
    FROM touched t
    JOIN customers_customer c ON c.id = t.id AND c.called_through_id IS NULL AND c.merged_into_id IS NULL
     AND NOT c.is_called_alone
    JOIN customers_customerphone p ON p.customer_id = c.id AND p.is_primary AND NOT p.is_wrong
    JOIN customers_customerphone q
      ON q.dealer_id = %(dealer_id)s::bigint AND q.number = p.number AND q.is_primary AND NOT q.is_wrong
    JOIN customers_customer o ON o.id = q.customer_id AND NOT o.is_called_alone
    GROUP BY c.id
), head AS (
    SELECT s.id, min(coalesce(f.called_through_id, s.first_id)) AS first_id
    FROM same s JOIN customers_customer f ON f.id = s.first_id
    GROUP BY s.id
)
UPDATE customers_customer c SET called_through_id = h.first_id
FROM head h
WHERE c.id = h.id AND h.first_id < c.id
