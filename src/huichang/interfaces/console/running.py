"""`huichang run`, what `./run` calls: database, web server and worker as one tree of processes, kept alive."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from huichang.config import database as configured
from huichang.interfaces.console import arguments, demo, demo_owners, fakes
from huichang.interfaces.console.first_steps import first_steps
from huichang.interfaces.console.home import AlreadyRunning, Home, free_port, some_port
from huichang.interfaces.console.preparation import prepare
from huichang.interfaces.console.supervision import Child, command
from huichang.interfaces.console.words import say

STANDALONE = True
LOOK_SECONDS = 0.2
READY_SECONDS = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=arguments.port,
        help=say("端口（默认 8000 或其后第一个空闲的）", "port (8000 or the next free one)"),
    )
    parser.add_argument(
        "--empty", action="store_true", help=say("不建演示门店", "do not build the demo store")
    )


def run(args: argparse.Namespace) -> int:
    home = Home(configured.home(os.environ))
    signals = _Signals()
    try:
        port = free_port(args.port)
        with home.hold(f"http://127.0.0.1:{port}/"):
            return Supervisor(home, port, signals).run(with_demo=not args.empty)
    except AlreadyRunning as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 3
    except OSError as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 1


class _Signals:
    """Ctrl-C, SIGTERM and a closed terminal ask to stop; a second one insists."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def any(self) -> bool:
        return self.count > 0

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1


class Supervisor:
    """Starts everything, starts again what dies, stops everything."""

    def __init__(self, home: Home, port: int, signals: _Signals) -> None:
        self.home = home
        self.port = port
        self.signals = signals
        self.children: Sequence[Child] = ()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def run(self, *, with_demo: bool) -> int:
        """Serve until asked to stop; the exit status."""
        began = time.monotonic()
        os.environ.setdefault("HUICHANG_URL", self.address)  # links in messages lead here
        with self.home.database() as server:
            status = prepare(self.home.path, with_demo=with_demo, stopping=self.signals.any)
            if status or self.signals.any():
                return status
            self.children = (
                *self._providers(),
                Child("web", command("serve", "--port", str(self.port))),
                Child("worker", command("worker")),
            )
            try:
                for child in self.children:
                    child.start()
                self._announce(began)
                while not self.signals.any():
                    server.keep_up()
                    for child in self.children:
                        child.keep_up()
                    time.sleep(LOOK_SECONDS)
            finally:
                self._stop_children()
        sys.stdout.write(say("已停止。\n", "Stopped.\n"))
        return 0

    def _providers(self) -> Sequence[Child]:
        """The demo's own SMS, WeChat and mail; a store that is no demo has none, and knows no way to them."""
        if not any(demo.sign_in_lines()):
            return ()
        port, mail_port = some_port(), some_port()
        os.environ[fakes.ADDRESS], os.environ[fakes.MAIL_PORT] = f"http://127.0.0.1:{port}", str(mail_port)
        os.environ.update(demo_owners.wechat_settings(os.environ[fakes.ADDRESS]))
        ports = ("--port", str(port), "--mail-port", str(mail_port))
        return (Child("providers", command("fakes", *ports, "--web", self.address)),)

    def _announce(self, began: float) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self.port):
            if self.signals.any():
                return
            if time.monotonic() > deadline:
                sys.stderr.write(
                    say(
                        "网页服务没有响应，继续重试。\n",
                        "the web server does not answer yet; still trying.\n",
                    )
                )
                return
            for child in self.children:
                child.keep_up()
            time.sleep(0.05)
        seconds = time.monotonic() - began
        lines = [
            say(
                f"回厂已启动（{seconds:.1f} 秒）：{self.address}",
                f"Huichang is up ({seconds:.1f} s): {self.address}",
            ),
            *(signs := list(demo.sign_in_lines())),
            *(demo_owners.owner_lines(self.address) if signs else ()),
            *first_steps(self.home.path),
            say(
                f"数据目录 {self.home.path} · 按 Ctrl-C 停止",
                f"Data in {self.home.path} · Ctrl-C stops everything",
            ),
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    def _stop_children(self) -> None:
        asked = self.signals.count
        for child in self.children:
            child.ask_to_stop()
        for child in reversed(self.children):
            child.wait(insist=lambda: self.signals.count > max(asked, 1))


def answers(port: int) -> bool:
    """Whether something on this machine takes connections on `port`."""
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
