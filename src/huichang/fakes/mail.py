"""A real SMTP server that delivers into the inbox."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from huichang.fakes.inbox import Inbox


class Handler:
    """Takes every mail, or has the trouble that was planned for `smtp`."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        trouble = self.inbox.trouble("smtp")
        if trouble:
            await asyncio.sleep(trouble.silence)
            if trouble.code:
                return f"{trouble.code} as planned"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        for to in envelope.rcpt_tos:
            self.inbox.put(
                "smtp", to=to, sender=str(mail["From"]), title=str(mail["Subject"]), text=text.replace("\r\n", "\n").strip(),
                client_id=str(mail["Message-ID"]).strip("<>").split("@")[0], provider_id=str(mail["Message-ID"]),
            )  # fmt: skip
        return "250 OK"


def _free_port(host: str) -> int:
    """The controller looks for itself at the port it is given, so 0 will not do."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def start(inbox: Inbox, *, host: str = "127.0.0.1", port: int = 0) -> Controller:
    """Listen; the controller's `server.sockets` tell the port, `stop()` ends it."""
    controller = Controller(Handler(inbox), hostname=host, port=port or _free_port(host), ready_timeout=10)
    controller.start()
    return controller
