-- What decides a store's days from first to last (inclusive), and the rows that set some policies for it, in one reading:
-- the ordinary week, its special days, the public calendar, the values. A JSON array of arrays a column, null for none.
-- dealer_id bigint, first date, last date, day_keys text[] (in force on first), keys text[] (in force on the day `on`),
--   on date, is_regional boolean → one row: week, special, public, policies (text)
SELECT
    (SELECT json_agg(json_build_array(weekday, opens_at, closes_at) ORDER BY opens_at)::text
     FROM dealers_openingperiod WHERE dealer_id = %(dealer_id)s::bigint) AS week,
    (SELECT json_agg(json_build_array(day, is_open, opens_at, closes_at, reason))::text FROM dealers_specialday
     WHERE dealer_id = %(dealer_id)s::bigint AND day BETWEEN %(first)s::date AND %(last)s::date) AS special,
    (SELECT json_agg(json_build_array(day, is_working, name))::text FROM dealers_holidayday
     WHERE day BETWEEN %(first)s::date AND %(last)s::date) AS public,
    (SELECT json_agg(json_build_array(level, coalesce(dealer_id, region_id, 0), key, value) ORDER BY effective_date, id)::text
     FROM dealers_policyvalue
     WHERE ((key = ANY(%(day_keys)s::text[]) AND effective_date <= %(first)s::date)
            OR (key = ANY(%(keys)s::text[]) AND effective_date <= %(on)s::date))
       AND (level = 'maker' OR dealer_id = %(dealer_id)s::bigint OR (level = 'region' AND %(is_regional)s::boolean))
    ) AS policies
