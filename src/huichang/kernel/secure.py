"""Row security, audit triggers and grants, derived from the models after every migration.

They are not written in migrations because a new model must not be able to forget them: `apply()` brings the
database in line with the models, `problems()` says where it is not (used by `huichang doctor` and the tests).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from huichang.kernel import sql
from huichang.kernel.audit import AppendOnly, Audited
from huichang.kernel.scoping import is_dealer_owned

# What nobody may rewrite, not even the application.
APPEND_ONLY = ("kernel_changerecord", "kernel_statuschange")
READ_ONLY = ("django_migrations",)
# Since then the application may be allowed to ANALYZE; before, autovacuum does it within a minute or so.
MAINTAIN_VERSION = 170000


def dealer_models() -> list[type[models.Model]]:
    """Every concrete model with a `dealer` column, in a stable order."""
    found = [m for m in apps.get_models() if is_dealer_owned(m) and not m._meta.proxy]
    return sorted(found, key=lambda model: model._meta.db_table)


def audited_models() -> list[type[Audited]]:
    """Every concrete model whose changes are recorded."""
    return [m for m in apps.get_models() if issubclass(m, Audited) and not m._meta.proxy]


def append_only_tables() -> list[str]:
    """Tables whose rows the application's role may neither change nor delete."""
    ledgers = (m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnly))
    return [*APPEND_ONLY, *sorted(ledgers)]


def apply(connection: Any, app_role: str) -> None:
    """Install functions, policies, triggers and grants as the owner of the tables. Idempotent."""
    with connection.cursor() as cursor:
        for package in _with_functions():
            cursor.execute(sql.statement(package, "functions"))
        for model in dealer_models():
            cursor.execute(_policy(model))
        for audited in audited_models():
            cursor.execute(_trigger(audited))
        for grant in _grants(connection, app_role):
            cursor.execute(grant)


def _with_functions() -> list[str]:
    """The packages with a `sql/functions.sql`: the kernel first, then the domains that have one."""
    found = [
        app.name for app in apps.get_app_configs() if (Path(app.path) / "sql" / "functions.sql").is_file()
    ]
    return sorted(found, key=lambda name: (name != "huichang.kernel", name))


def _policy(model: type[models.Model]) -> str:
    table = model._meta.db_table
    dealer: Any = model._meta.get_field("dealer")
    # The scope functions stand in scalar subqueries: once a statement, not once a row (bench/row_security.py).
    rule = "(SELECT huichang_everywhere()) OR dealer_id = ANY ((SELECT huichang_dealers())::bigint[])"
    if dealer.null:
        rule = f"dealer_id IS NULL OR {rule}"
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS dealer_scope ON {table};
        CREATE POLICY dealer_scope ON {table} USING ({rule}) WITH CHECK ({rule});
    """


def _trigger(model: type[Audited]) -> str:
    table = model._meta.db_table
    arguments = ", ".join(
        f"'{','.join(sorted(_columns(model, names)))}'" for names in (model.audit_hidden, model.audit_ignored)
    )
    return "".join(
        f"""
        CREATE OR REPLACE TRIGGER audit_{event.lower()} AFTER {event} ON {table}
        REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION huichang_audit({arguments});
        """
        for event, transition in (
            ("INSERT", "NEW TABLE AS after"),
            ("UPDATE", "OLD TABLE AS before NEW TABLE AS after"),
            ("DELETE", "OLD TABLE AS before"),
        )
    )


def _columns(model: type[models.Model], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        field: Any = model._meta.get_field(name)
        yield field.column


def _grants(connection: Any, role: str) -> Iterator[str]:
    name = connection.ops.quote_name(role)
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
    yield f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}"
    yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {name}"
    if connection.pg_version >= MAINTAIN_VERSION:
        yield f"GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {name}"
    for table in append_only_tables():
        yield f"REVOKE UPDATE, DELETE ON {table} FROM {name}"
    for table in READ_ONLY:
        yield f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}"


def problems(connection: Any, app_role: str) -> list[str]:
    """What differs from the law, one English sentence each; empty when both walls stand."""
    with connection.cursor() as cursor:
        return [*_role_problems(cursor, app_role), *_table_problems(cursor)]


def _role_problems(cursor: Any, role: str) -> Iterator[str]:
    cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [role])
    row = cursor.fetchone()
    if row is None:
        yield f"role {role} does not exist"
        return
    if any(row):
        yield f"role {role} is a superuser or bypasses row security"
    cursor.execute(
        "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
        " WHERE r.rolname = %s AND c.relnamespace = 'public'::regnamespace",
        [role],
    )
    owned = cursor.fetchone()[0]
    if owned:
        yield f"role {role} owns {owned} tables or indexes"


def _table_problems(cursor: Any) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relrowsecurity AND p.polname = 'dealer_scope'"
    )
    secured = {name for (name,) in cursor.fetchall()}
    for model in dealer_models():
        if model._meta.db_table not in secured:
            yield f"table {model._meta.db_table} has no row security"
    cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit_update'")
    watched = {name for (name,) in cursor.fetchall()}
    for audited in audited_models():
        if audited._meta.db_table not in watched:
            yield f"table {audited._meta.db_table} has no audit trigger"
