-- Let one transaction at a time book on a day of a store: what a day can still take is counted, and a count is only
-- true while nobody else adds to it. Held until the transaction ends.
-- dealer_id bigint, day date
SELECT pg_advisory_xact_lock(hashtextextended('appointments:' || %(dealer_id)s::bigint || ':' || %(day)s::date, 0))
