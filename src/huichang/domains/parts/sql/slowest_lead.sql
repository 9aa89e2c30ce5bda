-- The lead time in days of the slowest active part that some jobs of the open scope usually take; null when none is
-- known. Learned from the store's receipts where there are enough, else as the catalogue states.
-- labour_ids bigint[] → days
SELECT max(coalesce(part.learned_high_days, part.lead_days)) AS days
FROM parts_partuse used
JOIN parts_part part ON part.id = used.part_id AND part.dealer_id = used.dealer_id
WHERE used.labour_id = ANY(%(labour_ids)s::bigint[]) AND part.is_active
