-- Make the call tasks that are missing; bring open and unclaimed ones up to date.
-- Takes parallel arrays (dealers, customers, cars, sources, steps, ready, safe, people), the source's name and now.
-- Gives source_id and id of every task of these sources.
WITH wanted AS (
    SELECT *
    FROM unnest(
        %(dealers)s::bigint[], %(customers)s::bigint[], %(cars)s::bigint[], %(sources)s::bigint[],
        %(steps)s::text[], %(ready)s::timestamptz[], %(safe)s::date[], %(people)s::bigint[]
    ) AS w (dealer_id, customer_id, car_id, source_id, step, ready_at, last_safe_day, person_id)
), written AS (
    INSERT INTO worklist_calltask AS task (
        dealer_id, customer_id, car_id, source, source_id, step, subject, status, ready_at, last_safe_day,
        attempts, assigned_to_id, created_at
    )
    SELECT dealer_id, customer_id, car_id, %(source)s, source_id, step, '', 'open', ready_at, last_safe_day,
        0, person_id, %(now)s
    FROM wanted
    ON CONFLICT (dealer_id, source, source_id) DO UPDATE
    SET customer_id = excluded.customer_id, car_id = excluded.car_id, last_safe_day = excluded.last_safe_day,
        -- what an agent arranged with the customer (another step, another hour) stands
        step = CASE WHEN task.attempts = 0 THEN excluded.step ELSE task.step END,
        ready_at = CASE WHEN task.attempts = 0 THEN excluded.ready_at ELSE task.ready_at END
    WHERE task.status = 'open'
        AND (task.claimed_until IS NULL OR task.claimed_until <= %(now)s)
        AND (task.customer_id, task.car_id, task.last_safe_day, task.step, task.ready_at)
            IS DISTINCT FROM
            (excluded.customer_id, excluded.car_id, excluded.last_safe_day, excluded.step, excluded.ready_at)
    RETURNING task.source_id, task.id
)
SELECT source_id, id FROM written
UNION
SELECT task.source_id, task.id
FROM worklist_calltask AS task
JOIN wanted USING (dealer_id, source_id)
WHERE task.source = %(source)s
