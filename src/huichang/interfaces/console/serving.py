"""`huichang serve`: the web server. State is in PostgreSQL only, so any number may run on any host."""

from __future__ import annotations

import argparse
import os

from huichang.config import database as configured
from huichang.config import lifeline
from huichang.interfaces.console import arguments, database
from huichang.interfaces.console.words import say

STANDALONE = True
APPLICATION = "huichang.config.wsgi:application"
DEFAULT_PORT, DEFAULT_THREADS = 8000, 6
STOP_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=say("监听地址", "address to listen on"))
    parser.add_argument("--port", type=arguments.port, default=DEFAULT_PORT, help=say("端口", "port"))
    parser.add_argument(
        "--workers", type=arguments.count, default=1, help=say("进程数", "number of processes")
    )
    parser.add_argument(
        "--threads",
        type=arguments.count,
        default=DEFAULT_THREADS,
        help=say("每进程线程数", "threads of each"),
    )


def run(args: argparse.Namespace) -> int:
    lifeline.follow_parent()
    os.environ[lifeline.SUPERVISED] = "1"  # the processes that granian makes must not outlive it
    os.environ.setdefault(configured.POOL, str(args.threads + 2))
    with database.available():
        serve(args.host, args.port, workers=args.workers, threads=args.threads)
    return 0


def serve(host: str, port: int, *, workers: int, threads: int) -> None:
    """Answer requests until SIGTERM or SIGINT; running requests are finished first."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    ).serve()
