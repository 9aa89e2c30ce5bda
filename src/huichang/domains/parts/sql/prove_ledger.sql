-- Prove that what is kept equals what the ledger and the reservations add up to; a row for each difference.
-- dealer_id bigint → what, part_id, kept, proven
WITH moved AS (
    SELECT part_id, bin_id, sum(quantity) AS quantity FROM parts_stockmovement
    WHERE dealer_id = %(dealer_id)s GROUP BY part_id, bin_id
), held AS (
    SELECT part_id, bin_id, on_hand FROM parts_stockbalance WHERE dealer_id = %(dealer_id)s
), pickable AS (
    SELECT moved.part_id, sum(moved.quantity) AS quantity
    FROM moved JOIN parts_bin place ON place.id = moved.bin_id AND place.is_pickable GROUP BY moved.part_id
), reserved AS (
    SELECT part_id, sum(quantity) AS quantity FROM parts_reservation
    WHERE dealer_id = %(dealer_id)s AND status = 'reserved' GROUP BY part_id
), basket AS (
    SELECT row.part_id, slip.basket_id AS bin_id, sum(row.quantity) AS quantity
    FROM parts_reservation row JOIN parts_issueslip slip ON slip.id = row.slip_id
    WHERE row.dealer_id = %(dealer_id)s AND row.status IN ('drawn', 'returning') GROUP BY row.part_id, slip.basket_id
), in_basket AS (
    SELECT held.part_id, held.bin_id, held.on_hand AS quantity
    FROM held JOIN parts_bin place ON place.id = held.bin_id
    JOIN parts_warehouse room ON room.id = place.warehouse_id AND room.kind = 'shelf'
    WHERE held.on_hand <> 0
), coming AS (
    SELECT line.id, line.part_id, CASE WHEN line.closed_at IS NULL AND purchase.status = 'placed'
            THEN line.quantity - line.received_quantity ELSE 0 END AS awaited,
        sum(row.quantity) AS promised
    FROM parts_purchaseline line JOIN parts_purchaseorder purchase ON purchase.id = line.order_id
    JOIN parts_reservation row ON row.purchase_line_id = line.id AND row.status = 'ordered'
    WHERE line.dealer_id = %(dealer_id)s GROUP BY line.id, purchase.status
)
SELECT 'balance' AS what, coalesce(held.part_id, moved.part_id) AS part_id, coalesce(held.on_hand, 0) AS kept,
    coalesce(moved.quantity, 0) AS proven
FROM held FULL JOIN moved ON moved.part_id = held.part_id AND moved.bin_id = held.bin_id
WHERE coalesce(held.on_hand, 0) <> coalesce(moved.quantity, 0)
UNION ALL
SELECT 'total', total.part_id, total.on_hand, coalesce(pickable.quantity, 0)
FROM parts_stocktotal total LEFT JOIN pickable ON pickable.part_id = total.part_id
WHERE total.dealer_id = %(dealer_id)s AND total.on_hand <> coalesce(pickable.quantity, 0)
UNION ALL
SELECT 'reserved', total.part_id, total.reserved, coalesce(reserved.quantity, 0)
FROM parts_stocktotal total LEFT JOIN reserved ON reserved.part_id = total.part_id
WHERE total.dealer_id = %(dealer_id)s AND total.reserved <> coalesce(reserved.quantity, 0)
UNION ALL
SELECT 'basket', coalesce(basket.part_id, in_basket.part_id), coalesce(in_basket.quantity, 0),
    coalesce(basket.quantity, 0)
FROM basket FULL JOIN in_basket ON in_basket.part_id = basket.part_id AND in_basket.bin_id = basket.bin_id
WHERE coalesce(basket.quantity, 0) <> coalesce(in_basket.quantity, 0)
UNION ALL
SELECT 'incoming', part_id, awaited, promised FROM coming WHERE promised > awaited
