-- Put cleaned rows on their way. Takes run_id, dealer_id, sheet, kind and arrays of one length.
INSERT INTO intake_stagedrow (
    dealer_id, run_id, sheet, kind, "row", key, digest, data, todos, outcome, code, generation, is_new, is_changed)
SELECT %(dealer_id)s::bigint, %(run_id)s::bigint, %(sheet)s::smallint, %(kind)s::text, t."row", t.key, t.digest, t.data::jsonb, t.todos::jsonb,
       '', '', 1, false, false
FROM unnest(%(rows)s::int[], %(keys)s::text[], %(digests)s::text[], %(data)s::text[], %(todos)s::text[])
    AS t("row", key, digest, data, todos)
