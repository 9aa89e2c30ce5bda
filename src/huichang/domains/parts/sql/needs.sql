-- What a store should order: parts that visits lack, and parts that fall below their safety stock.
-- dealer_id bigint → a row a part; `order_by` is the last day on which the earliest visit can still be served
WITH lacking AS (
    SELECT part_id, sum(quantity) AS quantity, min(need_date) AS need_date,
        string_agg(DISTINCT reference, ',' ORDER BY reference) AS visits
    FROM parts_reservation WHERE dealer_id = %(dealer_id)s AND status = 'short' GROUP BY part_id
), low AS (
    SELECT part_id, quantity FROM parts_stockalarm
    WHERE dealer_id = %(dealer_id)s AND kind = 'low' AND lifted_at IS NULL
), drafted AS (
    SELECT line.part_id, sum(line.quantity) AS quantity FROM parts_purchaseline line
    JOIN parts_purchaseorder purchase ON purchase.id = line.order_id AND purchase.status = 'draft'
    WHERE line.dealer_id = %(dealer_id)s GROUP BY line.part_id
)
SELECT part.id, part.code, part.name, part.unit, part.price, coalesce(lacking.quantity, 0) AS lacking,
    coalesce(low.quantity, 0) AS low, coalesce(lacking.quantity, 0) + coalesce(low.quantity, 0) AS quantity,
    coalesce(drafted.quantity, 0) AS drafted, lacking.need_date, coalesce(lacking.visits, '') AS visits,
    coalesce(part.learned_high_days, part.lead_days) AS lead_days,
    lacking.need_date - coalesce(part.learned_high_days, part.lead_days) AS order_by,
    coalesce(part.learned_supplier_id, named.id) AS supplier_id
FROM parts_part part
LEFT JOIN lacking ON lacking.part_id = part.id
LEFT JOIN low ON low.part_id = part.id
LEFT JOIN drafted ON drafted.part_id = part.id
LEFT JOIN parts_supplier named ON named.dealer_id = part.dealer_id AND named.name = part.supplier
WHERE part.dealer_id = %(dealer_id)s AND (lacking.part_id IS NOT NULL OR low.part_id IS NOT NULL)
ORDER BY lacking.need_date NULLS LAST, part.code
