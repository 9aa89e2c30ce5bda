-- Write what a month will bring, of one kind, into the plan of the stores that planned it (REM-16).
-- The kind's own SELECT stands for the marked lines (engine.py); since and until are the month.
-- Takes kind, month. Idempotent. Gives the number of lines written.
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, customer_id, key, due_date, why FROM reminders_due WHERE kind = %(kind)s AND false
    -- until here
), made AS (
    INSERT INTO reminders_planneddue (dealer_id, month_id, car_id, kind, key, due_date, is_late, added_on)
    SELECT s.dealer_id, m.id, s.car_id, %(kind)s, s.key, s.due_date, false, %(as_of)s
    FROM source AS s
    JOIN reminders_month AS m ON m.dealer_id = s.dealer_id AND m.month = %(month)s::date
    ON CONFLICT (month_id, car_id, kind, key) DO NOTHING
    RETURNING id
)
SELECT count(*) AS planned FROM made
