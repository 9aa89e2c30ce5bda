-- What a store plans with, in one reading: the jobs asked for, bays and people at work, bands with their discounts, limits,
-- equipment needs; what ate the reserve on days of [first, last]; in [start, end) what is away and what is taken. JSON
-- arrays of whole rows in the order lists show them; of the jobs and of what is taken arrays in the order of
-- `planning.taken`, with minutes since start. Holds over by `now` and the booking `ignore` take nothing.
-- dealer_id bigint, labour_ids bigint[], first date, last date, start timestamptz, end timestamptz, now timestamptz,
--   ignore bigint → one row: jobs, bays, staff, bands, discounts, limits, needs, uses, absences, outages, taken (text)
SELECT
    (SELECT json_agg(json_build_array(job.id, job.name, job.skill, job.standard_hours))::text
     FROM catalog_labouroperation job
     WHERE job.dealer_id = %(dealer_id)s AND job.id = ANY(%(labour_ids)s::bigint[]) AND job.is_active) AS jobs,
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
    (SELECT json_agg(away ORDER BY away.starts_at)::text FROM catalog_absence away
     WHERE away.dealer_id = %(dealer_id)s AND away.starts_at < %(end)s AND away.ends_at > %(start)s) AS absences,
    (SELECT json_agg(gone ORDER BY gone.starts_at, gone.id)::text FROM appointments_equipmentoutage gone
     WHERE gone.dealer_id = %(dealer_id)s AND gone.starts_at < %(end)s AND gone.ends_at > %(start)s) AS outages,
    (SELECT json_agg(json_build_array(block.id, block.kind, block.bay_id, block.staff_id, block.equipment_id,
                                      block.planned_hours, block.purpose,
                                      floor(extract(epoch FROM block.starts_at - %(start)s) / 60),
                                      floor(extract(epoch FROM block.ends_at - %(start)s) / 60),
                                      booking.source) ORDER BY block.starts_at)::text
     FROM appointments_bookingblock block
     JOIN appointments_booking booking ON booking.id = block.booking_id
     WHERE block.dealer_id = %(dealer_id)s AND block.is_active
       AND block.starts_at < %(end)s AND block.ends_at > %(start)s
       AND NOT (booking.status = 'held' AND booking.hold_until <= %(now)s)
       AND booking.id <> %(ignore)s) AS taken
