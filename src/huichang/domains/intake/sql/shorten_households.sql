-- Who is called through somebody who is called through another is called through that one: never a chain. Once a step.
-- Takes dealer_id.
UPDATE customers_customer c SET called_through_id = h.called_through_id
FROM customers_customer h
WHERE c.dealer_id = %(dealer_id)s::bigint AND h.id = c.called_through_id AND h.called_through_id IS NOT NULL
  AND h.called_through_id <> c.id
