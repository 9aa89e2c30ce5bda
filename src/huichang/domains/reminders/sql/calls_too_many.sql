-- The open calls that the store's agents cannot make in time: called in the order of their last safe days, their turn
-- comes after it. Those late already are not counted, nor those the customer wants later.
-- Takes capacities as JSON (dealer_id, calls a day), as_of, dealer_ids (null: all). Gives ids, the most urgent first.
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
    SELECT t.id, t.dealer_id, t.last_safe_day,
        row_number() OVER (PARTITION BY t.dealer_id ORDER BY t.last_safe_day, t.id) + coalesce(c.number, 0) AS place
    FROM worklist_calltask AS t LEFT JOIN called AS c USING (dealer_id)
    WHERE t.status = 'open' AND t.last_safe_day >= %(as_of)s::date
        AND (t.ready_at AT TIME ZONE 'Asia/Shanghai')::date <= t.last_safe_day
        AND (%(dealer_ids)s::bigint[] IS NULL OR t.dealer_id = ANY (%(dealer_ids)s::bigint[]))
)
SELECT t.id
FROM task AS t
JOIN store AS s USING (dealer_id)
CROSS JOIN LATERAL (
    SELECT count(DISTINCT day) AS days FROM unnest(s.previous_open) AS p (day)
    WHERE day >= %(as_of)s::date AND day <= t.last_safe_day
) AS o
WHERE t.place > o.days * s.calls
ORDER BY t.last_safe_day, t.id
