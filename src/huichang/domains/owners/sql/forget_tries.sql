-- Forget tries older than any limit counts.
-- before timestamptz
DELETE FROM owners_ownertry WHERE at < %(before)s
