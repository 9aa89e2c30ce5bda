-- Close the reasons that any visit settles, for cars that were in since the reason arose.
-- Takes kinds (codes), as_of, now, dealer_ids, car_ids (null: all). Gives the number closed per kind.
WITH closed AS (
    UPDATE reminders_due AS d
    SET status = 'closed', close_cause = 'returned', closed_on = %(as_of)s
    FROM reminders_carforecast AS f
    WHERE f.car_id = d.car_id AND d.status = 'open' AND d.kind = ANY (%(kinds)s::text[])
        AND f.last_visit_date >= d.created_on
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (%(car_ids)s::bigint[] IS NULL OR d.car_id = ANY (%(car_ids)s::bigint[]))
    RETURNING d.id, d.dealer_id, d.kind
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_due', id, 'open', 'closed', 'returned',
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM closed
)
SELECT kind, count(*) AS closed FROM closed GROUP BY kind
