"""`huichang fakes`: the demo's SMS, WeChat and mail providers on this machine. `./run` starts it for a demo store."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path
from types import FrameType

import psycopg

from huichang.config import database as configured
from huichang.config import lifeline
from huichang.fakes.server import Fakes
from huichang.interfaces.console.words import say

STANDALONE = True
ROUND_SECONDS = 2.0
ADDRESS, MAIL_PORT = "HUICHANG_FAKES", "HUICHANG_FAKES_MAIL_PORT"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, required=True, help=say("端口", "port"))
    parser.add_argument("--mail-port", type=int, required=True, help=say("邮件端口", "port for mail"))
    parser.add_argument("--web", default="", help=say("回调到的网址", "where callbacks go"))


def run(args: argparse.Namespace) -> int:
    """Serve until asked to stop; what was delivered is kept in the home."""
    lifeline.follow_parent()
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    home = configured.home(os.environ)
    home.mkdir(parents=True, exist_ok=True)
    fakes = Fakes(file=Path(home) / "inbox.jsonl")
    fakes.start(port=args.port, mail_port=args.mail_port)
    while not stopping.wait(ROUND_SECONDS):
        fakes.hooks = _hooks(args.web)
        fakes.report_soon()
    fakes.stop()
    return 0


def _hooks(web: str) -> dict[str, str]:
    """Where each provider calls back: the addresses that the demo's accounts were given."""
    query = "SELECT provider, hook_key FROM contacts_channelaccount WHERE options ? 'is_demo' AND is_active"
    try:
        with psycopg.connect(os.environ[configured.OWNER_URL]) as connection:
            rows = connection.execute(query).fetchall()
    except psycopg.Error:
        return {}  # the database is coming up, or being made anew
    return {provider: f"{web.rstrip('/')}/hooks/{provider}/{key}" for provider, key in rows}
