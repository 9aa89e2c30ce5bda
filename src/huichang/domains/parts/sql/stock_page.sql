-- A page of the stock list in the order of codes: what lies there, is promised, is coming, and when the next comes.
-- dealer_id bigint, words text, alarm text, after text, most int → a row a part
WITH found AS (
    SELECT part.* FROM parts_part part
    WHERE part.dealer_id = %(dealer_id)s AND part.code > %(after)s
        AND (%(words)s::text = '' OR strpos(lower(part.code || ' ' || part.name || ' ' || part.specification || ' '
            || part.location || ' ' || part.family), lower(%(words)s::text)) > 0)
        AND (%(alarm)s::text = '' OR EXISTS (SELECT FROM parts_stockalarm alarm
            WHERE alarm.part_id = part.id AND alarm.kind = %(alarm)s::text AND alarm.lifted_at IS NULL))
    ORDER BY part.code LIMIT %(most)s
)
SELECT found.id, found.code, found.name, found.kind, found.specification, found.unit, found.location, found.price,
    found.safety_stock, found.is_active, coalesce(found.learned_high_days, found.lead_days) AS lead_days,
    found.learned_high_days IS NOT NULL AS is_learned, found.counted_stock, found.counted_on,
    coalesce(total.on_hand, 0) AS on_hand, coalesce(total.reserved, 0) AS reserved,
    greatest(coalesce(total.on_hand - total.reserved, 0), 0) AS free,
    coalesce(coming.quantity, 0) AS incoming, coming.next_date,
    coalesce(aside.quantity, 0) AS set_aside, coalesce(waiting.quantity, 0) AS short
FROM found
LEFT JOIN parts_stocktotal total ON total.part_id = found.id
LEFT JOIN LATERAL (
    SELECT sum(line.quantity - line.received_quantity) AS quantity, min(line.expected_date) AS next_date
    FROM parts_purchaseline line
    JOIN parts_purchaseorder purchase ON purchase.id = line.order_id AND purchase.status = 'placed'
    WHERE line.part_id = found.id AND line.closed_at IS NULL) coming ON true
LEFT JOIN LATERAL (
    SELECT sum(held.on_hand) AS quantity FROM parts_stockbalance held
    JOIN parts_bin place ON place.id = held.bin_id AND NOT place.is_pickable
    WHERE held.part_id = found.id) aside ON true
LEFT JOIN LATERAL (
    SELECT sum(quantity) AS quantity FROM parts_reservation
    WHERE part_id = found.id AND status = 'short') waiting ON true
ORDER BY found.code
