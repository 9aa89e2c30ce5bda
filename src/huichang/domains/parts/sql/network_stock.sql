-- Parts over all the stores of the open scope, by code (PRT-10): what lies where, is promised, is coming and is lacking.
-- words text, most int → a row a code
SELECT part.code, min(part.name) AS name, count(DISTINCT part.dealer_id) AS stores,
    count(*) FILTER (WHERE total.on_hand > 0) AS holders,
    coalesce(sum(total.on_hand), 0) AS on_hand,
    coalesce(sum(greatest(total.on_hand - total.reserved, 0)), 0) AS free,
    coalesce(sum(coming.quantity), 0) AS incoming, coalesce(sum(waiting.quantity), 0) AS short,
    coalesce(sum(total.on_hand * part.price), 0) AS value
FROM parts_part part
LEFT JOIN parts_stocktotal total ON total.part_id = part.id
LEFT JOIN (SELECT line.part_id, sum(line.quantity - line.received_quantity) AS quantity FROM parts_purchaseline line
    JOIN parts_purchaseorder purchase ON purchase.id = line.order_id AND purchase.status = 'placed'
    WHERE line.closed_at IS NULL GROUP BY line.part_id) coming ON coming.part_id = part.id
LEFT JOIN (SELECT part_id, sum(quantity) AS quantity FROM parts_reservation
    WHERE status = 'short' GROUP BY part_id) waiting ON waiting.part_id = part.id
WHERE part.is_active AND part.kind = 'part'
    AND (%(words)s::text = '' OR strpos(lower(part.code || ' ' || part.name), lower(%(words)s::text)) > 0)
GROUP BY part.code
ORDER BY coalesce(sum(waiting.quantity), 0) DESC, part.code
LIMIT %(most)s
