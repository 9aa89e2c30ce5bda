-- Give each call that nobody arranged yet the day on which the store's agents can make it: what can still be in time
-- first, by last safe day, then what is late already. A call stands in the queue at the latest on its last safe day,
-- full or not. What is ready today stays; so does what an agent or a manager arranged. Deterministic: the same again
-- moves nothing.
-- Takes capacities as JSON (dealer_id, calls a day), fresh (ids of tasks begun just now), apart (ids that keep their
-- day), as_of, dealer_ids (null: all). Gives id, dealer_id and day of the tasks that move.
WITH store AS (
    SELECT p.dealer_id, p.calls, s.previous_open FROM jsonb_to_recordset(%(capacities)s::jsonb) AS p (dealer_id bigint, calls int)
    JOIN reminders_storeprofile AS s USING (dealer_id)
), called AS (
    SELECT dealer_id, count(*) AS number FROM contacts_call
    WHERE direction = 'out' AND started_at >= %(as_of)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND started_at < (%(as_of)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
    GROUP BY dealer_id
), task AS (
    SELECT id, dealer_id, last_safe_day, source_id, (ready_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        id = ANY (%(fresh)s::bigint[]) OR source = 'reminders.case' AND attempts = 0 AND assigned_to_id IS NULL
            AND id <> ALL (%(apart)s::bigint[])
            AND ready_at >= (%(as_of)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS is_loose
    FROM worklist_calltask
    WHERE status = 'open' AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
), taken AS (
    SELECT dealer_id, day, sum(number) AS number
    FROM (
        SELECT dealer_id, greatest(day, %(as_of)s::date) AS day, count(*) AS number FROM task WHERE NOT is_loose GROUP BY 1, 2
        UNION ALL SELECT dealer_id, %(as_of)s::date, number FROM called
    ) AS load
    GROUP BY dealer_id, day
), loose AS (
    SELECT *, row_number() OVER (
            PARTITION BY dealer_id ORDER BY last_safe_day < %(as_of)s::date, last_safe_day, source_id) AS place,
        count(*) OVER (PARTITION BY dealer_id) AS number
    FROM task WHERE is_loose
), waiting AS (
    SELECT DISTINCT dealer_id, number FROM loose
), room AS (
    SELECT *, sum(free) OVER (PARTITION BY dealer_id ORDER BY day) AS upto, max(day) OVER (PARTITION BY dealer_id) AS last_day
    FROM (
        SELECT s.dealer_id, o.day, greatest(s.calls - coalesce(t.number, 0), 0) AS free
        FROM store AS s
        JOIN waiting USING (dealer_id)
        CROSS JOIN LATERAL ( -- today even when the store is closed: what nobody takes stands there on the next day
            SELECT %(as_of)s::date AS day UNION SELECT day FROM unnest(s.previous_open) AS p (day) WHERE day > %(as_of)s::date
        ) AS o
        LEFT JOIN taken AS t ON (t.dealer_id, t.day) = (s.dealer_id, o.day)
    ) AS opened
), slot AS (
    SELECT r.dealer_id, r.day, r.upto - r.free AS above, CASE WHEN r.day = r.last_day THEN w.number ELSE r.upto END AS upto
    FROM room AS r JOIN waiting AS w USING (dealer_id)
    WHERE r.upto - r.free < w.number AND (r.free > 0 OR r.day = r.last_day)
), planned AS (
    SELECT l.id, l.dealer_id, l.day AS before, CASE WHEN l.last_safe_day > %(as_of)s::date THEN least(s.day, l.last_safe_day)
        ELSE s.day END AS day
    FROM loose AS l
    JOIN slot AS s ON s.dealer_id = l.dealer_id AND l.place > s.above AND l.place <= s.upto
)
SELECT id, dealer_id, day FROM planned WHERE day <> before
