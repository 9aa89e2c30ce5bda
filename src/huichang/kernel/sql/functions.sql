-- The functions behind row security and the audit triggers. Installed by kernel.secure.apply().

-- The stores of the open scope. No scope is an error, never an empty answer and never everything.
CREATE OR REPLACE FUNCTION huichang_dealers() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    scope text := current_setting('huichang.dealers', true);
BEGIN
    IF scope IS NULL OR scope = '' THEN
        RAISE EXCEPTION 'no dealer scope is open'
            USING ERRCODE = 'insufficient_privilege', HINT = 'open dealer_scope() first';
    END IF;
    IF scope = '*' THEN
        RETURN '{}';
    END IF;
    RETURN string_to_array(scope, ',')::bigint[];
END $$;

CREATE OR REPLACE FUNCTION huichang_everywhere() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    scope text := current_setting('huichang.dealers', true);
BEGIN
    IF scope IS NULL OR scope = '' THEN
        RAISE EXCEPTION 'no dealer scope is open'
            USING ERRCODE = 'insufficient_privilege', HINT = 'open dealer_scope() first';
    END IF;
    RETURN scope = '*';
END $$;

-- {column: [before, after]} of what differs; hidden columns show that they changed, not what they held.
CREATE OR REPLACE FUNCTION huichang_differences(before jsonb, after jsonb, hidden text[], ignored text[])
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE
        WHEN key = ANY (hidden) THEN '[null, null]'::jsonb
        ELSE jsonb_build_array(before -> key, value) END), '{}')
    FROM jsonb_each(after)
    WHERE value IS DISTINCT FROM before -> key AND key <> ALL (ignored)
$$;

-- One ChangeRecord per changed row of the statement; arguments: hidden columns, ignored columns.
CREATE OR REPLACE FUNCTION huichang_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hidden text[] := string_to_array(TG_ARGV[0], ',');
    ignored text[] := string_to_array(TG_ARGV[1], ',');
    actor bigint := nullif(current_setting('huichang.actor_id', true), '')::bigint;
    actor_name text := coalesce(current_setting('huichang.actor_name', true), '');
    columns text := 'INSERT INTO kernel_changerecord'
        || ' (dealer_id, table_name, row_id, action, changes, actor_id, actor_name, at) SELECT ';
    dealer text := 'nullif(%s ->> ''dealer_id'', '''')::bigint, $1, (%s ->> ''id'')::bigint, ';
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE columns || replace(dealer, '%s', 'a') || '''created'', ''{}'', $2, $3, clock_timestamp()'
            || ' FROM (SELECT to_jsonb(t) AS a FROM after t) x'
            USING TG_TABLE_NAME, actor, actor_name;
    ELSIF TG_OP = 'UPDATE' THEN
        EXECUTE columns || replace(dealer, '%s', 'a')
            || '''updated'', d, $2, $3, clock_timestamp() FROM ('
            || 'SELECT to_jsonb(n) AS a, huichang_differences(to_jsonb(o), to_jsonb(n), $4, $5) AS d'
            || ' FROM after n JOIN before o USING (id)) x WHERE d <> ''{}'''
            USING TG_TABLE_NAME, actor, actor_name, hidden, ignored;
    ELSE
        EXECUTE columns || replace(dealer, '%s', 'b') || '''deleted'','
            || ' huichang_differences(b, blank, $4, $5), $2, $3, clock_timestamp()'
            || ' FROM (SELECT to_jsonb(t) AS b, (SELECT jsonb_object_agg(key, ''null''::jsonb)'
            || ' FROM jsonb_each(to_jsonb(t))) AS blank FROM before t) x'
            USING TG_TABLE_NAME, actor, actor_name, hidden, ignored;
    END IF;
    RETURN NULL;
END $$;
