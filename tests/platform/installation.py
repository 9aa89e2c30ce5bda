"""An installation under test: its own HUICHANG_HOME, the real commands, real processes."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from huichang.config.embedded import Cluster

START_SECONDS = 240.0
# What this process set for itself and its commands must not inherit.
OURS = (
    "DATABASE_URL",
    "DATABASE_APP_URL",
    "DJANGO_SETTINGS_MODULE",
    "HUICHANG_EMBEDDED",
    "HUICHANG_HOME",
    "HUICHANG_POOL",
    "HUICHANG_SUPERVISED",
)


class Installation:
    """The commands of one home; `python` may be another interpreter (of a fresh environment)."""

    def __init__(self, home: Path, *, python: str = sys.executable, **environment: str) -> None:
        self.home = home
        self.python = python
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment = kept | {"HUICHANG_HOME": str(home), "LANG": "C.UTF-8"} | environment

    def line(self, *arguments: str) -> list[str]:
        return [self.python, "-m", "huichang.interfaces.console.main", *arguments]

    def command(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.line(*arguments), env=self.environment, input=given, capture_output=True, text=True, check=False,
            timeout=120, cwd=self.home.parent,
        )  # fmt: skip

    @contextmanager
    def started(self, *arguments: str, until: str) -> Iterator[Running]:
        """A command that stays; ready once it printed a line that matches `until`. Killed at the end."""
        running = Running(self, arguments)
        try:
            running.wait_for_line(until)
            yield running
        finally:
            running.kill_everything()

    @contextmanager
    def run(self, *arguments: str) -> Iterator[Running]:
        with self.started("run", "--port", str(free_port()), *arguments, until=r"Ctrl-C stops") as running:
            yield running

    def query(self, text: str) -> list[tuple[object, ...]]:
        """Ask the running embedded database as the owner; writes are committed."""
        with psycopg.connect(Cluster(self.home).url(), autocommit=True) as connection:
            cursor = connection.execute(text.encode())
            return cursor.fetchall() if cursor.description is not None else []


class Running:
    """A command and the tree of processes below it."""

    def __init__(self, installation: Installation, arguments: Sequence[str]) -> None:
        self.installation = installation
        self.output: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            installation.line(*arguments), env=installation.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            cwd=installation.home.parent,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def wait_for_line(self, pattern: str) -> str:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                commands = [" ".join(process.cmdline()) for process in self.tree() if is_alive(process)]
                raise AssertionError(f"no {pattern!r} in:\n{self.text}\nalive:\n" + "\n".join(commands))
            self.output.append(line)
            if re.search(pattern, line):
                return line

    @property
    def text(self) -> str:
        return "".join(self.output)

    @property
    def address(self) -> str:
        found = re.search(r"http://\S+/", self.text)
        assert found
        return found.group()

    def tree(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        return []

    def child(self, word: str) -> psutil.Process:
        """The direct child whose command line has `word`."""
        top = psutil.Process(self.process.pid)
        return next(p for p in top.children() if is_alive(p) and (word in p.cmdline() or p.name() == word))

    def has_replaced(self, word: str, old: psutil.Process) -> bool:
        """Whether a new process does what `old` did."""
        with suppress(StopIteration, psutil.NoSuchProcess):
            return self.child(word).pid != old.pid
        return False

    def ask_to_stop(self, seconds: float = 30) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def kill_everything(self) -> None:
        """kill -9 of every process of the tree, as a power cut would."""
        processes = self.tree()
        pid = Cluster(self.installation.home).pid()
        if pid:
            processes.append(psutil.Process(pid))
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        eventually(lambda: not any(map(is_alive, processes)), 10)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)


def is_alive(process: psutil.Process) -> bool:
    """Zombies do not count: whoever is process 1 here may not look after orphans."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def get(address: str, path: str = "") -> tuple[int, bytes]:
    """Status and body; no answer at all is (0, b"")."""
    try:
        with urllib.request.urlopen(address + path.lstrip("/"), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 0, b""


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_lock(home: Path) -> dict[str, object]:
    return dict(json.loads((home / "run.lock").read_text()))
