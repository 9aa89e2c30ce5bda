-- Numbers we do not know yet; the first of the last row is called when no other is. Takes run_id, dealer_id.
WITH told AS (
    SELECT s.id AS staged_id, s.customer_id, p.phone ->> 'number' AS number, p.phone ->> 'kind' AS kind,
           row_number() OVER (PARTITION BY s.customer_id ORDER BY s.sheet DESC, s."row" DESC, p.nth) AS rank,
           row_number() OVER (
               PARTITION BY s.customer_id, p.phone ->> 'number' ORDER BY s.sheet DESC, s."row" DESC, p.nth) AS again
    FROM intake_stagedrow s
    CROSS JOIN jsonb_array_elements(s.data -> 'phones') WITH ORDINALITY AS p(phone, nth)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = '' AND s.customer_id IS NOT NULL
), added AS (
    INSERT INTO customers_customerphone
        (dealer_id, customer_id, number, reversed_number, kind, is_primary, is_wrong)
    SELECT %(dealer_id)s::bigint, t.customer_id, t.number, reverse(t.number), t.kind,
           t.rank = 1 AND NOT EXISTS (
               SELECT FROM customers_customerphone p WHERE p.customer_id = t.customer_id AND p.is_primary),
           false
    FROM told t
    WHERE t.again = 1
    ON CONFLICT (dealer_id, customer_id, number) DO NOTHING
    RETURNING customer_id, number
)
UPDATE intake_stagedrow s SET is_changed = true
FROM told t JOIN added a USING (customer_id, number)
WHERE s.id = t.staged_id AND t.again = 1
