-- Note on each case the task that was made and the step it started. Takes parallel arrays cases, tasks, steps.
UPDATE reminders_case AS k
SET task_id = w.task_id, step = w.step
FROM unnest(%(cases)s::bigint[], %(tasks)s::bigint[], %(steps)s::text[]) AS w (id, task_id, step)
WHERE k.id = w.id AND (k.task_id, k.step) IS DISTINCT FROM (w.task_id, w.step)
