-- Keep each store's working days for the run. Takes parallel arrays dealers and calendars (JSON arrays of day
-- offsets from first_day: the last working day on or before each day), first_day, as_of. Writes what differs.
INSERT INTO reminders_storeprofile AS old (dealer_id, first_day, previous_open, computed_on)
SELECT w.dealer_id, %(first_day)s,
    ARRAY(SELECT %(first_day)s::date + offset_days::int
        FROM jsonb_array_elements_text(w.days::jsonb) WITH ORDINALITY AS e (offset_days, place) ORDER BY place),
    %(as_of)s
FROM unnest(%(dealers)s::bigint[], %(calendars)s::text[]) AS w (dealer_id, days)
ON CONFLICT (dealer_id) DO UPDATE
SET first_day = excluded.first_day, previous_open = excluded.previous_open, computed_on = excluded.computed_on
