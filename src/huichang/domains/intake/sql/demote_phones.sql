-- A number the export brings and we have never seen is newer than the one we call: that one makes room.
-- Takes run_id, dealer_id.
UPDATE customers_customerphone p SET is_primary = false
WHERE p.dealer_id = %(dealer_id)s::bigint AND p.is_primary
  AND EXISTS (
    SELECT FROM intake_stagedrow s
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = '' AND s.customer_id = p.customer_id
      AND s.data #>> '{phones,0,number}' IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM customers_customerphone k
        WHERE k.customer_id = s.customer_id AND k.number = s.data #>> '{phones,0,number}')
  )
