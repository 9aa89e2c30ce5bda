-- Give parts that were never moved their total, the row that is locked before they are promised.
-- dealer_id bigint, part_ids bigint[]
INSERT INTO parts_stocktotal (dealer_id, part_id, on_hand, reserved)
SELECT part.dealer_id, part.id, 0, 0 FROM parts_part part
WHERE part.dealer_id = %(dealer_id)s AND part.id = ANY (%(part_ids)s::bigint[])
    AND NOT EXISTS (SELECT FROM parts_stocktotal total WHERE total.part_id = part.id)
ORDER BY part.id
ON CONFLICT (part_id) DO NOTHING
