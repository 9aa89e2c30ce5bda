-- How the parts of visits stand, the worst of each: late, short, ordered, ready, drawn; and the day the last comes.
-- dealer_id bigint, references text[] → reference, state, eta, parts
SELECT reference,
    CASE WHEN bool_or(status IN ('short', 'ordered') AND promised_date > need_date) THEN 'late'
        WHEN bool_or(status = 'short') THEN 'short'
        WHEN bool_or(status = 'ordered') THEN 'ordered'
        WHEN bool_or(status = 'reserved') THEN 'ready'
        ELSE 'drawn' END AS state,
    max(promised_date) FILTER (WHERE status IN ('short', 'ordered')) AS eta,
    count(DISTINCT part_id) AS parts
FROM parts_reservation
WHERE dealer_id = %(dealer_id)s AND reference = ANY (%(references)s::text[])
    AND status IN ('short', 'ordered', 'reserved', 'drawn', 'issued')
GROUP BY reference
