-- What is not there yet moves on with the days: an order that is overdue comes tomorrow at best, a need that nobody has
-- ordered comes a usual time from today.
-- dealer_id bigint, today date, buffer int → the reservations moved
WITH latest AS (
    SELECT waiting.id, %(buffer)s::int + CASE
        WHEN waiting.status = 'short' THEN %(today)s::date + coalesce(part.learned_high_days, part.lead_days)
        WHEN line.expected_date >= %(today)s::date THEN line.expected_date
        ELSE %(today)s::date + 1 END AS promised
    FROM parts_reservation waiting
    JOIN parts_part part ON part.id = waiting.part_id
    LEFT JOIN parts_purchaseline line ON line.id = waiting.purchase_line_id
    WHERE waiting.dealer_id = %(dealer_id)s AND waiting.status IN ('short', 'ordered')
)
UPDATE parts_reservation waiting SET promised_date = latest.promised
FROM latest
WHERE waiting.id = latest.id AND waiting.promised_date IS DISTINCT FROM latest.promised
