-- The first owner of a car owns it since the sale, a later one since the transfer. Takes run_id, dealer_id,
-- generation, as_of.
WITH added AS (
    INSERT INTO customers_ownership (dealer_id, car_id, customer_id, bond, start_date, end_date)
    SELECT %(dealer_id)s::bigint, s.car_id, s.customer_id, 'owner', b.start_date,
           CASE WHEN (s.data ->> 'sold')::boolean
               THEN greatest(coalesce((s.data ->> 'transfer_date')::date, %(as_of)s::date), b.start_date) END
    FROM intake_stagedrow s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN EXISTS (SELECT FROM customers_ownership f WHERE f.car_id = s.car_id AND f.bond = 'owner')
            THEN coalesce((s.data ->> 'transfer_date')::date, %(as_of)s::date)
            ELSE coalesce((s.data ->> 'sale_date')::date, (s.data ->> 'registration_date')::date,
                          (s.data ->> 'warranty_start')::date) END AS start_date
    ) b
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = '' AND s.generation = %(generation)s::smallint
      AND s.car_id IS NOT NULL AND s.customer_id IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM customers_ownership f
        WHERE f.car_id = s.car_id AND f.customer_id = s.customer_id AND f.bond = 'owner')
    RETURNING id, car_id, customer_id
)
UPDATE intake_stagedrow s SET is_changed = true, record_id = a.id
FROM added a
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.car_id = a.car_id AND s.customer_id = a.customer_id
