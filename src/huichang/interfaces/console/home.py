"""HUICHANG_HOME as `huichang run` uses it: one run at a time, and the database while it lasts."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huichang.config.embedded import Cluster
from huichang.interfaces.console import database
from huichang.interfaces.console.serving import DEFAULT_PORT
from huichang.interfaces.console.words import say

PORTS_TO_TRY = 20


class AlreadyRunning(Exception):
    """Another `run` holds this home; the message names its process and address."""


class DatabaseServer:
    """The database under a `run`: embedded (kept up) or somebody else's (left alone)."""

    def __init__(self, cluster: Cluster | None) -> None:
        self.cluster = cluster

    def keep_up(self) -> None:
        """Start the embedded server again when its process is gone."""
        if self.cluster and self.cluster.pid() is None:
            self.cluster.start(die_with_parent=True)


class Home:
    """The folder of one installation."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def hold(self, address: str) -> Iterator[None]:
        """Be the only `run` on this folder. Raises AlreadyRunning. The kernel frees the lock when we die."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "run.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(self._who()) from None
            file.truncate(0)
            json.dump({"pid": os.getpid(), "address": address}, file)
            file.flush()
            yield
            file.truncate(0)

    def holder(self) -> dict[str, object] | None:
        """Process and address of the `run` that holds this folder now; None when there is none."""
        try:
            with (self.path / "run.lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            text = (self.path / "run.lock").read_text()
            return dict(json.loads(text)) if text else {}
        return None

    def _who(self) -> str:
        who = self.holder() or {}
        pid, address = who.get("pid", "?"), who.get("address", "?")
        return say(
            f"已在运行：进程 {pid}，地址 {address}（数据目录 {self.path}）。用 --home 指定另一个目录可再开一套。",
            f"already running: process {pid} at {address}, with its data in {self.path}. "
            "Use --home for a second installation.",
        )

    @contextmanager
    def database(self) -> Iterator[DatabaseServer]:
        """The database, up; the embedded one stops at the end, whoever else still uses it."""
        if not database.is_embedded():
            yield DatabaseServer(None)
            return
        cluster = Cluster(self.path)
        with (self.path / "postgres.users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster.start(die_with_parent=True)
            try:
                with database.pointed_at(cluster.url()):
                    yield DatabaseServer(cluster)
            finally:
                cluster.stop()


def free_port(wanted: int | None) -> int:
    """`wanted`, or the first free one from 8000 on. Raises OSError in plain words when it is taken."""
    candidates = [wanted] if wanted else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TO_TRY)
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    taken = wanted or f"{DEFAULT_PORT}–{DEFAULT_PORT + PORTS_TO_TRY - 1}"
    raise OSError(
        say(
            f"端口 {taken} 已被占用，请用 --port 换一个", f"port {taken} is taken; choose another with --port"
        )
    )


def some_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
