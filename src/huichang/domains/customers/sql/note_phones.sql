-- One entry in the history of a customer: the numbers before and after. Takes dealer_id, customer_id, changes (JSON).
INSERT INTO kernel_changerecord (dealer_id, table_name, row_id, action, changes, actor_id, actor_name, at)
VALUES (
    %(dealer_id)s, 'customers_customer', %(customer_id)s, 'updated', %(changes)s::jsonb,
    nullif(current_setting('huichang.actor_id', true), '')::bigint,
    coalesce(current_setting('huichang.actor_name', true), ''), clock_timestamp()
)
