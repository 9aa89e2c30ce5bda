-- Rows of one run that are the same record: equal ones are merged into the first, different ones are refused,
-- because nothing says which is right. A car listed with several customers is no duplicate: it changed hands.
-- Takes run_id.
UPDATE intake_stagedrow s
SET outcome = CASE WHEN d.same > 1 THEN 'merged' ELSE 'refused' END,
    code = CASE WHEN d.same > 1 THEN '' WHEN d.two_cars THEN 'order_of_two_cars' ELSE 'same_key_differs' END,
    params = CASE WHEN d.same = 1
        THEN jsonb_build_object('row', d.first_row, 'value', s.key, 'field',
            CASE s.kind WHEN 'customers' THEN 'vin' WHEN 'bays' THEN 'name' WHEN 'staff' THEN 'name'
                        WHEN 'schedules' THEN 'series' WHEN 'labour' THEN 'code' WHEN 'parts' THEN 'code'
                        WHEN 'findings' THEN 'text' ELSE 'number' END)
        END
FROM (
    SELECT id,
           row_number() OVER (PARTITION BY kind, record, digest ORDER BY sheet, "row") AS same,
           row_number() OVER (PARTITION BY kind, record ORDER BY sheet, "row") AS nth,
           first_value("row") OVER (PARTITION BY kind, record ORDER BY sheet, "row") AS first_row,
           kind = 'orders'
               AND data ->> 'vin' <> first_value(data ->> 'vin')
                   OVER (PARTITION BY kind, record ORDER BY sheet, "row") AS two_cars
    FROM (
        SELECT *, CASE kind WHEN 'customers' THEN key || '|' || (data ->> 'number') ELSE key END AS record
        FROM intake_stagedrow
        WHERE run_id = %(run_id)s::bigint AND key <> '' AND outcome = ''
    ) r
) d
WHERE s.id = d.id AND (d.same > 1 OR d.nth > 1)
