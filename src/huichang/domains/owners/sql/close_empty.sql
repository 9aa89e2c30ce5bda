-- Close and erase accounts that have had no car since `before`: nothing is kept of people who use nothing.
-- before timestamptz, now timestamptz
WITH empty AS (
    UPDATE owners_owneraccount AS a
    SET mobile = '', mobile_index = '', openid = '', openid_index = '', closed_at = %(now)s
    WHERE a.closed_at IS NULL AND a.created_at < %(before)s AND NOT EXISTS (
        SELECT FROM owners_ownerbinding AS b
        WHERE b.account_id = a.id AND (b.ended_at IS NULL OR b.ended_at >= %(before)s)
    )
    RETURNING a.id
)
UPDATE owners_ownersession AS s
SET ended_at = %(now)s
FROM empty
WHERE s.account_id = empty.id AND s.ended_at IS NULL
