-- People and companies by their number, from the last row that names them. The encrypted identity number is
-- compared by its index. Takes run_id, dealer_id, now.
WITH latest AS (
    SELECT DISTINCT ON (r.number) s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        number text, customer_kind text, name text, pinyin text, initials text, gender text, id_token text,
        id_index text, birthday date, address text, email text, has_wechat boolean)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = ''
    ORDER BY r.number, s.sheet DESC, s."row" DESC
), merged AS (
    INSERT INTO customers_customer AS c (
        dealer_id, number, kind, name, name_pinyin, name_initials, gender, id_number, id_number_index, birthday,
        address, email, has_wechat, preferred_time, remark, created_at)
    SELECT %(dealer_id)s::bigint, number, customer_kind, name, pinyin, initials, coalesce(gender, ''), id_token, id_index,
           birthday, coalesce(address, ''), coalesce(email, ''), coalesce(has_wechat, false), '', '', %(now)s::timestamptz
    FROM latest
    ORDER BY staged_id
    ON CONFLICT (dealer_id, number) DO UPDATE SET
        kind = excluded.kind,
        name = excluded.name,
        name_pinyin = excluded.name_pinyin,
        name_initials = excluded.name_initials,
        gender = coalesce(nullif(excluded.gender, ''), c.gender),
        id_number = CASE WHEN excluded.id_number_index IN ('', c.id_number_index)
            THEN c.id_number ELSE excluded.id_number END,
        id_number_index = coalesce(nullif(excluded.id_number_index, ''), c.id_number_index),
        birthday = coalesce(excluded.birthday, c.birthday),
        address = coalesce(nullif(excluded.address, ''), c.address),
        email = coalesce(nullif(excluded.email, ''), c.email),
        has_wechat = c.has_wechat OR excluded.has_wechat
    WHERE (c.kind, c.name, c.gender, c.id_number_index, c.birthday, c.address, c.email, c.has_wechat)
        IS DISTINCT FROM (
            excluded.kind, excluded.name, coalesce(nullif(excluded.gender, ''), c.gender),
            coalesce(nullif(excluded.id_number_index, ''), c.id_number_index),
            coalesce(excluded.birthday, c.birthday), coalesce(nullif(excluded.address, ''), c.address),
            coalesce(nullif(excluded.email, ''), c.email), c.has_wechat OR excluded.has_wechat)
    RETURNING c.number
)
UPDATE intake_stagedrow s SET is_changed = true
FROM latest l JOIN merged m USING (number)
WHERE s.id = l.staged_id
