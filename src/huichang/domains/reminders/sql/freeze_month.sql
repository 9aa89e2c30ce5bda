-- Write the census of a month and its sums, and freeze it. month_entries.sql stands for the marked lines.
-- Takes month, until, kinds, dealer_ids, now. Frozen months are left alone. Gives the number of entries.
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, case_id, is_due, is_late, is_reminded, is_tracked, is_returned, kinds, due_date, bucket, cause
    FROM reminders_monthentry WHERE false
    -- until here
), frozen AS (
    UPDATE reminders_month SET status = 'frozen', frozen_at = %(now)s
    WHERE month = %(month)s::date AND status = 'planned'
        AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
    RETURNING id, dealer_id
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_month', id, 'planned', 'frozen', '',
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM frozen
), entry AS (
    INSERT INTO reminders_monthentry (month_id, dealer_id, car_id, case_id, is_due, is_late, is_reminded, is_tracked,
        is_returned, kinds, due_date, bucket, cause)
    SELECT f.id, s.dealer_id, s.car_id, s.case_id, s.is_due, s.is_late, s.is_reminded, s.is_tracked, s.is_returned,
        s.kinds, s.due_date, s.bucket, s.cause
    FROM source AS s JOIN frozen AS f USING (dealer_id)
    RETURNING month_id, dealer_id, bucket, cause, kinds, is_late
), figure AS (
    INSERT INTO reminders_monthfigure (month_id, dealer_id, kind, bucket, cause, cars, late)
    SELECT month_id, dealer_id, '', bucket, cause, count(*), count(*) FILTER (WHERE is_late) FROM entry GROUP BY 1, 2, 4, 5
    UNION ALL
    SELECT month_id, dealer_id, kind, bucket, cause, count(*), count(*) FILTER (WHERE is_late)
    FROM entry CROSS JOIN LATERAL unnest(string_to_array(kinds, ',')) AS k (kind)
    GROUP BY 1, 2, 3, 4, 5
)
SELECT count(*) AS entries FROM entry
