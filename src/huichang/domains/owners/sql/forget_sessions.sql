-- Forget sessions that were ended or are over.
-- before timestamptz
DELETE FROM owners_ownersession WHERE expires_at <= %(before)s OR ended_at <= %(before)s
