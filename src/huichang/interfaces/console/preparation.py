"""Before `run` serves: the database brought to this version, and a demo store when there is no store at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from huichang.config import database as configured
from huichang.interfaces.console import demo
from huichang.interfaces.console.supervision import command
from huichang.interfaces.console.words import say

PACKAGE = Path(__file__).resolve().parents[2]
SOURCES = (".py", ".sql")


def prepare(home: Path, *, with_demo: bool, stopping: Callable[[], bool]) -> int:
    """Migrate when the program changed since last time; build the demo when empty. The exit status.

    The fingerprint stands in the database's comment, so that a restored backup is migrated again.
    """
    with psycopg.connect(os.environ[configured.OWNER_URL], autocommit=True) as connection:
        mark = fingerprint()
        if _comment(connection) != mark:
            _tell(say("正在准备数据库…", "Preparing the database…"))
            if status := _run(stopping, "migrate", "--quiet"):
                return status
            _set_comment(connection, mark)
        if with_demo and (_has_no_store(connection) or demo.unfinished(home).exists()):
            _tell(say("正在建立演示门店（约一分钟）…", "Building the demo store (about a minute)…"))
            return _run(stopping, "demo")
    return 0


def fingerprint() -> str:
    """A digest that changes with any source file of the package, by name, size and time of change."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in SOURCES:
            status = path.stat()
            digest.update(f"{path.relative_to(PACKAGE)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _run(stopping: Callable[[], bool], *arguments: str) -> int:
    """Run one command to its end, or stop it when asked to."""
    with subprocess.Popen(command(*arguments), stdin=subprocess.DEVNULL, start_new_session=True) as process:  # noqa: S603 - our own command
        while process.poll() is None:
            if stopping():
                process.terminate()
            time.sleep(0.02)
        return 0 if stopping() else process.returncode


def _comment(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return str(row[0]) if row and row[0] else ""


def _set_comment(connection: psycopg.Connection[tuple[object, ...]], text: str) -> None:
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
    connection.execute(statement.format(sql.Identifier(connection.info.dbname), sql.Literal(text)))


def _has_no_store(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    return connection.execute("SELECT FROM dealers_dealer LIMIT 1").fetchone() is None


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
