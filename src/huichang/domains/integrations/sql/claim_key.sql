-- Take an idempotency key. While another transaction holds the same key this waits for its end: when that one
-- committed no row comes back (its answer stands), when it rolled back the key is ours.
-- dealer_id bigint, token_id bigint, key text, fingerprint text, now timestamptz → id
INSERT INTO integrations_idempotencykey (dealer_id, token_id, key, fingerprint, created_at)
VALUES (%(dealer_id)s, %(token_id)s, %(key)s, %(fingerprint)s, %(now)s)
ON CONFLICT (token_id, key) DO NOTHING
RETURNING id
