-- Forget codes that were used or can no longer be entered.
-- before timestamptz
DELETE FROM owners_ownercode WHERE expires_at <= %(before)s OR used_at <= %(before)s
