-- Take the next number of a kind on a day at a store.
-- dealer_id bigint, kind text, day date → last_value
INSERT INTO kernel_numberseries AS series (dealer_id, kind, day, last_value)
VALUES (%(dealer_id)s, %(kind)s, %(day)s, 1)
ON CONFLICT (dealer_id, kind, day) DO UPDATE SET last_value = series.last_value + 1
RETURNING last_value
