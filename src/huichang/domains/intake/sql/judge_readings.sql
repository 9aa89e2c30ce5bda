-- Readings of the run's cars that cannot be right: of two that contradict each other, the one that contradicts more
-- (or else the later one); a leap faster than a car can drive; a first one far below the car's own rate since its sale.
-- They are kept and asked about; what people confirmed or rejected stays.
-- Takes run_id, dealer_id, leap_km_per_day, leap_slack_km, first_share.
WITH cars AS (
    SELECT DISTINCT c.vehicle_id, v.sale_date FROM intake_stagedrow s
    JOIN customers_car c ON c.id = s.car_id JOIN vehicles_vehicle v ON v.id = c.vehicle_id
    WHERE s.run_id = %(run_id)s::bigint AND s.kind IN ('orders', 'customers') AND s.outcome <> 'refused'
), readings AS (
    SELECT r.id, r.vehicle_id, r.read_on, r.km, r.status, cars.sale_date FROM vehicles_odometerreading r
    JOIN cars USING (vehicle_id)
    WHERE r.dealer_id = %(dealer_id)s::bigint AND r.status <> 'rejected'
), clashes AS (
    SELECT a.id AS earlier, b.id AS later FROM readings a
    JOIN readings b ON b.vehicle_id = a.vehicle_id AND b.read_on > a.read_on AND b.km < a.km
), weight AS (
    SELECT id, count(*) AS clashes FROM (
        SELECT earlier AS id FROM clashes UNION ALL SELECT later FROM clashes) x GROUP BY id
), wrong AS (
    SELECT CASE WHEN e.clashes > l.clashes THEN c.earlier ELSE c.later END AS id,
           CASE WHEN e.clashes > l.clashes THEN 'leaps' ELSE 'rolls_back' END AS doubt
    FROM clashes c JOIN weight e ON e.id = c.earlier JOIN weight l ON l.id = c.later
), leaps AS (
    SELECT id FROM (
        SELECT id, km, read_on, lag(km) OVER w AS km_before, lag(read_on) OVER w AS day_before
        FROM readings WHERE id NOT IN (SELECT id FROM wrong)
        WINDOW w AS (PARTITION BY vehicle_id ORDER BY read_on, km)
    ) x
    WHERE km - km_before
        > %(leap_km_per_day)s::integer * greatest(read_on - day_before, 1) + %(leap_slack_km)s::integer
), firsts AS (
    SELECT *, row_number() OVER w AS nth, count(*) OVER v AS n, max(km) OVER v AS last_km,
           max(read_on) OVER v AS last_on, lead(km) OVER w AS km_after, lead(read_on) OVER w AS day_after
    FROM readings WHERE id NOT IN (SELECT id FROM wrong UNION ALL SELECT id FROM leaps)
    WINDOW v AS (PARTITION BY vehicle_id), w AS (PARTITION BY vehicle_id ORDER BY read_on, km)
), doubts AS (
    SELECT id, min(doubt) AS doubt FROM wrong GROUP BY id
    UNION ALL
    SELECT id, 'leaps' FROM leaps
    UNION ALL
    SELECT id, 'leaps' FROM firsts
    WHERE nth = 1 AND n >= 3 AND read_on - sale_date >= 15 AND last_on > day_after
      AND km::numeric / (read_on - sale_date) < %(first_share)s::numeric * (last_km - km_after) / (last_on - day_after)
)
UPDATE vehicles_odometerreading r SET status = 'suspect', doubt = d.doubt
FROM doubts d WHERE r.id = d.id AND r.status = 'accepted'
