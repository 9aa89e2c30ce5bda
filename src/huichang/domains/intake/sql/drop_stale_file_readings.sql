-- A file's undated mileage was dated with its export; the visit it came from has now been imported and dates it
-- better. Takes run_id, dealer_id.
DELETE FROM vehicles_odometerreading r
USING intake_stagedrow s, customers_car c
WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'orders' AND c.id = s.car_id
  AND r.dealer_id = %(dealer_id)s::bigint AND r.vehicle_id = c.vehicle_id AND r.source = 'file'
  AND EXISTS (
    SELECT FROM vehicles_odometerreading v
    WHERE v.dealer_id = %(dealer_id)s::bigint AND v.vehicle_id = r.vehicle_id AND v.source = 'visit'
      AND v.status IN ('accepted', 'confirmed') AND v.km >= r.km AND v.read_on <= r.read_on)
