-- Cars of a month that is not frozen yet, as its census would place them now; a page by car.
-- month_entries.sql stands for the marked lines. Takes month, until, kinds, dealer_ids, bucket, cause, kind ('' each:
-- all), is_late (false: all), after (car id), size.
WITH source AS (
    -- the source's statement
    SELECT dealer_id, car_id, case_id, is_due, is_late, is_reminded, is_tracked, is_returned, kinds, due_date, bucket, cause
    FROM reminders_monthentry WHERE false
    -- until here
)
SELECT s.*
FROM source AS s
WHERE s.car_id > %(after)s
    AND (%(bucket)s = '' OR s.bucket = %(bucket)s)
    AND (%(cause)s = '' OR s.cause = %(cause)s)
    AND (%(kind)s = '' OR %(kind)s = ANY (string_to_array(s.kinds, ',')))
    AND (NOT %(is_late)s OR s.is_late)
ORDER BY s.car_id
LIMIT %(size)s
