-- What came due in a planned month without having been in its plan (REM-16: visible as late).
-- Takes as_of, dealer_ids (null: all). Only stores whose current month is planned and not frozen.
INSERT INTO reminders_planneddue (dealer_id, month_id, car_id, kind, key, due_date, is_late, added_on)
SELECT d.dealer_id, m.id, d.car_id, d.kind, d.key, d.due_date, true, %(as_of)s
FROM reminders_month AS m
JOIN reminders_due AS d ON d.dealer_id = m.dealer_id
    AND d.due_date >= m.month AND d.due_date < (m.month + interval '1 month')::date
WHERE m.month = date_trunc('month', %(as_of)s::date)::date AND m.status = 'planned'
    AND (%(dealer_ids)s::bigint[] IS NULL OR m.dealer_id = ANY (%(dealer_ids)s::bigint[]))
    AND NOT EXISTS (
        SELECT FROM reminders_planneddue AS p
        WHERE p.month_id = m.id AND p.car_id = d.car_id AND p.kind = d.kind
    )
ON CONFLICT (month_id, car_id, kind, key) DO NOTHING
