-- How long customers waited from arrival to the start of the work, those with a booking against those without.
-- dealer_id bigint, start timestamptz, end timestamptz → walks_in, visits, median, p90, within_15 (visits that waited at
--   most 15 minutes), told (visits whose start somebody entered), minutes rounded to tenths. Arrival is when somebody
--   entered it; start is what was entered of the first work, else where the board has it.
WITH visits AS (
    SELECT booking.id, booking.source = 'walk_in' AS walks_in,
        (SELECT min(change.at) FROM kernel_statuschange change
         WHERE change.table_name = 'appointments_booking' AND change.row_id = booking.id AND change.after = 'arrived'
        ) AS arrived,
        (SELECT min(block.started_at) FROM appointments_bookingblock block
         WHERE block.booking_id = booking.id AND block.kind = 'work'
        ) AS begun,
        (SELECT min(block.starts_at) FROM appointments_bookingblock block
         WHERE block.booking_id = booking.id AND block.kind = 'work'
        ) AS planned
    FROM appointments_booking booking
    WHERE booking.dealer_id = %(dealer_id)s AND booking.status = 'arrived'
      AND booking.starts_at >= %(start)s AND booking.starts_at < %(end)s
), waits AS (
    SELECT walks_in, begun IS NOT NULL AS is_told,
        greatest(extract(epoch FROM coalesce(begun, planned) - arrived) / 60, 0) AS minutes
    FROM visits WHERE arrived IS NOT NULL AND coalesce(begun, planned) IS NOT NULL
)
SELECT walks_in, count(*) AS visits,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes)::numeric, 1) AS median,
    round(percentile_cont(0.9) WITHIN GROUP (ORDER BY minutes)::numeric, 1) AS p90,
    count(*) FILTER (WHERE minutes <= 15) AS within_15,
    count(*) FILTER (WHERE is_told) AS told
FROM waits GROUP BY walks_in
