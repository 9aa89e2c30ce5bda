"""What every test stands on: a real PostgreSQL, the application's own role, no network, no clock tricks.

- One embedded PostgreSQL per pytest process, in a private temporary HUICHANG_HOME. `--database-url` (or
  TEST_DATABASE_URL, an owner that may create databases) runs the same tests on another server.
- `db` tests run in a transaction on `default`, as the role that owns nothing, so row security is always on.
- `transactional_db` tests get the database re-made from its template afterwards.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

DATABASE = "huichang_test"
TEMPLATE = "huichang_test_template"
# Speed for data that nobody keeps; everything else is as embedded for users.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.", "0.0.0.0")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-url", default=os.environ.get("TEST_DATABASE_URL"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Point Django at this process's database before anything reads the settings."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # runs no test; and what it put into the environment its workers would find set up already
    if os.environ.pop("DJANGO_SETTINGS_MODULE", None):
        raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the tests bring their own database")
    home = Path(tempfile.mkdtemp(prefix="hc-"))
    home.chmod(0o711)  # under root the server has an account of its own
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    suffix = os.environ.get("PYTEST_XDIST_WORKER", "") or str(os.getpid())
    given = config.getoption("--database-url")
    os.environ["HUICHANG_HOME"] = str(home)
    os.environ.pop("DATABASE_APP_URL", None)
    os.environ["DATABASE_URL"] = _url(given, f"{DATABASE}_{suffix}") if given else _embedded_url(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "huichang.config.settings"
    # Playwright's loop runs in this thread; Django would refuse the database in it.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    import django

    django.setup()


def _embedded_url(home: Path) -> str:
    from huichang.config.embedded import Cluster

    return Cluster(home).url(database=DATABASE)


def _url(given: str, database: str) -> str:
    return make_conninfo(given, dbname=database)


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an owner that may create databases; the server runs until the last test."""
    given = request.config.getoption("--database-url")
    if given:
        yield str(given)
        return
    from huichang.config.embedded import Cluster

    cluster = Cluster(Path(os.environ["HUICHANG_HOME"]), FORGETFUL)
    cluster.start(die_with_parent=True)
    yield cluster.url()
    cluster.stop()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, database_server: str, django_db_blocker: Any
) -> Iterator[None]:
    """Migrate once as the owner; that database is the template of the one the tests use."""
    from django.db import connections
    from django.test import TransactionTestCase

    from huichang.interfaces.console.migrating import migrate

    # Django would truncate after every test that commits; see _fresh_database_after_commits.
    TransactionTestCase._fixture_teardown = lambda _self: None  # type: ignore[attr-defined]
    database = connections["default"].settings_dict["NAME"]
    recreate_database(database_server, database)
    with django_db_blocker.unblock():
        migrate(verbosity=0)
        connections.close_all()
    recreate_database(database_server, TEMPLATE + _suffix(database), template=database)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    if request.config.getoption("--database-url"):
        with psycopg.connect(database_server, autocommit=True) as connection:
            for name in (database, TEMPLATE + _suffix(database)):
                _drop(connection, name)


def _suffix(database: str) -> str:
    return database.removeprefix(DATABASE)


def recreate_database(server: str, name: str, template: str = "template0") -> None:
    """Drop and create database `name` as a copy of `template`; sessions on both are ended.

    A request that the browser gave up may still be answered: its session is the application's, which only the
    superuser may end.
    """
    owner = conninfo_to_dict(server).get("user") or "postgres"
    with psycopg.connect(_superuser(server), autocommit=True) as connection:
        _drop(connection, name)
        connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}" STRATEGY FILE_COPY'.encode()
        )


def _drop(connection: psycopg.Connection, name: str, tries: int = 20) -> None:
    """A worker of autovacuum is the server's own: only its superuser may end it, anybody else waits for it."""
    for left in reversed(range(tries)):
        try:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        except psycopg.errors.InsufficientPrivilege:
            if not left:
                raise
            time.sleep(0.5)
        else:
            return


def _superuser(server: str) -> str:
    """The same server as its superuser: a given one is asked to be it, the embedded one trusts its socket."""
    parts = conninfo_to_dict(server)
    return (
        make_conninfo(server, user="postgres", dbname="postgres")
        if parts.get("user") == "huichang"
        else server
    )


@pytest.fixture(autouse=True)
def _fresh_database_after_commits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that really commit leave nothing behind: their database is made anew from the template.

    Truncating would need the owner, and would lose what the migrations seeded.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or any(
        name in request.fixturenames
        for name in ("transactional_db", "live_server", "django_db_reset_sequences")
    )
    if not commits:
        yield
        return
    server = request.getfixturevalue("database_server")
    yield
    from django.db import connections

    for connection in connections.all():
        connection.close()
    database = conninfo_to_dict(os.environ["DATABASE_URL"])["dbname"]
    recreate_database(server, str(database), TEMPLATE + _suffix(str(database)))


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """A test that reaches beyond this machine fails, with the address in the message."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
