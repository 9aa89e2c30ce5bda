-- The cars and customers of one store behind what was typed into the search field, most recent visits first.
-- Takes dealer_id, most (rows), and for each column a range [low, high) of the "C" collation; an empty low leaves
-- the column out. Ranges, not LIKE: LIKE is not leakproof, so row security would keep it from the indexes.
WITH found_car AS (
    (SELECT id AS car_id FROM customers_car
     WHERE %(plate_low)s <> '' AND dealer_id = %(dealer_id)s
       AND plate >= %(plate_low)s COLLATE "C" AND plate < %(plate_high)s COLLATE "C"
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_car
     WHERE %(plate_tail_low)s <> '' AND dealer_id = %(dealer_id)s
       AND plate_reversed >= %(plate_tail_low)s COLLATE "C" AND plate_reversed < %(plate_tail_high)s COLLATE "C"
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_car
     WHERE %(vin_tail_low)s <> '' AND dealer_id = %(dealer_id)s
       AND vin_reversed >= %(vin_tail_low)s COLLATE "C" AND vin_reversed < %(vin_tail_high)s COLLATE "C"
     LIMIT %(enough)s)
), found_customer AS (
    (SELECT customer_id FROM customers_customerphone
     WHERE %(phone_low)s <> '' AND dealer_id = %(dealer_id)s
       AND number >= %(phone_low)s COLLATE "C" AND number < %(phone_high)s COLLATE "C"
     LIMIT %(enough)s)
    UNION
    (SELECT customer_id FROM customers_customerphone
     WHERE %(phone_tail_low)s <> '' AND dealer_id = %(dealer_id)s
       AND reversed_number >= %(phone_tail_low)s COLLATE "C" AND reversed_number < %(phone_tail_high)s COLLATE "C"
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_customer
     WHERE %(name_low)s <> '' AND dealer_id = %(dealer_id)s
       AND name ~>=~ %(name_low)s AND name ~<~ %(name_high)s
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_customer
     WHERE %(simplified_low)s <> '' AND dealer_id = %(dealer_id)s
       AND name ~>=~ %(simplified_low)s AND name ~<~ %(simplified_high)s
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_customer
     WHERE %(pinyin_low)s <> '' AND dealer_id = %(dealer_id)s
       AND name_pinyin >= %(pinyin_low)s COLLATE "C" AND name_pinyin < %(pinyin_high)s COLLATE "C"
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_customer
     WHERE %(initials_low)s <> '' AND dealer_id = %(dealer_id)s
       AND name_initials >= %(initials_low)s COLLATE "C" AND name_initials < %(initials_high)s COLLATE "C"
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_customer
     WHERE %(id_index)s <> '' AND dealer_id = %(dealer_id)s AND id_number_index = %(id_index)s
     LIMIT %(enough)s)
    UNION
    (SELECT id FROM customers_customer
     WHERE %(number)s <> '' AND dealer_id = %(dealer_id)s AND number = %(number)s)
), pair AS (
    SELECT car_id, o.customer_id
    FROM found_car LEFT JOIN customers_ownership o USING (car_id)
    WHERE o.id IS NULL OR (o.bond = 'owner' AND o.end_date IS NULL)
    UNION
    SELECT car_id, NULL FROM found_car f
    WHERE NOT EXISTS (SELECT FROM customers_ownership o
                      WHERE o.car_id = f.car_id AND o.bond = 'owner' AND o.end_date IS NULL)
    UNION
    SELECT o.car_id, f.customer_id
    FROM found_customer f LEFT JOIN customers_ownership o ON o.customer_id = f.customer_id AND o.end_date IS NULL
)
SELECT pair.car_id, pair.customer_id, c.plate, c.status, c.last_visit_date, v.vin, v.series, v.model_name,
       p.name, (SELECT number FROM customers_customerphone t
                WHERE t.customer_id = p.id ORDER BY t.is_primary DESC, t.id LIMIT 1) AS phone
FROM pair
LEFT JOIN customers_car c ON c.id = pair.car_id
LEFT JOIN vehicles_vehicle v ON v.id = c.vehicle_id
LEFT JOIN customers_customer p ON p.id = pair.customer_id
WHERE p.merged_into_id IS NULL
ORDER BY c.last_visit_date DESC NULLS LAST, pair.car_id DESC NULLS LAST, pair.customer_id
LIMIT %(most)s
