-- The sums of a month that is not frozen yet, as freeze_month.sql would write them now.
-- month_entries.sql stands for the marked lines. Takes month, until, kinds, dealer_ids.
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, kinds, bucket, cause, is_late FROM reminders_monthentry WHERE false
    -- until here
)
SELECT dealer_id, '' AS kind, bucket, cause, count(*) AS cars, count(*) FILTER (WHERE is_late) AS late
FROM source GROUP BY dealer_id, bucket, cause
UNION ALL
SELECT dealer_id, kind, bucket, cause, count(*), count(*) FILTER (WHERE is_late)
FROM source CROSS JOIN LATERAL unnest(string_to_array(kinds, ',')) AS k (kind)
GROUP BY dealer_id, kind, bucket, cause
