-- One run at a time for a store: waits for another run of these stores. Takes dealer_ids.
SELECT pg_advisory_xact_lock(1919247220, id::int) FROM unnest(%(dealer_ids)s::bigint[]) AS s (id) ORDER BY id
