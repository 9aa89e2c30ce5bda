-- Forget answers older than the store's policy allows.
-- dealer_id bigint, before timestamptz
DELETE FROM integrations_idempotencykey WHERE dealer_id = %(dealer_id)s AND created_at < %(before)s
