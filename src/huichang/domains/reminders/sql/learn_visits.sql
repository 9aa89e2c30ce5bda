-- How long until a store's cars come back: regression of the days to the next visit (ADR 0011).
-- Ridge towards the rule itself (constant 0, rule 1, own 0), so that a store without history follows its schedule.
-- Takes dealer_ids (null: every store in scope), as_of and stores (dealer_id, service_words, first_months,
-- service_months, service_km). Replaces the store's rows.
WITH store AS (
    SELECT * FROM jsonb_to_recordset(%(stores)s::jsonb)
        AS p (dealer_id bigint, service_words text, first_months int, service_months int, service_km int)
), visit AS (
    SELECT
        o.dealer_id, o.car_id, (o.arrived_at AT TIME ZONE 'Asia/Shanghai')::date AS day, max(o.km) AS km,
        CASE WHEN bool_or(o.business_type ~* p.service_words) THEN 'service' ELSE 'other' END AS base
    FROM workshop_serviceorder AS o
    JOIN store AS p USING (dealer_id)
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR o.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND o.arrived_at < %(as_of)s::date + 1
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT c.dealer_id, c.id, v.sale_date, 0, 'sale'
    FROM customers_car AS c
    JOIN vehicles_vehicle AS v ON v.id = c.vehicle_id
    WHERE (%(dealer_ids)s::bigint[] IS NULL OR c.dealer_id = ANY (%(dealer_ids)s::bigint[]))
        AND v.sale_date IS NOT NULL
), step AS (
    SELECT
        t.*, lead(day) OVER car - day AS gap, first_value(day) OVER car AS first_day, row_number() OVER car AS place,
        max(day) FILTER (WHERE base <> 'other') OVER car AS service_day
    FROM visit AS t
    WINDOW car AS (PARTITION BY car_id ORDER BY day, base = 'sale' DESC)
), sample AS (
    SELECT
        s.dealer_id, s.base, s.gap::float AS gap,
        -- what the schedule says: the first of months and km since the last service, km at the car's pace so far
        least(
            CASE WHEN s.base = 'sale' THEN p.first_months ELSE p.service_months END * 30.4,
            CASE WHEN s.base <> 'sale' AND s.km > 0 AND s.day > s.first_day
                THEN p.service_km * (s.day - s.first_day) / s.km::float END
        ) - (s.day - s.service_day) AS rule,
        CASE WHEN s.place > 2 THEN (s.day - s.first_day)::float / (s.place - 1) END AS own, s.place
    FROM step AS s
    JOIN store AS p USING (dealer_id)
    WHERE s.gap BETWEEN 7 AND 540
), centred AS (
    SELECT *, avg(gap) OVER store AS mean_gap,
        coalesce((own - avg(gap) OVER store) * place / (place + 2), 0) AS other
    FROM sample WINDOW store AS (PARTITION BY dealer_id, base)
), moment AS (
    SELECT
        dealer_id, base, count(*) AS visits, max(mean_gap) AS mean_gap, avg(rule) AS rule, avg(other) AS other,
        var_pop(rule) + 45000.0 / count(*) AS s11, var_pop(other) + 45000.0 / count(*) AS s22,
        covar_pop(rule, other) AS s12, covar_pop(gap, rule) + 45000.0 / count(*) AS s1, covar_pop(gap, other) AS s2
    FROM centred GROUP BY dealer_id, base
), fit AS (
    SELECT *, (s1 * s22 - s2 * s12) / (s11 * s22 - s12 * s12) AS b, (s2 * s11 - s1 * s12) / (s11 * s22 - s12 * s12) AS c
    FROM moment
), rest AS (
    SELECT f.dealer_id, f.base,
        percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (
            ORDER BY c.gap - f.mean_gap - f.b * (c.rule - f.rule) - f.c * (c.other - f.other)
        ) AS spread
    FROM fit AS f JOIN centred AS c USING (dealer_id, base) GROUP BY f.dealer_id, f.base
)
INSERT INTO reminders_visitmodel (dealer_id, base, visits, mean_gap, constant, rule, own, low, high)
SELECT dealer_id, base, visits, mean_gap, mean_gap - f.b * f.rule - f.c * f.other, f.b, f.c, spread[1], spread[2]
FROM fit AS f JOIN rest USING (dealer_id, base)
WHERE visits >= 30
ON CONFLICT (dealer_id, base) DO UPDATE
SET visits = excluded.visits, mean_gap = excluded.mean_gap, constant = excluded.constant, rule = excluded.rule,
    own = excluded.own, low = excluded.low, high = excluded.high
