-- A row with another customer than the present owner ends that ownership on the day of transfer (not included), and
-- so does a note that the car was sold. A row of a former owner says nothing new.
-- Takes run_id, generation, as_of.
WITH ended AS (
    UPDATE customers_ownership o
    SET end_date = greatest(
        coalesce((s.data ->> 'transfer_date')::date, %(as_of)s::date), coalesce(o.start_date, '-infinity'))
    FROM intake_stagedrow s
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = '' AND s.generation = %(generation)s::smallint
      AND o.car_id = s.car_id AND o.bond = 'owner' AND o.end_date IS NULL
      AND CASE WHEN o.customer_id = s.customer_id
          THEN (s.data ->> 'sold')::boolean
          ELSE NOT EXISTS (
              SELECT FROM customers_ownership f
              WHERE f.car_id = s.car_id AND f.customer_id = s.customer_id AND f.bond = 'owner')
          END
    RETURNING s.id
)
UPDATE intake_stagedrow s SET is_changed = true FROM ended e WHERE s.id = e.id
