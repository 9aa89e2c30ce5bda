-- Open booked cases again in which no open reason has a promised visit any more: the others are still to be called about.
-- Takes now, dealer_ids (null: all).
WITH resumed AS (
    UPDATE reminders_case AS k
    SET status = 'open', booking_id = NULL
    WHERE k.status = 'booked'
        AND (%(dealer_ids)s::bigint[] IS NULL OR k.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND NOT EXISTS (
            SELECT FROM reminders_due AS d
            JOIN appointments_booking AS b ON b.id = d.booking_id AND b.status IN ('tentative', 'prepared', 'confirmed')
            WHERE d.case_id = k.id AND d.status = 'open'
        )
    RETURNING k.id, k.dealer_id
)
INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
SELECT dealer_id, 'reminders_case', id, 'booked', 'open', '',
    coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
FROM resumed
