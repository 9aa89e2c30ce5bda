-- What became of the reasons due in a period, by kind. Takes first, last (exclusive), dealer_ids (null: all).
SELECT d.kind, count(*) AS opened, count(*) FILTER (WHERE d.messaged_on IS NOT NULL) AS messaged,
    count(*) FILTER (WHERE d.calls > 0 OR d.outcome_code <> '') AS called,
    count(*) FILTER (WHERE d.booking_id IS NOT NULL) AS booked,
    count(*) FILTER (WHERE d.close_cause IN ('returned', 'done')) AS returned,
    count(*) FILTER (WHERE d.close_cause IN ('refused', 'opted_out')) AS refused,
    count(*) FILTER (WHERE d.status = 'open') AS open
FROM reminders_due AS d
WHERE d.due_date >= %(first)s::date AND d.due_date < %(last)s::date
    AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
GROUP BY d.kind
ORDER BY d.kind
