-- Learn from the receipts of a store how long each part takes from order to arrival, and who usually delivers it.
-- Parts with too few receipts keep (or get back) what the catalogue states.
-- dealer_id bigint, since timestamptz, least_receipts int, quantile float8, zone text → the parts changed
WITH receipt AS (
    SELECT came.part_id, purchase.supplier_id, came.at,
        (came.at AT TIME ZONE %(zone)s)::date - (purchase.placed_at AT TIME ZONE %(zone)s)::date AS days
    FROM parts_stockmovement came
    JOIN parts_purchaseorder purchase ON purchase.dealer_id = came.dealer_id AND purchase.number = came.document
    WHERE came.dealer_id = %(dealer_id)s AND came.kind = 'receipt' AND came.at >= %(since)s
        AND purchase.placed_at IS NOT NULL
), learnt AS (
    SELECT part_id, count(*) AS receipts,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS median,
        percentile_disc(%(quantile)s) WITHIN GROUP (ORDER BY days) AS high,
        mode() WITHIN GROUP (ORDER BY supplier_id) AS supplier_id
    FROM receipt GROUP BY part_id HAVING count(*) >= %(least_receipts)s
), told AS (
    SELECT part.id, learnt.median, learnt.high, coalesce(learnt.receipts, 0) AS receipts, learnt.supplier_id
    FROM parts_part part LEFT JOIN learnt ON learnt.part_id = part.id
    WHERE part.dealer_id = %(dealer_id)s
)
UPDATE parts_part part SET learned_days = told.median, learned_high_days = told.high,
    learned_receipts = told.receipts, learned_supplier_id = told.supplier_id
FROM told
WHERE part.id = told.id
    AND (part.learned_days, part.learned_high_days, part.learned_receipts, part.learned_supplier_id)
        IS DISTINCT FROM (told.median, told.high, told.receipts, told.supplier_id)
