-- The rows that set some policies for a store by a day, those in force last coming last.
-- dealer_id bigint, is_regional boolean, keys text[], on date → level, place (store or region, 0 everybody), key, value
SELECT level, coalesce(dealer_id, region_id, 0) AS place, key, value
FROM dealers_policyvalue
WHERE key = ANY(%(keys)s::text[]) AND effective_date <= %(on)s::date
  AND (level = 'maker' OR dealer_id = %(dealer_id)s::bigint OR (level = 'region' AND %(is_regional)s::boolean))
ORDER BY effective_date, id
