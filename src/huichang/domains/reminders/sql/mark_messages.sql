-- Note on reasons and cases that their message was planned; close those that are a message only (birthdays).
-- Takes dues (ids), message_only (kinds), as_of, now. Gives how many of each kind were closed.
WITH marked AS (
    UPDATE reminders_due
    SET messaged_on = %(as_of)s,
        status = CASE WHEN kind = ANY (%(message_only)s::text[]) THEN 'closed' ELSE status END,
        close_cause = CASE WHEN kind = ANY (%(message_only)s::text[]) THEN 'done' ELSE close_cause END,
        closed_on = CASE WHEN kind = ANY (%(message_only)s::text[]) THEN %(as_of)s::date ELSE closed_on END
    WHERE id = ANY (%(dues)s::bigint[])
    RETURNING id, dealer_id, kind, case_id
), told AS (
    INSERT INTO kernel_statuschange (dealer_id, table_name, row_id, before, after, reason, actor_name, at)
    SELECT dealer_id, 'reminders_due', id, 'open', 'closed', 'done',
        coalesce(current_setting('huichang.actor_name', true), ''), %(now)s
    FROM marked WHERE kind = ANY (%(message_only)s::text[])
), stepped AS (
    UPDATE reminders_case SET step = 'message'
    WHERE step = '' AND id IN (SELECT case_id FROM marked)
)
SELECT kind, count(*) AS closed FROM marked WHERE kind = ANY (%(message_only)s::text[]) GROUP BY kind
