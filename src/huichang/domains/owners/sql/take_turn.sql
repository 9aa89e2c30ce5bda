-- Let one transaction at a time count and write the tries of a mobile; released at its end.
-- key text
SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 7))
