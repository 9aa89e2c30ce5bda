-- Active cars by how long nobody saw them: lost (SYS-19) by length, at risk while their reason is open, the others.
-- Takes stores as JSON (dealer_id, lapsed_months), as_of, dealer_ids (null: all).
-- Gives series, state (kept, risk, lost, lost6: half a year longer, lost12: a year longer and more), cars.
SELECT v.series, CASE
        WHEN s.lost_on IS NULL OR s.lost_on > %(as_of)s::date THEN CASE WHEN EXISTS (
            SELECT FROM reminders_due AS d WHERE d.dealer_id = f.dealer_id AND d.car_id = f.car_id AND d.kind = 'at_risk'
                AND d.status = 'open'
        ) THEN 'risk' ELSE 'kept' END
        WHEN s.lost_on > %(as_of)s::date - interval '6 months' THEN 'lost'
        WHEN s.lost_on > %(as_of)s::date - interval '12 months' THEN 'lost6' ELSE 'lost12' END AS state,
    count(*) AS cars
FROM reminders_carforecast AS f
JOIN jsonb_to_recordset(%(stores)s::jsonb) AS p (dealer_id bigint, lapsed_months int) USING (dealer_id)
JOIN customers_car AS c ON c.id = f.car_id
JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
CROSS JOIN LATERAL (SELECT (f.lapse_base_date + make_interval(months => p.lapsed_months))::date AS lost_on) AS s
WHERE f.is_active AND (%(dealer_ids)s::bigint[] IS NULL OR f.dealer_id = ANY (%(dealer_ids)s::bigint[]))
GROUP BY 1, 2
ORDER BY 1, 2
