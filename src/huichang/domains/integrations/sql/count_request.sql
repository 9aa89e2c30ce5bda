-- Count one request of a token in its minute; a new minute begins at 1 again.
-- dealer_id bigint, token_id bigint, now timestamptz → requests of this minute
INSERT INTO integrations_apiusage AS usage (dealer_id, token_id, minute, requests, last_used_at)
VALUES (%(dealer_id)s, %(token_id)s, date_trunc('minute', %(now)s::timestamptz), 1, %(now)s)
ON CONFLICT (token_id) DO UPDATE SET
    requests = CASE WHEN usage.minute = excluded.minute THEN usage.requests + 1 ELSE 1 END,
    minute = excluded.minute,
    last_used_at = excluded.last_used_at
RETURNING requests
