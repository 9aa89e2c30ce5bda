"""`serve` and `worker` apart from each other on one PostgreSQL, any number of each."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from huichang.config.embedded import Cluster
from tests.platform.installation import Installation, Running, eventually, free_port, get

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """A PostgreSQL that nobody of `huichang` started: they only get its address."""
    home = Path(tempfile.mkdtemp(prefix="hc-"))
    home.chmod(0o711)
    cluster = Cluster(home)
    cluster.start(die_with_parent=True)
    yield cluster
    cluster.stop()
    shutil.rmtree(home)


@pytest.fixture
def hosts(shared: Cluster) -> Iterator[tuple[Installation, Installation]]:
    """Two machines: homes of their own, the same database and, as the manual says, the same secrets."""
    secrets = {"HUICHANG_SECRET_KEY": "same everywhere", "DATABASE_URL": shared.url()}
    homes = [Path(tempfile.mkdtemp(prefix="hc-")) for _ in range(2)]
    one, two = (Installation(home, **secrets) for home in homes)
    migrated = one.command("migrate", "--quiet")
    assert migrated.returncode == 0, migrated.stderr
    yield one, two
    for home in homes:
        shutil.rmtree(home)


def serving(host: Installation) -> Running:
    port = free_port()
    running = Running(host, ["serve", "--port", str(port), "--workers", "2"])
    running.output.append(f"http://127.0.0.1:{port}/")
    return running


def test_two_web_servers_and_two_workers_share_one_database(
    hosts: tuple[Installation, Installation], shared: Cluster
) -> None:
    running = [serving(host) for host in hosts] + [Running(host, ["worker"]) for host in hosts]
    try:
        assert eventually(lambda: all(get(web.address, "sign-in")[0] == 200 for web in running[:2]), 60)
        beating = "SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '10 s'"
        assert eventually(lambda: len(Installation(shared.home).query(beating)) == 2, 60)
        assert hosts[0].command("doctor").returncode == 0
        assert not list(hosts[0].home.glob("postgres*"))

        running[0].ask_to_stop()

        assert get(running[1].address, "sign-in")[0] == 200
    finally:
        for each in running:
            each.ask_to_stop()


def test_migrating_from_two_hosts_at_once_is_one_migration(hosts: tuple[Installation, Installation]) -> None:
    running = [Running(host, ["migrate", "--quiet"]) for host in hosts]

    assert [each.process.wait(120) for each in running] == [0, 0]


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_worker_that_died_is_queued_again() -> None:
    from django.db import connection
    from procrastinate.contrib.django import app

    from huichang.interfaces.console.working import rescue

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour'), (now())"
            " RETURNING id"
        )
        dead, alive = (row[0] for row in cursor.fetchall())
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
            " VALUES ('default', 'of.the.dead', 'doing', %s), ('default', 'of.the.living', 'doing', %s),"
            " ('default', 'of.a.forgotten', 'doing', NULL)",
            [dead, alive],
        )

    async def look() -> int:
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
        with app.replace_connector(connector) as worker_app:
            async with worker_app.open_async():
                return await rescue(worker_app)

    # In a thread of its own: the browser tests before may have left a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, look()).result() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY 1")
        assert cursor.fetchall() == [("of.a.forgotten",), ("of.the.dead",)]
