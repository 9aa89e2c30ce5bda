"""The other way to a database: `DATABASE_URL` to PostgreSQL 15 as Debian installs it (skipped where it is not)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.platform.installation import OURS, Installation, free_port

BINARIES = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "a-long-password"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BINARIES.exists(), reason="Debian's PostgreSQL 15 is not installed"),
]


@pytest.fixture(scope="module")
def account() -> dict[str, object]:
    """PostgreSQL refuses root: there Debian's own account is used."""
    if os.geteuid() != 0:
        return {}
    postgres = pwd.getpwnam("postgres")
    return {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def url(account: dict[str, object]) -> Iterator[str]:
    """Address of an owner that is no superuser, on a server with passwords over TCP."""
    folder = Path(tempfile.mkdtemp(prefix="hc-pg15-"))
    if account:
        os.chown(folder, int(str(account["user"])), int(str(account["group"])))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    port = free_port()
    subprocess.run(
        [BINARIES / "initdb", "-D", folder / "data", "-U", "admin", "--pwfile", secret, "-A", "scram-sha-256",
         "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        check=True, capture_output=True, cwd=folder, **account,  # type: ignore[call-overload]  # who it runs as
    )  # fmt: skip
    server = subprocess.Popen(
        [BINARIES / "postgres", "-D", folder / "data", "-k", folder, "-p", str(port), "-h", "127.0.0.1",
         "-c", "fsync=off"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        with _connected(f"postgresql://admin:{PASSWORD}@127.0.0.1:{port}/postgres") as connection:
            connection.execute(f"CREATE ROLE boss LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'".encode())
            connection.execute("CREATE DATABASE shop OWNER boss")
        yield f"postgresql://boss:{PASSWORD}@127.0.0.1:{port}/shop"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)


def _connected(address: str) -> psycopg.Connection[tuple[object, ...]]:
    deadline = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(address, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def installation(url: str) -> Iterator[Installation]:
    home = Path(tempfile.mkdtemp(prefix="hc-"))
    installation = Installation(home, DATABASE_URL=url)
    migrated = installation.command("migrate", "--quiet")
    assert migrated.returncode == 0, migrated.stderr
    yield installation
    shutil.rmtree(home)


def test_everything_is_migrated_and_secured(installation: Installation) -> None:
    examined = installation.command("doctor")

    assert "✓ PostgreSQL version: 15" in examined.stdout
    assert "✓ row security" in examined.stdout
    assert "✓ application's role: shop_app" in examined.stdout
    # The one thing that is wrong here: nobody started a worker.
    assert [line for line in examined.stdout.splitlines() if line.startswith("✗")] == [
        "✗ worker: none is running"
    ]


def test_migrating_again_changes_nothing(installation: Installation) -> None:
    assert installation.command("migrate", "--quiet").returncode == 0


def test_a_store_is_made_and_its_people_sign_in(installation: Installation) -> None:
    installation.command("dealer", "add", "E01", "--name", "东区店")
    made = installation.command(
        "createuser", "li", "--name", "李伟", "--role", "service_advisor", "--dealer", "E01", "--password-stdin",
        given="correct horse battery\n",
    )  # fmt: skip

    assert made.returncode == 0, made.stderr
    assert installation.command("dealer", "list").stdout == "E01\t东区店\n"


@pytest.mark.timeout(900)
def test_the_same_tests_pass_there(url: str) -> None:
    """What hangs on the database, tried on this server too (walls, races, the kernel): the suite takes any address."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--database-url", url,
         "tests/security/test_walls.py", "tests/security/test_invariants.py", "tests/kernel",
         "tests/domains/appointments/test_race.py", "tests/domains/parts/test_race.py", "tests/journeys/test_first_walk.py"],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if name not in OURS and "PYTEST" not in name},
    )  # fmt: skip
    assert done.returncode in {0, 5}, done.stdout[-3000:]
    assert " passed" in done.stdout
