-- Open done and cancelled call tasks again for another call, with the status change of each.
-- Takes parallel arrays (sources, cars, steps, ready, safe, people), the source's name and now.
WITH wanted AS (
    SELECT w.*, task.id, task.status AS before
    FROM unnest(
        %(sources)s::bigint[], %(cars)s::bigint[], %(steps)s::text[], %(ready)s::timestamptz[], %(safe)s::date[],
        %(people)s::bigint[]
    ) AS w (source_id, car_id, step, ready_at, last_safe_day, person_id)
    JOIN worklist_calltask AS task USING (source_id)
    WHERE task.source = %(source)s AND task.status IN ('done', 'cancelled')
), opened AS (
    UPDATE worklist_calltask AS task
    SET status = 'open', step = w.step, ready_at = w.ready_at, last_safe_day = w.last_safe_day, car_id = w.car_id,
        attempts = 0, assigned_to_id = coalesce(task.assigned_to_id, w.person_id), claimed_by_id = NULL, claimed_until = NULL
    FROM wanted AS w
    WHERE task.id = w.id AND task.status = w.before
    RETURNING task.id, task.dealer_id, w.before
)
INSERT INTO kernel_statuschange
    (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
SELECT dealer_id, 'worklist_calltask', id, before, 'open', '',
    nullif(current_setting('huichang.actor_id', true), '')::bigint,
    coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
FROM opened
