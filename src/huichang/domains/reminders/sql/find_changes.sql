-- The cars for which keep_dues.sql would have something to do for a kind: a reading statement, so it may run in parallel
-- and builds no explanations. The kind's own SELECT stands for the marked lines (engine.py).
-- Takes kind, is_many, as_of, dealer_ids, car_ids, steps (JSON: dealer_id, passed, horizon).
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, customer_id, key, due_date, why FROM reminders_due WHERE kind = %(kind)s AND false
    -- until here
), wanted AS (
    SELECT w.car_id, w.key, w.due_date, w.customer_id
    FROM source AS w
    JOIN jsonb_to_recordset(%(steps)s::jsonb) AS p (dealer_id bigint, passed int, horizon int) USING (dealer_id)
    WHERE w.due_date >= %(as_of)s::date - p.passed AND w.due_date < %(as_of)s::date + p.horizon
), held AS (
    SELECT id, car_id, customer_id, key, due_date FROM reminders_due
    WHERE kind = %(kind)s AND status = 'open'
        AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (%(car_ids)s::bigint[] IS NULL OR car_id = ANY (%(car_ids)s::bigint[]))
)
SELECT array_agg(DISTINCT coalesce(w.car_id, h.car_id)) AS cars
FROM wanted AS w
FULL JOIN held AS h ON h.car_id = w.car_id
    AND CASE WHEN %(is_many)s THEN h.key ELSE '' END = CASE WHEN %(is_many)s THEN w.key ELSE '' END
WHERE h.id IS NULL OR w.car_id IS NULL
    OR h.due_date <> w.due_date OR h.customer_id IS DISTINCT FROM w.customer_id
