-- The parts catalogue by code; the stock an export states was counted on its day. Takes run_id, dealer_id, as_of.
WITH told AS (
    SELECT s.id AS staged_id, r.*
    FROM intake_stagedrow s, jsonb_to_record(s.data) AS r(
        code text, name text, price numeric, counted_stock numeric, location text, lead_days smallint,
        supplier text, safety_stock numeric)
    WHERE s.run_id = %(run_id)s::bigint AND s.kind = 'parts' AND s.outcome = ''
), merged AS (
    INSERT INTO parts_part AS c (
        dealer_id, code, name, price, lead_days, supplier, location, safety_stock, counted_stock, counted_on,
        is_active)
    SELECT %(dealer_id)s::bigint, code, name, coalesce(price, 0), coalesce(lead_days, 0), coalesce(supplier, ''),
           coalesce(location, ''), coalesce(safety_stock, 0), coalesce(counted_stock, 0),
           CASE WHEN counted_stock IS NOT NULL THEN %(as_of)s::date END, true
    FROM told ORDER BY staged_id
    ON CONFLICT (dealer_id, code) DO UPDATE SET
        name = excluded.name, price = excluded.price, lead_days = excluded.lead_days,
        supplier = coalesce(nullif(excluded.supplier, ''), c.supplier),
        location = coalesce(nullif(excluded.location, ''), c.location),
        safety_stock = excluded.safety_stock,
        counted_stock = CASE WHEN excluded.counted_on IS NULL THEN c.counted_stock ELSE excluded.counted_stock END,
        counted_on = coalesce(excluded.counted_on, c.counted_on)
    WHERE (c.name, c.price, c.lead_days, c.supplier, c.location, c.safety_stock, c.counted_stock)
        IS DISTINCT FROM (
            excluded.name, excluded.price, excluded.lead_days, coalesce(nullif(excluded.supplier, ''), c.supplier),
            coalesce(nullif(excluded.location, ''), c.location), excluded.safety_stock,
            CASE WHEN excluded.counted_on IS NULL THEN c.counted_stock ELSE excluded.counted_stock END)
    RETURNING c.code, c.xmax = 0 AS added
)
UPDATE intake_stagedrow s SET is_new = m.added, is_changed = true
FROM told t JOIN merged m USING (code)
WHERE s.id = t.staged_id
