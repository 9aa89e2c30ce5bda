-- Take the next number of each of some kinds on a day at a store, the kinds in one order so that nobody waits in a circle.
-- dealer_id bigint, kinds text[] (each once), day date → kind, last_value
INSERT INTO kernel_numberseries AS series (dealer_id, kind, day, last_value)
SELECT %(dealer_id)s, kind, %(day)s, 1 FROM unnest(%(kinds)s::text[]) AS kind ORDER BY kind
ON CONFLICT (dealer_id, kind, day) DO UPDATE SET last_value = series.last_value + 1
RETURNING kind, last_value
