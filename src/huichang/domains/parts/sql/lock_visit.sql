-- Let one transaction at a time change what is set aside for a visit. Taken before the parts are locked.
-- dealer_id bigint, reference text
SELECT pg_advisory_xact_lock(hashtextextended('parts:' || %(dealer_id)s::bigint || ':' || %(reference)s::text, 0))
