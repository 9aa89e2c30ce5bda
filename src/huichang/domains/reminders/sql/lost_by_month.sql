-- Month by month: cars that became lost, those of them (of whatever month) that were called and those that came back.
-- Takes first, last (exclusive), dealer_ids (null: all). Gives month, lost, called, returned.
WITH due AS (
    SELECT * FROM reminders_due
    WHERE kind = 'lapsed' AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
), month AS (
    SELECT m::date AS month, (m + interval '1 month')::date AS after
    FROM generate_series(%(first)s::date::timestamp, %(last)s::date::timestamp - interval '1 day', '1 month') AS m
)
SELECT m.month,
    (SELECT count(*) FROM due WHERE due_date >= m.month AND due_date < m.after) AS lost,
    (SELECT count(*) FROM due WHERE due_date >= m.month AND due_date < m.after AND calls > 0) AS called,
    (SELECT count(*) FROM due WHERE close_cause = 'returned' AND closed_on >= m.month AND closed_on < m.after) AS returned
FROM month AS m
ORDER BY m.month DESC
