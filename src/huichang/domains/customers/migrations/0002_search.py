"""The search field's function: PostgreSQL keeps the plans of its statements for the session, poolers included.

Planning ten index ranges took ten times longer than reading them (bench/search.py). The function runs with the rights
of its caller, so row security binds it like any other read. Each argument is a prefix of a derived column, or empty.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

PREFIXES = (
    # argument, table, column, found rows, operators (name sorts by text_pattern_ops)
    ("p_plate", "customers_car", "plate", "cars"),
    ("p_plate_tail", "customers_car", "plate_reversed", "cars"),
    ("p_vin_tail", "customers_car", "vin_reversed", "cars"),
    ("p_phone", "customers_customerphone", "number", "people"),
    ("p_phone_tail", "customers_customerphone", "reversed_number", "people"),
    ("p_name", "customers_customer", "name", "people"),
    ("p_simplified", "customers_customer", "name", "people"),
    ("p_pinyin", "customers_customer", "name_pinyin", "people"),
    ("p_initials", "customers_customer", "name_initials", "people"),
)


def _branch(argument: str, table: str, column: str, found: str) -> str:
    """Ranges, not LIKE: LIKE is not leakproof, so row security would keep it from the index."""
    key = "customer_id" if table.endswith("phone") else "id"
    low, high = ("~>=~", "~<~") if column == "name" else (">=", "<")
    sort = "" if column == "name" else ' COLLATE "C"'
    return f"""
    IF {argument} <> '' THEN
        {found} := {found} || ARRAY(
            SELECT t.{key} FROM {table} t
            WHERE t.dealer_id = p_dealer AND t.{column} {low} {argument}{sort}
                AND t.{column} {high} ({argument} || last){sort}
            LIMIT p_enough);
    END IF;"""


BRANCHES = "".join(_branch(*one) for one in PREFIXES)

FUNCTION = f"""
CREATE FUNCTION customers_search(
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
    cars bigint[] := '{{}}';
    people bigint[] := '{{}}';
BEGIN{BRANCHES}
    IF p_id_index <> '' THEN
        people := people || ARRAY(
            SELECT t.id FROM customers_customer t
            WHERE t.dealer_id = p_dealer AND t.id_number_index = p_id_index AND t.id_number_index <> '' LIMIT p_enough);
    END IF;
    IF p_number <> '' THEN
        people := people || ARRAY(
            SELECT t.id FROM customers_customer t WHERE t.dealer_id = p_dealer AND t.number = p_number);
    END IF;
    IF cardinality(cars) = 0 AND cardinality(people) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH pair AS (
        SELECT f.id AS car_id, o.customer_id FROM unnest(cars) AS f (id)
        LEFT JOIN customers_ownership o ON o.car_id = f.id AND o.bond = 'owner' AND o.end_date IS NULL
        UNION
        SELECT o.car_id, f.id FROM unnest(people) AS f (id)
        LEFT JOIN customers_ownership o ON o.customer_id = f.id AND o.end_date IS NULL
    )
    SELECT pair.car_id, pair.customer_id, c.plate, c.status, c.last_visit_date, v.vin, v.series, v.model_name, p.name,
        (SELECT t.number FROM customers_customerphone t
         WHERE t.customer_id = p.id ORDER BY t.is_primary DESC, t.id LIMIT 1)
    FROM pair
    LEFT JOIN customers_car c ON c.id = pair.car_id
    LEFT JOIN vehicles_vehicle v ON v.id = c.vehicle_id
    LEFT JOIN customers_customer p ON p.id = pair.customer_id
    WHERE p.merged_into_id IS NULL
    ORDER BY c.last_visit_date DESC NULLS LAST, pair.car_id DESC NULLS LAST, pair.customer_id
    LIMIT p_most;
END $body$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(FUNCTION, "DROP FUNCTION customers_search")]
