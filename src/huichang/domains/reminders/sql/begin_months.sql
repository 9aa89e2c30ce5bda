-- Begin the month of each store that has none yet; gives the stores whose month was begun.
-- Takes month, now, dealers (ids).
WITH made AS (
    INSERT INTO reminders_month (dealer_id, month, status, planned_at)
    SELECT id, %(month)s, 'planned', %(now)s FROM unnest(%(dealers)s::bigint[]) AS d (id)
    ON CONFLICT (dealer_id, month) DO NOTHING
    RETURNING id, dealer_id
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_month', id, '', 'planned', '',
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM made
)
SELECT dealer_id FROM made
