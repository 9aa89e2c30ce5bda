-- The cars and customers of one store behind what was typed into the search field, most recent visits first.
-- Takes dealer_id, most (rows), enough (rows of one column to look at), and a prefix for each derived column; an
-- empty one leaves the column out. The function stands in functions.sql.
SELECT car_id, customer_id, plate, status, last_visit_date, vin, series, model_name, name, phone
FROM customers_search(
    %(dealer_id)s::bigint, %(most)s::integer, %(enough)s::integer, %(plate)s::text, %(plate_tail)s::text,
    %(vin_tail)s::text, %(phone)s::text, %(phone_tail)s::text, %(name)s::text, %(simplified)s::text,
    %(pinyin)s::text, %(initials)s::text, %(id_index)s::text, %(number)s::text
)
