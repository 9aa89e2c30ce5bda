-- Tie the rows of customers to their records; a customer merged into another stands for that one.
-- Takes run_id, dealer_id.
UPDATE intake_stagedrow s SET customer_id = coalesce(c.merged_into_id, c.id)
FROM customers_customer c
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = ''
  AND c.dealer_id = %(dealer_id)s::bigint AND c.number = s.data ->> 'number'
