-- Exports without customer numbers: a customer we know by identity number, or by name and phone, keeps the number
-- they have. Takes run_id, dealer_id.
UPDATE intake_stagedrow s
SET data = jsonb_set(s.data, '{number}', to_jsonb(known.number))
FROM (
    SELECT DISTINCT ON (r.id) r.id, c.number
    FROM intake_stagedrow r
    JOIN customers_customer c
      ON c.dealer_id = %(dealer_id)s::bigint
     AND c.merged_into_id IS NULL
     AND (
         (c.id_number_index <> '' AND c.id_number_index = r.data ->> 'id_index')
         OR (
             c.name = r.data ->> 'name'
             AND EXISTS (
                 SELECT FROM customers_customerphone p
                 WHERE p.customer_id = c.id AND p.number = r.data #>> '{phones,0,number}'
             )
         )
     )
    WHERE r.run_id = %(run_id)s::bigint AND r.kind = 'customers' AND r.outcome = '' AND (r.data ->> 'own_number')::boolean
    ORDER BY r.id, c.id_number_index = r.data ->> 'id_index' DESC, c.id
) known
WHERE s.id = known.id AND s.data ->> 'number' <> known.number
