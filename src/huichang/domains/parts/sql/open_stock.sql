-- Begin the books with what an export counted, and follow later exports as long as nothing but exports has moved a
-- part. A part with movements of its own is left to the stocktake: the ledger knows more than the file.
-- Before it, `make_export_places` gave every part its place.
-- dealer_id bigint, now timestamptz, actor_id bigint, actor_name text → the movements written
WITH ours AS (
    SELECT part.id AS part_id, part.counted_stock, part.counted_on,
        coalesce((SELECT place.id FROM parts_bin place JOIN parts_warehouse room ON room.id = place.warehouse_id
            WHERE room.dealer_id = part.dealer_id AND room.code = 'MAIN'
                AND place.code = coalesce(nullif(part.location, ''), '—')), 0) AS bin_id
    FROM parts_part part
    WHERE part.dealer_id = %(dealer_id)s AND part.kind = 'part' AND part.counted_on IS NOT NULL
        AND NOT EXISTS (SELECT FROM parts_stockmovement known
            WHERE known.part_id = part.id AND known.kind NOT IN ('opening', 'export'))
), stands AS (
    SELECT ours.*, coalesce(sum(known.quantity), 0) AS booked, count(known.id) AS movements,
        max(known.bin_id) AS known_bin_id
    FROM ours LEFT JOIN parts_stockmovement known ON known.part_id = ours.part_id
    GROUP BY ours.part_id, ours.counted_stock, ours.counted_on, ours.bin_id
)
INSERT INTO parts_stockmovement (
    dealer_id, part_id, bin_id, kind, quantity, document, reference, reason, may_overdraw, actor_id, actor_name, at)
SELECT %(dealer_id)s, part_id, coalesce(known_bin_id, bin_id),
    CASE WHEN movements = 0 THEN 'opening' ELSE 'export' END,
    greatest(counted_stock, 0) - booked, '', '', counted_on::text, false, %(actor_id)s, %(actor_name)s, %(now)s
FROM stands
WHERE greatest(counted_stock, 0) <> booked AND coalesce(known_bin_id, bin_id) <> 0
    -- what visits have reserved stays reserved: such a part is counted, not overwritten
    AND greatest(counted_stock, 0) >= coalesce(
        (SELECT reserved FROM parts_stocktotal total WHERE total.part_id = stands.part_id), 0)
ORDER BY part_id
