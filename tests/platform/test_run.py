"""`./run`: one command, one tree of processes, nothing acknowledged ever lost."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from huichang.config.embedded import Cluster
from tests.platform.installation import Installation, Running, eventually, get, is_alive, run_lock

pytestmark = pytest.mark.slow
SECOND_START_SECONDS = 5.0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A home whose database is made and migrated, stopped."""
    home = Path(tempfile.mkdtemp(prefix="hc-"))
    home.chmod(0o711)
    installation = Installation(home)
    made = installation.command("dealer", "add", "E01", "--name", "东区店")
    assert made.returncode == 0, made.stderr
    yield installation
    shutil.rmtree(home)


def is_answering(running: Running) -> bool:
    return get(running.address, "sign-in")[0] == 200


def works(running: Running) -> bool:
    """The web answers from the database and a worker sends heartbeats."""
    try:
        beats = running.installation.query(
            "SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '8 s'"
        )
    except psycopg.OperationalError:  # recovering
        return False
    return is_answering(running) and bool(beats)


def note(installation: Installation, text: str) -> None:
    """Something acknowledged: committed in the database."""
    installation.query(f"INSERT INTO dealers_region (code, name) VALUES ('{text}', '{text}')")


def notes(installation: Installation) -> set[object]:
    return {code for (code,) in installation.query("SELECT code FROM dealers_region")}


def test_it_prints_its_address_answers_and_stops_everything_on_ctrl_c(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        assert is_answering(running)
        assert eventually(lambda: works(running))
        tree = running.tree()
        assert {"postgres"} < {process.name() for process in tree}

        assert running.ask_to_stop() == 0

        assert not [process for process in tree if is_alive(process)]
    assert Cluster(prepared.home).pid() is None
    assert not (prepared.home / "postgres" / "data" / "postmaster.pid").exists()


def test_the_second_start_is_quick(prepared: Installation) -> None:
    began = time.monotonic()
    with prepared.run("--empty"):
        assert time.monotonic() - began < SECOND_START_SECONDS


def test_a_second_run_on_the_same_home_says_so_and_stops(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        second = prepared.command("run")

        assert second.returncode != 0
        assert f"process {running.process.pid}" in second.stderr
        assert running.address in second.stderr
        assert is_answering(running)


def test_a_taken_port_is_said_in_words(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        port = str(run_lock(prepared.home)["address"]).rstrip("/").rsplit(":", 1)[1]
        other = Installation(prepared.home / "other")
        (prepared.home / "other").mkdir(exist_ok=True)

        refused = other.command("run", "--port", port)

        assert refused.returncode == 1
        assert refused.stderr.startswith(f"huichang: port {port} is taken")
        assert is_answering(running)


def test_commands_share_the_database_that_run_has_up(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        listed = prepared.command("dealer", "list")

        assert listed.stdout == "E01\t东区店\n"
        assert is_answering(running)


@pytest.mark.parametrize("victim", ["serve", "worker", "postgres"])
def test_kill_9_of_one_part_is_healed(prepared: Installation, victim: str) -> None:
    with prepared.run("--empty") as running:
        assert eventually(lambda: works(running))
        note(prepared, victim)
        killed = running.child(victim)

        killed.kill()

        assert eventually(lambda: running.has_replaced(victim, killed) and works(running), 60), running.text
        assert victim in notes(prepared)


def test_kill_9_of_a_web_process_below_the_server_is_healed(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        for process in running.child("serve").children():
            process.kill()

        assert eventually(lambda: is_answering(running))


def test_the_rest_ends_with_a_killed_supervisor(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        rest = running.tree()[1:]

        running.process.kill()
        running.process.wait()

        assert eventually(lambda: not any(map(is_alive, rest)))


def test_after_kill_9_of_everything_the_next_start_recovers(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        assert eventually(lambda: works(running))
        note(prepared, "everything")
        running.kill_everything()

    with prepared.run("--empty") as running:
        assert "everything" in notes(prepared)
        assert eventually(lambda: works(running), 60)
        assert running.ask_to_stop() == 0


def test_doctor_is_content_while_it_runs_and_says_what_is_missing_when_not(prepared: Installation) -> None:
    with prepared.run("--empty") as running:
        assert eventually(lambda: works(running))

        content = prepared.command("doctor", "--json")

        assert content.returncode == 0, content.stdout
        assert {finding["verdict"] for finding in json.loads(content.stdout)} <= {"fine", "warning"}
        assert is_answering(running)
