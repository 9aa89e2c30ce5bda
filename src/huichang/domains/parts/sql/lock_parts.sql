-- Let one transaction at a time promise or move these parts: lock their totals, in one order so that nobody waits in
-- a circle. Held until the transaction ends.
-- dealer_id bigint, part_ids bigint[] → part_id, on_hand, reserved
SELECT part_id, on_hand, reserved FROM parts_stocktotal
WHERE dealer_id = %(dealer_id)s AND part_id = ANY (%(part_ids)s::bigint[])
ORDER BY part_id
FOR UPDATE
