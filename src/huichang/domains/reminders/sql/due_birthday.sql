-- Birthdays of owners who are persons: once a customer, on the first of their cars.
-- Takes dealer_ids, car_ids (null: all), since and until (due dates, end exclusive).
SELECT
    f.dealer_id, f.car_id, u.id AS customer_id, to_char(day.due_date, '"year:"YYYY') AS key, day.due_date,
    '{}'::jsonb AS why
FROM reminders_carforecast AS f
JOIN customers_ownership AS o ON o.car_id = f.car_id AND o.bond = 'owner' AND o.end_date IS NULL
JOIN customers_customer AS u ON u.id = o.customer_id AND u.kind = 'person' AND u.birthday > '1900-01-01'
CROSS JOIN LATERAL (
    -- 29 February is kept on the 28th; the year after `since` when this year's day is before it
    SELECT (u.birthday + make_interval(years => n))::date AS due_date
    FROM (SELECT date_part('year', %(since)s::date)::int - date_part('year', u.birthday)::int AS years) AS y,
        LATERAL (VALUES (y.years), (y.years + 1)) AS candidate (n)
    WHERE (u.birthday + make_interval(years => n))::date >= %(since)s::date
    ORDER BY n LIMIT 1
) AS day
WHERE f.is_active AND day.due_date < %(until)s::date
    AND NOT EXISTS (
        SELECT FROM customers_ownership AS other
        JOIN customers_car AS first_car ON first_car.id = other.car_id AND first_car.status = 'active'
        WHERE other.customer_id = o.customer_id AND other.bond = 'owner' AND other.end_date IS NULL
            AND other.car_id < o.car_id
    )
    AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND (%(car_ids)s::bigint[] IS NULL OR f.car_id = ANY (%(car_ids)s::bigint[]))
