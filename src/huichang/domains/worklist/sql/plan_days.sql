-- Let open tasks stand in the queue from another moment on. Takes parallel arrays tasks (ids) and ready.
UPDATE worklist_calltask AS task
SET ready_at = w.ready_at
FROM unnest(%(tasks)s::bigint[], %(ready)s::timestamptz[]) AS w (id, ready_at)
WHERE task.id = w.id AND task.status = 'open' AND task.ready_at <> w.ready_at
