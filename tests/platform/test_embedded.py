"""The embedded PostgreSQL: made once, private, shared, and up again after anything."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from huichang.config.embedded import (
    LONGEST_SOCKET,
    SOCKET_NAME,
    Cluster,
    EmbeddedError,
    in_use,
    socket_folder,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="hc-"))
    path.chmod(0o711)
    yield path
    Cluster(path).stop()
    shutil.rmtree(path)


def write(cluster: Cluster, value: str) -> None:
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])


def read(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.url()) as connection:
        return [value for (value,) in connection.execute("SELECT value FROM kept ORDER BY value")]


def test_it_is_private_durable_and_without_a_network_port(home: Path) -> None:
    cluster = Cluster(home)

    assert cluster.start()

    assert stat.S_IMODE(cluster.folder.stat().st_mode) == 0o700
    with psycopg.connect(cluster.url()) as connection:
        shown = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('fsync'),"
            " current_setting('synchronous_commit'), current_user, rolsuper"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert shown == ("", "on", "on", "huichang", False)


def test_a_second_start_finds_the_first(home: Path) -> None:
    first, second = Cluster(home), Cluster(home)

    assert [first.start(), second.start()] == [True, False]

    assert first.pid() == second.pid()


def test_many_starting_at_once_start_one(home: Path) -> None:
    started: list[bool] = []
    threads = [threading.Thread(target=lambda: started.append(Cluster(home).start())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(started) == [False, False, False, True]


@pytest.mark.parametrize("victim", ["postmaster", "everything"])
def test_after_kill_9_what_was_committed_is_there(home: Path, victim: str) -> None:
    cluster = Cluster(home)
    cluster.start()
    write(cluster, "committed before the kill")
    postmaster = psutil.Process(cluster.pid())
    victims = [postmaster, *(postmaster.children() if victim == "everything" else [])]
    for process in victims:
        process.kill()

    again = Cluster(home)
    again.start()

    assert read(again) == ["committed before the kill"]


def test_a_backend_that_outlives_its_postmaster_is_ended(home: Path) -> None:
    """A backend that computes does not notice; while it holds the shared memory no server could start."""
    cluster = Cluster(home)
    cluster.start()
    write(cluster, "x")
    with psycopg.connect(cluster.url()) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        backend.suspend()  # as deaf as one that computes
        psutil.Process(cluster.pid()).kill()

        again = Cluster(home)
        assert again.start()

        assert not backend.is_running() or backend.status() == psutil.STATUS_ZOMBIE
    assert read(again) == ["x"]


def test_a_pid_file_that_names_a_stranger_is_no_server(home: Path) -> None:
    """After a restart of the machine the number in the file may belong to anything."""
    cluster = Cluster(home)
    cluster.start()
    write(cluster, "x")
    file = cluster.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    cluster.stop()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert cluster.pid() is None
    assert cluster.start()

    assert read(cluster) == ["x"]


def test_a_set_up_that_was_cut_off_is_done_again(home: Path) -> None:
    half = home / "postgres" / "data.new" / "base"
    half.mkdir(parents=True)
    (half.parent / "PG_VERSION").write_text("18\n")

    assert Cluster(home).start()

    assert not half.exists()


def test_a_home_too_deep_for_a_socket_gets_a_private_folder_for_it(home: Path) -> None:
    deep = home / ("long" * 15) / ("name" * 15)
    cluster = Cluster(deep)
    cluster.start()
    folder = socket_folder(cluster.folder)
    try:
        write(cluster, "x")

        assert len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert read(Cluster(deep)) == ["x"]
    finally:
        cluster.stop()
    assert not folder.exists()


def test_a_socket_folder_of_somebody_else_is_refused(home: Path) -> None:
    deep = home / ("long" * 15) / ("name" * 15)
    folder = socket_folder(deep / "postgres")
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"):
            Cluster(deep).start()
    finally:
        folder.rmdir()


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        Cluster(home, {"no_such_setting": "1"}).start()


def test_the_last_command_to_leave_stops_it(home: Path) -> None:
    with in_use(home) as first:
        with in_use(home):
            pass
        assert first.pid() is not None
    assert first.pid() is None


def test_it_stops_with_the_supervisor_that_was_killed(home: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from huichang.config.embedded import Cluster;"
        "Cluster(Path(sys.argv[1])).start(die_with_parent=True); print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"up\n"
        server = psutil.Process(Cluster(home).pid())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        server.wait(20)
    assert Cluster(home).pid() is None
