-- Visits of a period, and how many of them came with a booking for that day (SYS-13).
-- Takes first, last (days, exclusive), dealer_ids (null: all).
SELECT count(*) AS visits, count(*) FILTER (WHERE EXISTS (
    SELECT FROM appointments_booking AS b
    WHERE b.dealer_id = o.dealer_id AND b.car_id = o.car_id AND b.status = 'arrived'
        AND (b.starts_at AT TIME ZONE 'Asia/Shanghai')::date = (o.arrived_at AT TIME ZONE 'Asia/Shanghai')::date
)) AS booked
FROM workshop_serviceorder AS o
WHERE o.arrived_at >= %(first)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND o.arrived_at < %(last)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND (%(dealer_ids)s::bigint[] IS NULL OR o.dealer_id = ANY (%(dealer_ids)s::bigint[]))
