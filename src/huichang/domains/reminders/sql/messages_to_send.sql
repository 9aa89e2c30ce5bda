-- One message for each case (or birthday) whose message day has come and whose due date has not passed (REM-14).
-- Takes kinds as JSON (kind, template), as_of, dealer_ids (null: all). Gives the reason each message is about
-- (the earliest), its text, whether a complaint is open, and all reasons it settles.
WITH ready AS (
    SELECT d.*, coalesce('case:' || d.case_id, 'due:' || d.id) AS occasion, p.template
    FROM reminders_due AS d
    JOIN jsonb_to_recordset(%(kinds)s::jsonb) AS p (kind text, template text) USING (kind)
    WHERE d.status = 'open' AND d.messaged_on IS NULL AND d.customer_id IS NOT NULL AND p.template <> ''
        AND d.message_date <= %(as_of)s::date AND d.due_date >= %(as_of)s::date
        AND (%(dealer_ids)s::bigint[] IS NULL OR d.dealer_id = ANY (%(dealer_ids)s::bigint[]))
), chosen AS (
    SELECT DISTINCT ON (dealer_id, occasion) *, array_agg(id) OVER (PARTITION BY dealer_id, occasion) AS dues
    FROM ready
    ORDER BY dealer_id, occasion, due_date, id
)
SELECT r.dealer_id, r.customer_id, r.car_id, r.kind, r.dues, r.occasion || ':' || to_char(%(as_of)s::date, 'YYMMDD') AS key,
    EXISTS (
        SELECT FROM complaints_complaint AS x
        WHERE x.dealer_id = r.dealer_id AND x.status = 'open' AND (x.customer_id = r.customer_id OR x.car_id = r.car_id)
    ) AS has_complaint, to_char(r.due_date, 'FMMM"月"FMDD"日"') AS due_date,
    replace(replace(replace(replace(replace(replace(r.template,
        '{plate}', c.plate), '{series}', coalesce(nullif(v.series, ''), v.model_name)),
        '{due_date}', to_char(r.due_date, 'FMMM"月"FMDD"日"')), '{store}', s.name), '{name}', u.name),
        '{title}', CASE u.gender WHEN 'male' THEN '先生' WHEN 'female' THEN '女士' ELSE '' END) AS body
FROM chosen AS r
JOIN customers_car AS c ON c.id = r.car_id
JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
JOIN customers_customer AS u ON u.id = r.customer_id
JOIN dealers_dealer AS s ON s.id = r.dealer_id
