-- How many a kind finds between since and until. The kind's own SELECT stands for the marked lines (engine.py).
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, customer_id, key, due_date, why FROM reminders_due WHERE false
    -- until here
)
SELECT count(*) AS number FROM source
