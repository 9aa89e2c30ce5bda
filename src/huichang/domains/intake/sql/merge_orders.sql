-- Closed visits by their number, as recorded: a total that does not add up is flagged, never changed.
-- Takes run_id, dealer_id, zone.
WITH told AS (
    SELECT s.id AS staged_id, s.car_id, r.*,
           array_remove(ARRAY[
               CASE WHEN r.total_off THEN 'total_off' END,
               CASE WHEN r.car_from_order THEN 'car_from_order' END], NULL)::varchar[] AS marks
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        number text, arrived_at timestamp, left_at timestamp, mileage integer, business_type text, advisor text,
        technician text, labour_amount numeric, parts_amount numeric, discount_amount numeric, paid_amount numeric,
        payment_method text, total_off boolean, car_from_order boolean)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome = ''
), merged AS (
    INSERT INTO workshop_serviceorder AS o (
        dealer_id, number, car_id, status, arrived_at, left_at, km, business_type, advisor_name, technician_name,
        labour_amount, parts_amount, discount_amount, paid_amount, payment_method, flags)
    SELECT %(dealer_id)s::bigint, number, car_id, 'closed', arrived_at AT TIME ZONE %(zone)s::text, left_at AT TIME ZONE %(zone)s::text,
           mileage, coalesce(business_type, ''), coalesce(advisor, ''), coalesce(technician, ''), labour_amount,
           parts_amount, discount_amount, paid_amount, coalesce(payment_method, ''), marks
    FROM told
    ORDER BY staged_id
    ON CONFLICT (dealer_id, number) DO UPDATE SET
        arrived_at = excluded.arrived_at,
        left_at = coalesce(excluded.left_at, o.left_at),
        km = coalesce(excluded.km, o.km),
        business_type = coalesce(nullif(excluded.business_type, ''), o.business_type),
        advisor_name = coalesce(nullif(excluded.advisor_name, ''), o.advisor_name),
        technician_name = coalesce(nullif(excluded.technician_name, ''), o.technician_name),
        labour_amount = excluded.labour_amount,
        parts_amount = excluded.parts_amount,
        discount_amount = excluded.discount_amount,
        paid_amount = excluded.paid_amount,
        payment_method = coalesce(nullif(excluded.payment_method, ''), o.payment_method),
        flags = array_remove(o.flags, 'total_off') || array_remove(excluded.flags, 'car_from_order')
    WHERE (o.arrived_at, o.left_at, o.km, o.business_type, o.advisor_name, o.technician_name, o.labour_amount,
           o.parts_amount, o.discount_amount, o.paid_amount, o.payment_method, 'total_off' = ANY (o.flags))
        IS DISTINCT FROM (
           excluded.arrived_at, coalesce(excluded.left_at, o.left_at), coalesce(excluded.km, o.km),
           coalesce(nullif(excluded.business_type, ''), o.business_type),
           coalesce(nullif(excluded.advisor_name, ''), o.advisor_name),
           coalesce(nullif(excluded.technician_name, ''), o.technician_name),
           excluded.labour_amount, excluded.parts_amount, excluded.discount_amount, excluded.paid_amount,
           coalesce(nullif(excluded.payment_method, ''), o.payment_method), 'total_off' = ANY (excluded.flags))
    RETURNING o.number, o.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (number)
WHERE s.id = t.staged_id
