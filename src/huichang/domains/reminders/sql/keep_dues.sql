-- Keep the dues of one kind: make the new, move what moved, close what the facts settled (ADR 0010).
-- The kind's own SELECT stands for the marked lines (engine.py). Idempotent by (dealer, car, kind, key).
-- Takes kind, is_many, closed_by, as_of, now, dealer_ids, car_ids, steps (the kind's policies per store).
WITH store AS MATERIALIZED (
    SELECT p.*, s.first_day, s.previous_open || '{}'::date[] AS opens, -- detoasted once, not once a row
        CASE p.needs WHEN '' THEN 0 ELSE p.preparation_days + coalesce(CASE p.needs WHEN 'service' THEN s.service_lead_days
            WHEN 'first_service' THEN s.first_service_lead_days ELSE s.repair_lead_days END, p.lead_days) END AS ahead
    FROM jsonb_to_recordset(%(steps)s::jsonb) AS p (dealer_id bigint, message int, call int, second int, passed int,
        within int, horizon int, lead_days int, preparation_days int, same_days int, reopen_days int, needs text)
    JOIN reminders_storeprofile AS s USING (dealer_id)
), source AS (
    -- the source's statement
    SELECT dealer_id, car_id, customer_id, key, due_date, why FROM reminders_due WHERE kind = %(kind)s AND false
    -- until here
), wanted AS (
    SELECT w.*, p.same_days FROM source AS w JOIN store AS p USING (dealer_id)
    WHERE w.due_date >= %(as_of)s::date - p.passed AND w.due_date < %(as_of)s::date + p.horizon
), held AS (
    SELECT id, dealer_id, car_id, customer_id, key, due_date, booking_id FROM reminders_due
    WHERE kind = %(kind)s AND status = 'open'
        AND (%(dealer_ids)s::bigint[] IS NULL OR dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND (%(car_ids)s::bigint[] IS NULL OR car_id = ANY (%(car_ids)s::bigint[]))
), pair AS MATERIALIZED (
    SELECT w.*, h.id AS held_id, h.dealer_id AS held_dealer, h.car_id AS held_car, h.booking_id AS held_booking,
        w.key = h.key OR %(closed_by)s = 'nothing' AND abs(w.due_date - h.due_date) <= w.same_days AS is_same
    FROM wanted AS w FULL JOIN held AS h ON h.car_id = w.car_id
        AND CASE WHEN %(is_many)s THEN h.key ELSE '' END = CASE WHEN %(is_many)s THEN w.key ELSE '' END
    WHERE h.id IS NULL OR w.car_id IS NULL
        OR h.due_date <> w.due_date OR h.customer_id IS DISTINCT FROM w.customer_id
), dated AS MATERIALIZED (
    SELECT w.*, o.id AS former_id, w.due_date - p.message AS message_date, safe.day AS last_safe_day,
        CASE WHEN p.call IS NOT NULL THEN least(safe.day, -- a kind without a call is a message only
            coalesce(p.opens[w.due_date - p.call - p.first_day + 1], w.due_date - p.call)) END AS call_date,
        CASE WHEN p.call IS NOT NULL THEN greatest(w.due_date - p.call, coalesce(
            p.opens[w.due_date - p.second - p.first_day + 1], w.due_date - p.second, safe.day)) END AS second_call_date
    FROM pair AS w JOIN store AS p USING (dealer_id)
    LEFT JOIN reminders_due AS o ON (o.dealer_id, o.car_id, o.kind, o.key) = (w.dealer_id, w.car_id, %(kind)s, w.key)
        AND o.id IS DISTINCT FROM w.held_id
    CROSS JOIN LATERAL (SELECT CASE WHEN w.due_date - p.ahead >= %(as_of)s::date THEN w.due_date - p.ahead
        ELSE %(as_of)s::date + p.within END AS day) AS last_one
    CROSS JOIN LATERAL (SELECT coalesce(p.opens[last_one.day - p.first_day + 1], last_one.day) AS day) AS safe
    WHERE o.id IS NULL OR o.status = 'closed' AND (o.close_cause IN ('not_due', 'sold_on', 'moved_away')
        -- a new owner is asked anew; one who came without having it done is asked again after a while
        OR o.customer_id IS DISTINCT FROM w.customer_id OR %(closed_by)s = 'service' AND o.close_cause = 'returned'
            AND o.closed_on + p.reopen_days <= %(as_of)s::date)
), moved AS (
    UPDATE reminders_due AS d
    SET key = w.key, due_date = w.due_date, why = w.why, customer_id = w.customer_id, message_date = w.message_date,
        last_safe_day = w.last_safe_day, call_date = w.call_date, second_call_date = w.second_call_date,
        -- another person is asked anew, and never hears what the former owner said
        (case_id, booking_id, calls, outcome_code, messaged_on) = (SELECT kept.case_id, booking_id, calls, outcome_code, messaged_on
            FROM (VALUES (true, d.case_id, d.booking_id, d.calls, d.outcome_code, d.messaged_on), (false, NULL, NULL, 0, '', NULL))
            AS kept (same, case_id, booking_id, calls, outcome_code, messaged_on) WHERE same = coalesce(d.customer_id = w.customer_id, false))
    FROM dated AS w WHERE d.id = w.held_id AND w.is_same AND w.former_id IS NULL RETURNING d.id
), closed AS (
    UPDATE reminders_due AS d SET status = 'closed', closed_on = %(as_of)s, close_cause = CASE WHEN c.status <> 'active' THEN c.status
        WHEN p.horizon <= 0 THEN 'not_due' WHEN %(closed_by)s <> 'nothing' AND f.last_visit_date >= d.created_on THEN 'returned'
        WHEN d.due_date < %(as_of)s::date - p.passed THEN 'passed' WHEN %(closed_by)s = 'nothing' THEN 'done' ELSE 'not_due' END
    FROM pair AS w JOIN customers_car AS c ON c.id = w.held_car LEFT JOIN reminders_carforecast AS f ON f.car_id = c.id
        JOIN store AS p ON p.dealer_id = w.held_dealer LEFT JOIN appointments_booking AS b -- a promised visit keeps it
            ON b.id = w.held_booking AND b.status IN ('tentative', 'prepared', 'confirmed')
    WHERE d.id = w.held_id AND NOT coalesce(w.is_same, false)
        AND (w.key IS NOT NULL OR b.id IS NULL OR c.status <> 'active')
    RETURNING d.id, d.dealer_id, d.close_cause
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_due', id, 'open', 'closed', close_cause,
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s FROM closed
), made AS (
    INSERT INTO reminders_due AS d (dealer_id, car_id, customer_id, kind, key, due_date, message_date, call_date,
        second_call_date, last_safe_day, why, status, close_cause, outcome_code, calls, created_on)
    SELECT dealer_id, car_id, customer_id, %(kind)s, key, due_date, message_date, call_date, second_call_date,
        last_safe_day, why, 'open', '', '', 0, %(as_of)s FROM dated WHERE held_id IS NULL OR NOT is_same
    ON CONFLICT (dealer_id, car_id, kind, key) DO UPDATE SET (status, close_cause, closed_on, due_date, why, customer_id,
        message_date, call_date, second_call_date, last_safe_day, outcome_code, calls, messaged_on, case_id, booking_id, created_on)
        = ('open', '', NULL, excluded.due_date, excluded.why, excluded.customer_id, excluded.message_date, excluded.call_date,
        excluded.second_call_date, excluded.last_safe_day, '', 0, NULL, NULL, NULL, excluded.created_on)
    WHERE d.status = 'closed' RETURNING d.id
)
SELECT (SELECT count(*) FROM made) AS new, (SELECT count(*) FROM moved) AS moved, (SELECT count(*) FROM closed) AS closed
