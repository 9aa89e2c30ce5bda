"""Child processes that are started again when they die, and stopped with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from huichang.config import lifeline
from huichang.config.embedded import death_signal
from huichang.interfaces.console.words import say

SHORT_LIFE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 10.0
STOP_SECONDS = 20.0


def command(*arguments: str) -> list[str]:
    """The command line of `huichang …` in this very installation."""
    return [sys.executable, "-m", "huichang.interfaces.console.main", *arguments]


class Child:
    """One process; restarted at once, and ever later when it keeps dying young."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name = name
        self.arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._born = self._due = 0.0
        self._pause = 0.0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor, which stops it in order."""
        self._born = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            self.arguments,
            stdin=subprocess.DEVNULL,
            env=os.environ | {lifeline.SUPERVISED: "1"},
            start_new_session=True,
            preexec_fn=death_signal(signal.SIGTERM),  # noqa: PLW1509 - the supervisor has no threads
        )

    def keep_up(self) -> None:
        """Start it again when it is dead and its pause is over."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self.start()
            return
        status = self._process.poll()
        if status is None:
            return
        young = time.monotonic() - self._born < SHORT_LIFE_SECONDS
        self._pause = min(LONGEST_PAUSE_SECONDS, max(0.5, self._pause * 2)) if young else 0.0
        self._due = time.monotonic() + self._pause
        self._process = None
        sys.stderr.write(
            say(
                f"huichang: {self.name} 退出（{status}），重新启动\n",
                f"huichang: {self.name} ended ({status}); starting it again\n",
            )
        )

    def ask_to_stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def wait(self, *, insist: Callable[[], bool]) -> None:
        """Wait for its end; kill it after some seconds, or as soon as `insist()`."""
        deadline = time.monotonic() + STOP_SECONDS
        while self._process and self._process.poll() is None:
            if insist() or time.monotonic() > deadline:
                self._process.kill()
            time.sleep(0.02)
