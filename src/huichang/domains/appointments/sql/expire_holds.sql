-- End the holds whose time is over and give their bays and people back, with the status change of each.
-- dealer_id bigint, now timestamptz, start timestamptz, end timestamptz, actor_id bigint, actor_name text
--   (only holds whose work begins in [start, end)) → the status changes written
WITH over AS (
    SELECT id FROM appointments_booking
    WHERE dealer_id = %(dealer_id)s AND status = 'held' AND hold_until <= %(now)s
      AND starts_at >= %(start)s AND starts_at < %(end)s
    -- a hold that another transaction is just ending or booking is left to it
    FOR UPDATE SKIP LOCKED
), expired AS (
    UPDATE appointments_booking booking SET status = 'expired'
    FROM over WHERE booking.id = over.id
    RETURNING booking.id, booking.dealer_id
), freed AS (
    UPDATE appointments_bookingblock block SET is_active = false
    FROM expired WHERE block.booking_id = expired.id
)
INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
SELECT dealer_id, 'appointments_booking', id, 'held', 'expired', '', %(actor_id)s, %(actor_name)s, %(now)s
FROM expired
