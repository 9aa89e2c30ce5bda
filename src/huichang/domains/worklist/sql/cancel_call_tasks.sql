-- Cancel the open call tasks of these source rows and write the status change of each.
-- Takes the source's name, its row ids (sources), the reason and now. The actor is the one told to the audit.
WITH cancelled AS (
    UPDATE worklist_calltask
    SET status = 'cancelled', claimed_by_id = NULL, claimed_until = NULL
    WHERE source = %(source)s AND source_id = ANY (%(sources)s::bigint[]) AND status = 'open'
    RETURNING id, dealer_id
)
INSERT INTO kernel_statuschange
    (dealer_id, table_name, row_id, before, after, reason, actor_id, actor_name, at)
SELECT dealer_id, 'worklist_calltask', id, 'open', 'cancelled', %(reason)s,
    nullif(current_setting('huichang.actor_id', true), '')::bigint,
    coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
FROM cancelled
