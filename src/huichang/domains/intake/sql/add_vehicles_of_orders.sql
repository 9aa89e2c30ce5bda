-- Orders of cars nobody told us about: the car begins with what the newest order says. Takes run_id.
INSERT INTO vehicles_vehicle (vin, make, series, model_name, color, engine_number)
SELECT DISTINCT ON (r.vin) r.vin, coalesce(r.make, ''), coalesce(r.series, ''), coalesce(r.model, ''), '', ''
FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(vin text, make text, series text, model text, arrived_at text)
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND s.outcome = '' AND s.car_id IS NULL AND r.vin IS NOT NULL
ORDER BY r.vin, r.arrived_at DESC
ON CONFLICT (vin) DO NOTHING
