"""Set-based statements live in `sql/*.sql` beside the domain that owns them.

A statement uses named parameters (`%(dealer_id)s`), starts with a comment that says what it does and what it
takes, and is PREPAREd against the schema by a rule test.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, Self

import psycopg
from django.db import connection
from django.db.models import Model


@functools.cache
def statement(package: str, name: str) -> str:
    """The text of `<package>/sql/<name>.sql`. Raises FileNotFoundError."""
    return resources.files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def rows(package: str, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run a statement and return its rows as dictionaries, all in memory."""
    with connection.cursor() as cursor:
        cursor.execute(statement(package, name), dict(parameters))
        return list(_dictionaries(cursor))


def prepared_rows(text: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement that runs at every key pressed: the server plans it once for a connection.

    The parameters travel beside it, each cast in the text. For statements whose plan never depends on them.
    """
    connection.ensure_connection()
    plain: Any = _Prepared(connection.connection)
    logged = connection.queries_logged
    with connection.make_debug_cursor(plain) if logged else connection.make_cursor(plain) as cursor:
        cursor.execute(text, dict(parameters))
        return list(_dictionaries(cursor))


class _Prepared(psycopg.Cursor[Any]):
    """Django's cursor writes the parameters into the text and has it planned anew each time; this one does neither."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, prepare=True, **options)


def execute(package: str, name: str, parameters: Mapping[str, Any]) -> int:
    """Run a statement and return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement(package, name), dict(parameters))
        return int(cursor.rowcount)


def _dictionaries(cursor: Any) -> Iterator[dict[str, Any]]:
    names = [column.name for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def refresh_statistics(models: Iterable[type[Model]]) -> None:
    """Let the planner know tables that were just filled by the thousand.

    Where the application may not ANALYZE (PostgreSQL 15 and 16) the statement warns and autovacuum does it later.
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")
