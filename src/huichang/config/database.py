"""`DATABASE_URL` → Django's DATABASES: `owner` migrates and owns the tables, `default` is the application.

The application's role owns nothing, so row security binds it (docs/adr/0002-two-database-roles.md). Its name
and password follow from the owner's URL, so that every host derives the same; `DATABASE_APP_URL` overrides.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from huichang.config import secrets

OWNER_URL = "DATABASE_URL"
APP_URL = "DATABASE_APP_URL"
POOL = "HUICHANG_POOL"  # largest number of connections of one process; unset: no pool
LEAST_VERSION = 15

INSUFFICIENT_PRIVILEGE = "42501"
# Attributes the application's role must have, whoever made it.
ROLE_ATTRIBUTES = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"


class RoleMissing(Exception):
    """The application's role is absent or unsafe, and the owner may not make it. Holds the SQL to run."""


def home(environment: Mapping[str, str]) -> Path:
    """HUICHANG_HOME: everything this installation keeps on disk."""
    return Path(environment.get("HUICHANG_HOME") or ".huichang").resolve()


def owner_parameters(environment: Mapping[str, str]) -> dict[str, Any]:
    """Libpq parameters of the owning role. Without DATABASE_URL: the embedded server's usual place."""
    url = environment.get(OWNER_URL)
    if not url:
        return {"user": "huichang", "dbname": "huichang", "host": str(home(environment) / "postgres")}
    parameters = conninfo_to_dict(url)
    if not parameters.get("dbname"):
        raise ValueError(f"{OWNER_URL} names no database")
    return parameters


def app_parameters(environment: Mapping[str, str]) -> dict[str, Any]:
    """Libpq parameters of the application's role."""
    if url := environment.get(APP_URL):
        return conninfo_to_dict(url)
    owner = owner_parameters(environment)
    return owner | {"user": f"{owner['dbname']}_app", "password": _app_password(owner, environment)}


def _app_password(owner: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Derived from the owner's password; when the owner has none (peer, trust), from the secret key."""
    key = str(owner.get("password") or "") or secrets.django_key(home(environment))
    return hmac.new(key.encode(), f"app role of {owner['dbname']}".encode(), hashlib.sha256).hexdigest()


def databases(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Django's DATABASES with `default` (application) and `owner` (migrations)."""
    app = _django(app_parameters(environment))
    # Django's own cursors never prepare; statements that ask for it are prepared (kernel.sql.prepared_rows). Between
    # the application and the server this needs no pooler, or one that knows prepared statements (PgBouncer 1.21).
    app["OPTIONS"]["prepare_threshold"] = 5
    if pool := int(environment.get(POOL) or 0):
        app["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool, "timeout": 20}
    return {"default": app, "owner": _django(owner_parameters(environment))}


def _django(parameters: Mapping[str, Any]) -> dict[str, Any]:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}
    for name, value in parameters.items():
        if name in names:
            found[names[name]] = str(value)
        else:
            found["OPTIONS"][name] = value
    found["CONN_HEALTH_CHECKS"] = True
    return found


def ensure_app_role(connection: Any, environment: Mapping[str, str]) -> str:
    """Create or correct the application's role through the owner's connection; returns its name.

    Raises RoleMissing with the SQL for an administrator when the owner may not.
    """
    app = app_parameters(environment)
    name = str(app["user"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        if name == owner:
            raise RoleMissing(f"the application may not connect as {owner}, the role that owns the tables")
        cursor.execute(
            "SELECT rolcanlogin AND NOT (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)"
            " FROM pg_roles WHERE rolname = %s",
            [name],
        )
        row = cursor.fetchone()
        if environment.get(APP_URL) and row == (True,):
            return name  # somebody else looks after this role and its password
        statement = _role_statement(name, str(app.get("password") or ""), safe=row and row[0])
        try:
            cursor.execute(statement)
        except Exception as error:
            if getattr(error.__cause__, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
                raise
            raise RoleMissing(
                f"role {owner} may not make the application's role; run as an administrator:\n"
                f"  {statement.as_string(None)};"
            ) from error
    return name


def _role_statement(name: str, password: str, *, safe: bool | None) -> sql.Composed:
    """`safe` None: the role is absent. Only a superuser may name the attributes in ALTER, so only if needed."""
    verb = "CREATE" if safe is None else "ALTER"
    attributes = "" if safe else ROLE_ATTRIBUTES
    text = sql.SQL(f"{verb} ROLE {{}} {attributes} PASSWORD {{}}")
    return text.format(sql.Identifier(name), sql.Literal(password))
