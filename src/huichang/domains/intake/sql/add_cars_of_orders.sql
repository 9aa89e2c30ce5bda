-- The store's file of those cars; their orders are marked. Takes run_id, dealer_id, now.
WITH newest AS (
    SELECT DISTINCT ON (s.data ->> 'vin') v.id AS vehicle_id, v.vin, coalesce(s.data ->> 'plate', '') AS plate
    FROM intake_stagedrow s JOIN vehicles_vehicle v ON v.vin = s.data ->> 'vin'
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome = '' AND s.car_id IS NULL
    ORDER BY s.data ->> 'vin', s.data ->> 'arrived_at' DESC
), added AS (
    INSERT INTO customers_car (
        dealer_id, vehicle_id, plate, plate_reversed, vin_reversed, status, usage, insurer, sales_advisor_name,
        remark, created_at)
    SELECT %(dealer_id)s::bigint, vehicle_id, plate, reverse(plate), reverse(vin), 'active', '', '', '', '', %(now)s::timestamptz
    FROM newest ORDER BY vehicle_id
    ON CONFLICT (dealer_id, vehicle_id) DO NOTHING
    RETURNING id, vehicle_id
)
UPDATE intake_stagedrow s
SET car_id = a.id,
    data = s.data || '{"car_from_order": true}',
    todos = coalesce(s.todos, '[]') || '[{"record": "car", "field": "name", "token": "", "index": "",
                                          "code": "owner_unknown", "params": {}}]'
FROM added a JOIN newest n USING (vehicle_id)
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome = '' AND s.data ->> 'vin' = n.vin
