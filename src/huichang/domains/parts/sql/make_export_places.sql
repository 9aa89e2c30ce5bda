-- Give the store its main warehouse, every place an export names, and every supplier it names.
-- dealer_id bigint
WITH room AS (
    INSERT INTO parts_warehouse (dealer_id, code, name, kind, is_active)
    VALUES (%(dealer_id)s, 'MAIN', '主库', 'stock', true)
    ON CONFLICT (dealer_id, code) DO UPDATE SET code = excluded.code
    RETURNING id
), suppliers AS (
    INSERT INTO parts_supplier (dealer_id, name)
    SELECT DISTINCT %(dealer_id)s, supplier FROM parts_part
    WHERE dealer_id = %(dealer_id)s AND supplier <> '' ORDER BY supplier
    ON CONFLICT (dealer_id, name) DO NOTHING
)
INSERT INTO parts_bin (dealer_id, warehouse_id, code, is_pickable, is_active)
SELECT DISTINCT %(dealer_id)s, room.id, coalesce(nullif(part.location, ''), '—'), true, true
FROM parts_part part, room
WHERE part.dealer_id = %(dealer_id)s AND part.kind = 'part' AND part.counted_on IS NOT NULL
ORDER BY 3
ON CONFLICT (warehouse_id, code) DO NOTHING
