-- Open done call tasks again for another call, with the status change of each.
-- Takes parallel arrays (sources, cars, steps, ready, safe), the source's name and now.
WITH opened AS (
    UPDATE worklist_calltask AS task
    SET status = 'open', step = w.step, ready_at = w.ready_at, last_safe_day = w.last_safe_day, car_id = w.car_id,
        attempts = 0, claimed_by_id = NULL, claimed_until = NULL
    FROM unnest(
        %(sources)s::bigint[], %(cars)s::bigint[], %(steps)s::text[], %(ready)s::timestamptz[], %(safe)s::date[]
    ) AS w (source_id, car_id, step, ready_at, last_safe_day)
    WHERE task.source = %(source)s AND task.source_id = w.source_id AND task.status = 'done'
    RETURNING task.id, task.dealer_id
)
INSERT INTO kernel_statuschange
    (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
SELECT dealer_id, 'worklist_calltask', id, 'done', 'open', '',
    nullif(current_setting('huichang.actor_id', true), '')::bigint,
    coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
FROM opened
