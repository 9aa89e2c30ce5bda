-- The search field's function. PostgreSQL keeps the plans of its statements for the session, poolers included: planning
-- ten index ranges took ten times longer than reading them (bench/search.py). It runs with the rights of its caller, so
-- row security binds it. Each argument is a prefix of a derived column, or empty. Ranges, not LIKE: LIKE is not
-- leakproof, so row security would keep it from the index. Installed by kernel.secure.apply().
CREATE OR REPLACE FUNCTION customers_search(
    p_dealer bigint, p_most integer, p_enough integer, p_plate text, p_plate_tail text, p_vin_tail text,
    p_phone text, p_phone_tail text, p_name text, p_simplified text, p_pinyin text, p_initials text,
    p_id_index text, p_number text
) RETURNS TABLE (
    car_id bigint, customer_id bigint, plate varchar, status varchar, last_visit_date date, vin varchar,
    series varchar, model_name varchar, name varchar, phone varchar
) LANGUAGE plpgsql STABLE
-- Plans made for any value: the index is always the right way, and planning each time is what costs.
SET plan_cache_mode = force_generic_plan AS $body$
#variable_conflict use_column
DECLARE
    last CONSTANT text := chr(1114111);  -- nothing that begins with a prefix sorts after the prefix and this
    cars bigint[] := '{}';
    people bigint[] := '{}';
BEGIN
    IF p_plate <> '' THEN cars := cars || ARRAY(
        SELECT id FROM customers_car WHERE dealer_id = p_dealer
            AND plate >= p_plate COLLATE "C" AND plate < (p_plate || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_plate_tail <> '' THEN cars := cars || ARRAY(
        SELECT id FROM customers_car WHERE dealer_id = p_dealer
            AND plate_reversed >= p_plate_tail COLLATE "C" AND plate_reversed < (p_plate_tail || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_vin_tail <> '' THEN cars := cars || ARRAY(
        SELECT id FROM customers_car WHERE dealer_id = p_dealer
            AND vin_reversed >= p_vin_tail COLLATE "C" AND vin_reversed < (p_vin_tail || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_phone <> '' THEN people := people || ARRAY(
        SELECT customer_id FROM customers_customerphone WHERE dealer_id = p_dealer
            AND number >= p_phone COLLATE "C" AND number < (p_phone || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_phone_tail <> '' THEN people := people || ARRAY(
        SELECT customer_id FROM customers_customerphone WHERE dealer_id = p_dealer
            AND reversed_number >= p_phone_tail COLLATE "C" AND reversed_number < (p_phone_tail || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_name <> '' THEN people := people || ARRAY(
        SELECT id FROM customers_customer WHERE dealer_id = p_dealer
            AND name ~>=~ p_name AND name ~<~ (p_name || last) LIMIT p_enough); END IF;
    IF p_simplified <> '' THEN people := people || ARRAY(
        SELECT id FROM customers_customer WHERE dealer_id = p_dealer
            AND name ~>=~ p_simplified AND name ~<~ (p_simplified || last) LIMIT p_enough); END IF;
    IF p_pinyin <> '' THEN people := people || ARRAY(
        SELECT id FROM customers_customer WHERE dealer_id = p_dealer
            AND name_pinyin >= p_pinyin COLLATE "C" AND name_pinyin < (p_pinyin || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_initials <> '' THEN people := people || ARRAY(
        SELECT id FROM customers_customer WHERE dealer_id = p_dealer
            AND name_initials >= p_initials COLLATE "C" AND name_initials < (p_initials || last) COLLATE "C" LIMIT p_enough); END IF;
    IF p_id_index <> '' THEN people := people || ARRAY(
        SELECT id FROM customers_customer WHERE dealer_id = p_dealer
            AND id_number_index = p_id_index AND id_number_index <> '' LIMIT p_enough); END IF;
    IF p_number <> '' THEN people := people || ARRAY(
        SELECT id FROM customers_customer WHERE dealer_id = p_dealer AND number = p_number); END IF;
    IF cardinality(cars) = 0 AND cardinality(people) = 0 THEN RETURN; END IF;
    RETURN QUERY WITH pair AS (
        SELECT f.id AS car_id, o.customer_id FROM unnest(cars) AS f (id)
        LEFT JOIN customers_ownership o ON o.car_id = f.id AND o.bond = 'owner' AND o.end_date IS NULL
        UNION
        SELECT o.car_id, f.id FROM unnest(people) AS f (id)
        LEFT JOIN customers_ownership o ON o.customer_id = f.id AND o.end_date IS NULL
    ), newest AS (  -- the rest is joined for what is shown, not for what was found
        SELECT pair.car_id, pair.customer_id, c.plate, c.status, c.last_visit_date, c.vehicle_id, p.name
        FROM pair
        LEFT JOIN customers_car c ON c.id = pair.car_id
        LEFT JOIN customers_customer p ON p.id = pair.customer_id
        WHERE p.merged_into_id IS NULL
        ORDER BY c.last_visit_date DESC NULLS LAST, pair.car_id DESC NULLS LAST, pair.customer_id
        LIMIT p_most
    )
    SELECT n.car_id, n.customer_id, n.plate, n.status, n.last_visit_date, v.vin, v.series, v.model_name, n.name,
        (SELECT t.number FROM customers_customerphone t
         WHERE t.customer_id = n.customer_id ORDER BY t.is_primary DESC, t.id LIMIT 1)
    FROM newest n
    LEFT JOIN vehicles_vehicle v ON v.id = n.vehicle_id
    ORDER BY n.last_visit_date DESC NULLS LAST, n.car_id DESC NULLS LAST, n.customer_id;
END $body$;
