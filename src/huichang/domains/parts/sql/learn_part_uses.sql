-- Learn from the closed orders of a store which parts each job takes: share of the job's orders with the part, and
-- the usual quantity. Replaces what was learnt before; rare companions (below the share) are left out.
-- dealer_id bigint, least_share numeric, least_orders int
WITH jobs AS (
    SELECT DISTINCT line.order_id, labour.id AS labour_id
    FROM workshop_orderline line
    JOIN catalog_labouroperation labour
        ON labour.dealer_id = line.dealer_id AND labour.code = line.code
    WHERE line.dealer_id = %(dealer_id)s AND line.kind = 'labour'
), alone AS (
    -- an order with several jobs does not tell which of them took the part
    SELECT order_id, min(labour_id) AS labour_id FROM jobs GROUP BY order_id HAVING count(*) = 1
), orders AS (
    SELECT labour_id, count(*) AS orders FROM alone GROUP BY labour_id HAVING count(*) >= %(least_orders)s
), taken AS (
    SELECT alone.labour_id, part.id AS part_id, count(DISTINCT alone.order_id) AS orders,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY line.quantity) AS quantity
    FROM alone
    JOIN workshop_orderline line ON line.order_id = alone.order_id AND line.kind = 'part'
        AND line.dealer_id = %(dealer_id)s
    JOIN parts_part part ON part.dealer_id = %(dealer_id)s AND part.code = line.code
    GROUP BY alone.labour_id, part.id
), learnt AS (
    SELECT taken.labour_id, taken.part_id, taken.quantity,
        round(taken.orders::numeric / orders.orders, 3) AS share
    FROM taken JOIN orders USING (labour_id)
    WHERE taken.orders >= %(least_share)s * orders.orders
), forgotten AS (
    DELETE FROM parts_partuse old WHERE old.dealer_id = %(dealer_id)s
        AND NOT EXISTS (SELECT FROM learnt WHERE learnt.labour_id = old.labour_id AND learnt.part_id = old.part_id)
)
INSERT INTO parts_partuse AS known (dealer_id, labour_id, part_id, share, quantity)
SELECT %(dealer_id)s, labour_id, part_id, share, quantity FROM learnt
ON CONFLICT (labour_id, part_id) DO UPDATE SET share = excluded.share, quantity = excluded.quantity
    WHERE (known.share, known.quantity) IS DISTINCT FROM (excluded.share, excluded.quantity)
