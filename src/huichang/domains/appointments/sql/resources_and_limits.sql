-- What a store plans with, in one reading: bays and people at work, bands with their discounts, limits, equipment needs,
-- and what ate the reserve on days of [first, last]; equipment out of use in [start, end). A JSON array of whole rows a
-- column, in the order lists show them.
-- dealer_id bigint, first date, last date, start timestamptz, end timestamptz → one row: bays, staff, bands, discounts,
--   limits, needs, uses, outages (text)
SELECT
    (SELECT json_agg(bay ORDER BY bay.name)::text FROM catalog_bay bay
     WHERE bay.dealer_id = %(dealer_id)s AND bay.is_active) AS bays,
    (SELECT json_agg(person ORDER BY person.team, person.name, person.id)::text FROM catalog_staffmember person
     WHERE person.dealer_id = %(dealer_id)s AND person.is_active AND person.duty IN ('technician', 'advisor')) AS staff,
    (SELECT json_agg(band ORDER BY band.id)::text FROM appointments_bookingband band
     WHERE band.dealer_id = %(dealer_id)s) AS bands,
    (SELECT json_agg(discount ORDER BY discount.id)::text FROM appointments_banddiscount discount
     WHERE discount.dealer_id = %(dealer_id)s) AS discounts,
    (SELECT json_agg(kind ORDER BY kind.id)::text FROM appointments_joblimit kind
     WHERE kind.dealer_id = %(dealer_id)s) AS limits,
    (SELECT json_agg(need ORDER BY need.id)::text FROM appointments_equipmentneed need
     WHERE need.dealer_id = %(dealer_id)s) AS needs,
    (SELECT json_agg(eaten ORDER BY eaten.id)::text FROM appointments_reserveuse eaten
     WHERE eaten.dealer_id = %(dealer_id)s AND eaten.day BETWEEN %(first)s::date AND %(last)s::date) AS uses,
    (SELECT json_agg(gone ORDER BY gone.starts_at, gone.id)::text FROM appointments_equipmentoutage gone
     WHERE gone.dealer_id = %(dealer_id)s AND gone.starts_at < %(end)s AND gone.ends_at > %(start)s) AS outages
