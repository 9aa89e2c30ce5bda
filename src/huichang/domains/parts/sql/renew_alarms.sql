-- Raise the alarms whose condition holds now and lift those whose condition is gone, of a store (or of some parts).
-- A stock is low when what is free and what is coming for nobody stay below the safety stock.
-- dealer_id bigint, part_ids bigint[] (null: all), today date, now timestamptz, unfitted_days int, zone text
--   → the alarms raised, lifted or renewed
WITH holds AS (
    SELECT 'short' AS kind, part_id, reference AS subject, sum(quantity) AS quantity, min(need_date) AS since_date
    FROM parts_reservation WHERE dealer_id = %(dealer_id)s AND status = 'short'
    GROUP BY part_id, reference
    UNION ALL
    SELECT 'late', line.part_id, purchase.number, line.quantity - line.received_quantity, line.expected_date
    FROM parts_purchaseline line JOIN parts_purchaseorder purchase ON purchase.id = line.order_id
    WHERE line.dealer_id = %(dealer_id)s AND line.closed_at IS NULL AND purchase.status = 'placed'
        AND line.expected_date < %(today)s
    UNION ALL
    SELECT 'low', part.id, '', part.safety_stock - had.quantity, %(today)s::date
    FROM parts_part part CROSS JOIN LATERAL (
        SELECT coalesce((SELECT on_hand - reserved FROM parts_stocktotal WHERE part_id = part.id), 0)
            + coalesce((SELECT sum(line.quantity - line.received_quantity) FROM parts_purchaseline line
                JOIN parts_purchaseorder purchase ON purchase.id = line.order_id AND purchase.status = 'placed'
                WHERE line.part_id = part.id AND line.closed_at IS NULL), 0)
            - coalesce((SELECT sum(quantity) FROM parts_reservation
                WHERE part_id = part.id AND status = 'ordered'), 0) AS quantity
    ) had
    WHERE part.dealer_id = %(dealer_id)s AND part.is_active AND part.kind = 'part' AND part.safety_stock > 0
        AND had.quantity < part.safety_stock
    UNION ALL
    SELECT 'unfitted', part_id, reference, sum(quantity), min((arrived_at AT TIME ZONE %(zone)s)::date)
    FROM parts_reservation
    WHERE dealer_id = %(dealer_id)s AND status IN ('reserved', 'drawn') AND arrived_at IS NOT NULL
        AND need_date < %(today)s
        AND (arrived_at AT TIME ZONE %(zone)s)::date <= %(today)s::date - %(unfitted_days)s::int
    GROUP BY part_id, reference
), wanted AS (
    SELECT * FROM holds WHERE %(part_ids)s::bigint[] IS NULL OR part_id = ANY (%(part_ids)s::bigint[])
), lifted AS (
    UPDATE parts_stockalarm open SET lifted_at = %(now)s
    WHERE open.dealer_id = %(dealer_id)s AND open.lifted_at IS NULL
        AND (%(part_ids)s::bigint[] IS NULL OR open.part_id = ANY (%(part_ids)s::bigint[]))
        AND NOT EXISTS (SELECT FROM wanted WHERE wanted.kind = open.kind AND wanted.part_id = open.part_id
            AND wanted.subject = open.subject)
    RETURNING id
)
INSERT INTO parts_stockalarm AS open (
    dealer_id, kind, part_id, subject, quantity, since_date, raised_at, seen_by_name, note)
SELECT %(dealer_id)s, kind, part_id, subject, quantity, since_date, %(now)s, '', '' FROM wanted
ON CONFLICT (dealer_id, kind, part_id, subject) WHERE lifted_at IS NULL
DO UPDATE SET quantity = excluded.quantity,
    since_date = CASE WHEN open.kind = 'low' THEN open.since_date ELSE excluded.since_date END
WHERE open.quantity <> excluded.quantity
    OR (open.kind <> 'low' AND open.since_date <> excluded.since_date)
