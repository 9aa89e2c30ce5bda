-- The store's file of each car, from the row of its last owner. The first row of a new file counts as created.
-- Takes run_id, dealer_id, now.
WITH latest AS (
    SELECT DISTINCT ON (s.key) s.id AS staged_id, v.id AS vehicle_id, r.*
    FROM intake_stagedrow s
    JOIN vehicles_vehicle v ON v.vin = s.key
    CROSS JOIN jsonb_to_record(s.data) AS r(
        vin text, plate text, usage text, insurer text, compulsory_end date, commercial_end date,
        inspection_due date, sales_advisor text, remark text)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = ''
    ORDER BY s.key, s.generation DESC
), merged AS (
    INSERT INTO customers_car AS c (
        dealer_id, vehicle_id, plate, plate_reversed, vin_reversed, status, usage, insurer,
        compulsory_insurance_end_date, commercial_insurance_end_date, inspection_due_date, sales_advisor_name,
        remark, created_at)
    SELECT %(dealer_id)s::bigint, vehicle_id, coalesce(plate, ''), reverse(coalesce(plate, '')), reverse(vin), 'active',
           coalesce(usage, ''), coalesce(insurer, ''), compulsory_end, commercial_end, inspection_due,
           coalesce(sales_advisor, ''), coalesce(remark, ''), %(now)s::timestamptz
    FROM latest
    ORDER BY vehicle_id
    ON CONFLICT (dealer_id, vehicle_id) DO UPDATE SET
        plate = coalesce(nullif(excluded.plate, ''), c.plate),
        plate_reversed = reverse(coalesce(nullif(excluded.plate, ''), c.plate)),
        usage = coalesce(nullif(excluded.usage, ''), c.usage),
        insurer = coalesce(nullif(excluded.insurer, ''), c.insurer),
        compulsory_insurance_end_date =
            coalesce(excluded.compulsory_insurance_end_date, c.compulsory_insurance_end_date),
        commercial_insurance_end_date =
            coalesce(excluded.commercial_insurance_end_date, c.commercial_insurance_end_date),
        inspection_due_date = coalesce(excluded.inspection_due_date, c.inspection_due_date),
        sales_advisor_name = coalesce(nullif(excluded.sales_advisor_name, ''), c.sales_advisor_name),
        remark = coalesce(nullif(excluded.remark, ''), c.remark)
    WHERE (c.plate, c.usage, c.insurer, c.compulsory_insurance_end_date, c.commercial_insurance_end_date,
           c.inspection_due_date, c.sales_advisor_name, c.remark)
        IS DISTINCT FROM (
           coalesce(nullif(excluded.plate, ''), c.plate), coalesce(nullif(excluded.usage, ''), c.usage),
           coalesce(nullif(excluded.insurer, ''), c.insurer),
           coalesce(excluded.compulsory_insurance_end_date, c.compulsory_insurance_end_date),
           coalesce(excluded.commercial_insurance_end_date, c.commercial_insurance_end_date),
           coalesce(excluded.inspection_due_date, c.inspection_due_date),
           coalesce(nullif(excluded.sales_advisor_name, ''), c.sales_advisor_name),
           coalesce(nullif(excluded.remark, ''), c.remark))
    RETURNING c.vehicle_id, c.xmax = 0 AS added
)
UPDATE intake_stagedrow s
SET is_new = s.is_new OR (m.added AND s.generation = 1),
    is_changed = s.is_changed OR s.id = l.staged_id
FROM latest l JOIN merged m USING (vehicle_id)
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'customers' AND s.outcome = '' AND s.key = l.vin
