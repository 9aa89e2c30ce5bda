"""Before `run` serves: the database brought to this version, and a demo store when there is no store at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from huichang.config import database as configured
from huichang.interfaces.console import database, demo, schema
from huichang.interfaces.console.supervision import command
from huichang.interfaces.console.words import say


def prepare(home: Path, *, with_demo: bool, stopping: Callable[[], bool]) -> int:
    """Migrate when the program changed since last time; build the demo when empty. The exit status."""
    if not database.is_ours() or not schema.is_current():
        _tell(say("正在准备数据库…", "Preparing the database…"))
        if status := _run(stopping, "migrate", "--quiet"):
            return status
    if with_demo and (_has_no_store() or demo.unfinished(home).exists()):
        _tell(say("正在建立演示门店（约一分钟）…", "Building the demo store (about a minute)…"))
        if _run(stopping, "demo"):
            _tell(
                say(
                    "演示门店未建成，下次启动会继续。",
                    "The demo store is not complete; the next start goes on with it.",
                )
            )
    return 0


def _run(stopping: Callable[[], bool], *arguments: str) -> int:
    """Run one command to its end, or stop it when asked to. Only its errors are shown."""
    with subprocess.Popen(  # noqa: S603 - our own command
        command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while process.poll() is None:
            if stopping():
                process.terminate()
            time.sleep(0.02)
        return 0 if stopping() else process.returncode


def _has_no_store() -> bool:
    with psycopg.connect(os.environ[configured.OWNER_URL]) as connection:
        return connection.execute("SELECT FROM dealers_dealer LIMIT 1").fetchone() is None


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
