"""E-mail over SMTP with the standard library.

Up to the end of DATA nothing was taken, so it may be tried again; when the line breaks there, only the server knows.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from huichang.channels import codes
from huichang.channels.codes import AGAIN, WRONG, Meaning
from huichang.channels.credentials import demo_mail_port, option, secret
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import NotSetUp, Outcome, Outgoing, Receipt

SECONDS = 15.0
# RFC 5321: 4yz may pass, 5yz will not. What is not here follows its first digit.
CODES = {"550": WRONG, "551": WRONG, "553": WRONG, "450": AGAIN, "451": AGAIN, "452": AGAIN, "421": AGAIN}


class Smtp:
    """One mail account: options `host`, `port`, `security` (ssl, starttls, none), `user`, `sender`; secret `password`."""

    repeats_within = timedelta(0)  # a Message-ID does not keep servers from delivering twice

    def __init__(self, account: ChannelAccount) -> None:
        self.host = option(account, "host")
        self.security = option(account, "security", "ssl")
        self.port = int(option(account, "port", "465" if self.security == "ssl" else "25"))
        self.user = option(account, "user", "")
        self.password = secret(account, "password") if self.user else ""
        self.sender = option(account, "sender")
        self.sender_name = option(account, "sender_name", "")
        if self.security == "none" and self.user:
            raise NotSetUp("security")  # no password over an open line
        if account.options.get("is_demo"):
            self.port = demo_mail_port()

    def send(self, outgoing: Outgoing, *, now: datetime) -> Receipt:
        try:
            message = self._message(outgoing, now)
            outgoing.address.encode("ascii")
        except ValueError:  # a line break, or letters that only a mail server of another kind would take
            return Receipt(Outcome.REFUSED, code="bad_address", marks="wrong")
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            return Receipt(Outcome.REFUSED, code=str(error.smtp_code), detail="authentication refused")
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.RETRY, code=type(error).__name__)
        try:
            return self._handed_over(server, message, outgoing.address)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.security == "ssl":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            server.ehlo()
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _handed_over(self, server: smtplib.SMTP, message: EmailMessage, address: str) -> Receipt:
        steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: server.mail(self.sender),
            lambda: server.rcpt(address),
        )  # fmt: skip
        try:
            for step in steps:
                code, text = step()
                if code // 100 != 2:
                    return _refused(code, text)
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.RETRY, code=type(error).__name__)
        try:
            code, text = server.data(message.as_bytes(policy=policy.SMTP))
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code, _bytes(error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.UNKNOWN, code=type(error).__name__)
        if code // 100 == 2:
            return Receipt(Outcome.ACCEPTED, code=str(code), provider_id=str(message["Message-ID"]))
        return _refused(code, text)

    def _message(self, outgoing: Outgoing, now: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"] = formataddr((self.sender_name, self.sender))
        message["To"] = outgoing.address
        message["Subject"] = " ".join(outgoing.subject.split())
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{outgoing.client_id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<mailto:{self.sender}?subject=unsubscribe>"
        text = outgoing.text
        if outgoing.link and outgoing.link not in text:
            text = f"{text}\n\n{outgoing.link}"
        message.set_content(text)
        return message


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _refused(code: int, text: bytes) -> Receipt:
    detail = text.decode("utf-8", "replace")
    table: dict[str, Meaning] = {**CODES}
    table.setdefault(str(code), AGAIN if code // 100 == 4 else codes.GIVE_UP)
    return codes.receipt(table, str(code), detail)
