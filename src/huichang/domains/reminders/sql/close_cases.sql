-- Close the cases in which no reason is open any more; the last reason's cause is the case's.
-- A case that lost its reasons to another person (a new owner) says so. Takes as_of, now, dealer_ids (null: all).
-- Gives the ids closed.
WITH ended AS (
    SELECT k.id, k.dealer_id, k.status, coalesce(last_one.close_cause, 'new_owner') AS cause
    FROM reminders_case AS k
    LEFT JOIN LATERAL (
        SELECT d.close_cause FROM reminders_due AS d
        WHERE d.case_id = k.id AND d.status = 'closed'
        ORDER BY d.closed_on DESC NULLS LAST, d.close_cause = 'returned' DESC, d.id DESC LIMIT 1
    ) AS last_one ON true
    WHERE k.status IN ('open', 'booked')
        AND (%(dealer_ids)s::bigint[] IS NULL OR k.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND NOT EXISTS (SELECT FROM reminders_due AS d WHERE d.case_id = k.id AND d.status = 'open')
), closed AS (
    UPDATE reminders_case AS k
    SET status = CASE WHEN e.cause = 'returned' THEN 'returned' ELSE 'closed' END, close_cause = e.cause,
        closed_on = %(as_of)s
    FROM ended AS e
    WHERE k.id = e.id
    RETURNING k.id, k.dealer_id, e.status AS before, k.status AS after, e.cause
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_case', id, before, after, cause,
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM closed
)
SELECT id FROM closed
