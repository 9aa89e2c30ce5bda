"""Whether the embedded database was migrated by this very program; if not, it is done before anything else.

The program's fingerprint stands in the database's comment: it goes wherever a copy of the database goes.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import psycopg
from psycopg import sql

from huichang.config import database as configured

PACKAGE = Path(__file__).resolve().parents[2]
SOURCES = (".py", ".sql")


def fingerprint() -> str:
    """A digest that changes with any source file of the package, by name, size and time of change."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SOURCES:
            status = path.stat()
            digest.update(f"{path.relative_to(PACKAGE)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the last migration of the database was made by these files."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    with _owner() as connection:
        row = connection.execute(query).fetchone()
    return row is not None and row[0] == fingerprint()


def mark_current() -> None:
    """Note that the database was migrated by these files."""
    with _owner() as connection:
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
        connection.execute(
            statement.format(sql.Identifier(connection.info.dbname), sql.Literal(fingerprint()))
        )


def ensure_current() -> None:
    """Migrate in this process, in which Django is set up, unless that was done. Raises RoleMissing."""
    if is_current():
        return
    from huichang.interfaces.console.migrating import migrate

    migrate(verbosity=0)
    mark_current()


def _owner() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(os.environ[configured.OWNER_URL], autocommit=True)
