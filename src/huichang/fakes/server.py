"""The fakes as one HTTP server and one SMTP server on this machine: `/aliyun …`, and `/inbox` to look and to play.

`GET /inbox.json?to=` lists what was delivered; `POST /inbox/report|reply` pushes a provider's callback to us;
`POST /inbox/trouble` plans a failure.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiosmtpd.controller import Controller

from huichang.fakes import mail
from huichang.fakes.aliyun import FakeAliyun
from huichang.fakes.door import Asked, Cut
from huichang.fakes.inbox import Inbox, Trouble
from huichang.fakes.tencent import FakeTencent
from huichang.fakes.wechat import FakeWechat
from huichang.fakes.wechat_login import FakeLogin

# What the demo's accounts are set up with. They open nothing but these servers.
DEMO: dict[str, dict[str, str]] = {
    "aliyun": {"key_id": "LTAIdemo0001", "key_secret": "demo-aliyun-secret", "sign_name": "回厂东区店"},
    "tencent": {
        "secret_id": "AKIDdemo0001", "secret_key": "demo-tencent-secret", "app_id": "1400000001", "sign_name": "回厂东区店",
    },
    "official": {"app_id": "wxdemo000000000001", "app_secret": "demo-official-secret", "hook_token": "demo-official-token"},
    "mini": {"app_id": "wxdemo000000000002", "app_secret": "demo-mini-secret", "hook_token": "demo-mini-token"},
}  # fmt: skip
REPORT_SECONDS = 2.0


class Fakes:
    """All of them. `hooks` is where our application listens for callbacks: {provider: address}."""

    def __init__(self, *, file: Path | None = None, reports_by_itself: bool = False) -> None:
        self.inbox = Inbox(file)
        self.reports_by_itself = reports_by_itself
        self.hooks: dict[str, str] = {}
        self.aliyun = FakeAliyun(self.inbox, **DEMO["aliyun"])
        self.tencent = FakeTencent(self.inbox, **DEMO["tencent"])
        self.official = FakeWechat(self.inbox, name="official", **DEMO["official"])
        self.mini = FakeWechat(self.inbox, name="mini", **DEMO["mini"])
        self.login = FakeLogin(app_id=DEMO["official"]["app_id"], app_secret=DEMO["official"]["app_secret"])
        self.providers: dict[str, FakeAliyun | FakeTencent | FakeWechat] = {
            "aliyun": self.aliyun,
            "tencent": self.tencent,
            "official": self.official,
            "mini": self.mini,
        }
        self._http: ThreadingHTTPServer | None = None
        self._mail: Controller | None = None

    def start(self, *, port: int = 0, mail_port: int = 0) -> None:
        """Listen on this machine; port 0 takes free ones."""
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, name="fakes", daemon=True).start()
        self._mail = mail.start(self.inbox, port=mail_port)

    def stop(self) -> None:
        if self._http:
            self._http.shutdown()
            self._http.server_close()
        if self._mail:
            self._mail.stop()

    @property
    def address(self) -> str:
        assert self._http is not None  # started
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def mail_port(self) -> int:
        assert self._mail is not None  # started
        server: Any = self._mail.server
        port: int = server.sockets[0].getsockname()[1]
        return port

    def push(self, provider: str, body: Any) -> tuple[int, str]:
        """Call our application as the provider would; (status, answer)."""
        target = self.hooks.get(provider, "")
        if not target:
            return 0, "no hook"
        fake = self.providers[provider]
        if isinstance(fake, FakeWechat):
            target = f"{target}?{urlencode(fake.signed())}"
            data, kind = str(body).encode(), "text/xml"
        else:
            data, kind = json.dumps(body, ensure_ascii=False).encode(), "application/json"
        request = urllib.request.Request(target, data=data, headers={"Content-Type": kind})  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
                return answer.status, answer.read().decode()
        except OSError as error:
            return getattr(error, "code", 0), str(error)

    def report(self, number: int, *, success: bool = True) -> tuple[int, str]:
        """Tell our application what became of a delivery."""
        one = self.inbox.find(number)
        if one is None or one.provider not in self.providers or one.provider == "mini":
            return 0, "no report"
        return self.push(one.provider, self.providers[one.provider].report(number, success=success))

    def reply(self, number: int, text: str) -> tuple[int, str]:
        """Answer a delivered message as its person."""
        one = self.inbox.find(number)
        if one is None or one.provider not in self.providers:
            return 0, "no reply"
        return self.push(one.provider, self.providers[one.provider].reply(number, text))

    def report_soon(self) -> None:
        """Report what has not been reported, some time after its delivery (the demo's operator network)."""
        for one in self.inbox.letters():
            if not one.reported and one.provider in self.hooks and one.provider != "mini":
                self.report(one.number)

    def played(self, path: str, wanted: Mapping[str, str]) -> dict[str, Any]:
        """What the inbox page asks for."""
        number = int(wanted.get("number", 0) or 0)
        if path == "/inbox/report":
            status, answer = self.report(number, success=wanted.get("success") != "0")
        elif path == "/inbox/reply":
            status, answer = self.reply(number, wanted.get("text", ""))
        elif path == "/inbox/hooks":
            self.hooks.update(wanted)
            status, answer = 200, "ok"
        else:
            code, times = wanted.get("code", ""), int(wanted.get("times", -1))
            self.inbox.plan(wanted["provider"], Trouble(code=code, times=times) if code else None)
            status, answer = 200, "ok"
        return {"status": status, "answer": answer}


def _log_in(handler: BaseHTTPRequestHandler, fakes: Fakes, asked: Asked) -> None:
    """WeChat's sign-in: the browser is sent back to us, or our server is told who came."""
    is_exchange = asked.path == "/sns/oauth2/access_token"
    target = fakes.login.authorize(asked) if asked.path == "/connect/oauth2/authorize" else ""
    data = json.dumps(fakes.login.exchange(asked).body).encode() if is_exchange else b""
    handler.send_response(200 if is_exchange else 302 if target else 404)
    if target:
        handler.send_header("Location", target)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


class _Handler(BaseHTTPRequestHandler):
    """One request; `fakes` is set in the subclass of each server."""

    fakes: Fakes
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        wanted = dict(parse_qsl(parts.query))
        if parts.path == "/inbox.json":
            letters = self.fakes.inbox.letters(to=wanted.get("to", ""), provider=wanted.get("provider", ""))
            rows = [asdict(one) for one in letters[: int(wanted.get("most", 100))]]
            self._answer(200, {"letters": rows, "total": len(letters)})
        elif parts.path.startswith("/login/"):
            _log_in(
                self,
                self.fakes,
                Asked("GET", parts.path.removeprefix("/login"), parts.path, parts.query, {}, b""),
            )
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if parts.path.startswith("/inbox/"):
            self._answer(200, self.fakes.played(parts.path, dict(parse_qsl(body.decode()))))
            return
        name, _slash, rest = parts.path.lstrip("/").partition("/")
        provider = self.fakes.providers.get(name)
        if provider is None:
            self._answer(404, {})
            return
        headers = {key.lower(): value for key, value in self.headers.items()}
        asked = Asked("POST", f"/{rest}", parts.path, parts.query, headers, body)
        try:
            answer = provider(asked)
        except Cut:
            self.close_connection = True
            return
        self._answer(answer.status, answer.body)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
        """Nothing: bodies hold what people wrote."""


def _handler(fakes: Fakes) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"fakes": fakes})
