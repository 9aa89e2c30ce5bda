-- The cars and customers of one store behind what was typed into the search field, most recent visits first.
-- Takes dealer_id bigint, most integer (rows), enough integer (rows of one column to look at), and a prefix for each
-- derived column. The parts between `-- if x` and `-- end` are left out where x is empty (searching.statement), and the
-- server keeps each of the few statements that this makes prepared: planning them took three times as long as reading.
-- Ranges, not LIKE: LIKE is not leakproof, so row security would keep it from the index. Nothing that begins with a
-- prefix sorts after the prefix and the last character there is.
WITH cars (id) AS (
    SELECT NULL::bigint WHERE false
    -- if plate
    UNION ALL (SELECT id FROM customers_car WHERE dealer_id = %(dealer_id)s::bigint
        AND plate >= %(plate)s::text COLLATE "C"
        AND plate < (%(plate)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
    -- if plate_tail
    UNION ALL (SELECT id FROM customers_car WHERE dealer_id = %(dealer_id)s::bigint
        AND plate_reversed >= %(plate_tail)s::text COLLATE "C"
        AND plate_reversed < (%(plate_tail)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
    -- if vin_tail
    UNION ALL (SELECT id FROM customers_car WHERE dealer_id = %(dealer_id)s::bigint
        AND vin_reversed >= %(vin_tail)s::text COLLATE "C"
        AND vin_reversed < (%(vin_tail)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
), people (id) AS (
    SELECT id FROM customers_customer WHERE dealer_id = %(dealer_id)s::bigint AND number = %(number)s::text
    -- if phone
    UNION ALL (SELECT customer_id FROM customers_customerphone WHERE dealer_id = %(dealer_id)s::bigint
        AND number >= %(phone)s::text COLLATE "C"
        AND number < (%(phone)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
    -- if phone_tail
    UNION ALL (SELECT customer_id FROM customers_customerphone WHERE dealer_id = %(dealer_id)s::bigint
        AND reversed_number >= %(phone_tail)s::text COLLATE "C"
        AND reversed_number < (%(phone_tail)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
    -- if name
    UNION ALL (SELECT id FROM customers_customer WHERE dealer_id = %(dealer_id)s::bigint
        AND name ~>=~ %(name)s::text
        AND name ~<~ (%(name)s::text || chr(1114111)) LIMIT %(enough)s::integer)
    -- end
    -- if simplified
    UNION ALL (SELECT id FROM customers_customer WHERE dealer_id = %(dealer_id)s::bigint
        AND name ~>=~ %(simplified)s::text
        AND name ~<~ (%(simplified)s::text || chr(1114111)) LIMIT %(enough)s::integer)
    -- end
    -- if pinyin
    UNION ALL (SELECT id FROM customers_customer WHERE dealer_id = %(dealer_id)s::bigint
        AND name_pinyin >= %(pinyin)s::text COLLATE "C"
        AND name_pinyin < (%(pinyin)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
    -- if initials
    UNION ALL (SELECT id FROM customers_customer WHERE dealer_id = %(dealer_id)s::bigint
        AND name_initials >= %(initials)s::text COLLATE "C"
        AND name_initials < (%(initials)s::text || chr(1114111)) COLLATE "C" LIMIT %(enough)s::integer)
    -- end
    -- if id_index
    UNION ALL (SELECT id FROM customers_customer WHERE dealer_id = %(dealer_id)s::bigint
        AND id_number_index = %(id_index)s::text AND id_number_index <> '' LIMIT %(enough)s::integer)
    -- end
), pair (car_id, customer_id) AS (
    SELECT f.id, o.customer_id FROM cars f
    LEFT JOIN customers_ownership o ON o.car_id = f.id AND o.bond = 'owner' AND o.end_date IS NULL
    UNION
    SELECT o.car_id, f.id FROM people f
    LEFT JOIN customers_ownership o ON o.customer_id = f.id AND o.end_date IS NULL
), newest AS (  -- the rest is joined for what is shown, not for what was found
    SELECT pair.car_id, pair.customer_id, c.plate, c.status, c.last_visit_date, c.vehicle_id, p.name
    FROM pair
    LEFT JOIN customers_car c ON c.id = pair.car_id
    LEFT JOIN customers_customer p ON p.id = pair.customer_id
    WHERE p.merged_into_id IS NULL
    ORDER BY c.last_visit_date DESC NULLS LAST, pair.car_id DESC NULLS LAST, pair.customer_id
    LIMIT %(most)s::integer
)
SELECT n.car_id, n.customer_id, n.plate, n.status, n.last_visit_date, v.vin, v.series, v.model_name, n.name,
    (SELECT t.number FROM customers_customerphone t
     WHERE t.customer_id = n.customer_id ORDER BY t.is_primary DESC, t.id LIMIT 1) AS phone
FROM newest n
LEFT JOIN vehicles_vehicle v ON v.id = n.vehicle_id
ORDER BY n.last_visit_date DESC NULLS LAST, n.car_id DESC NULLS LAST, n.customer_id
