"""Secrets of an account: its own, encrypted in the database, or else the environment's. Never logged, never shown."""

from __future__ import annotations

import json
import os

from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import NotSetUp


def secret(account: ChannelAccount, name: str) -> str:
    """A secret of an account: `key_secret` of Aliyun is `HUICHANG_ALIYUN_KEY_SECRET` in the environment.

    Raises NotSetUp, which names what is missing.
    """
    own = json.loads(account.secrets).get(name, "") if account.secrets else ""
    found = str(own) or os.environ.get(variable(account.provider, name), "")
    if not found:
        raise NotSetUp(name)
    return found


def option(account: ChannelAccount, name: str, default: str | None = None) -> str:
    """An open setting of an account. Raises NotSetUp when it is empty and has no default."""
    found = str(account.options.get(name, "") or "")
    if found:
        return found
    if default is None:
        raise NotSetUp(name)
    return default


def variable(provider: str, name: str) -> str:
    return f"HUICHANG_{provider}_{name}".upper()


def endpoint(account: ChannelAccount, real: str) -> str:
    """Where the provider answers: its own address, or for accounts of the demo the local server that plays it."""
    local = os.environ.get("HUICHANG_FAKES", "")
    if account.options.get("is_demo"):
        if not local:
            raise NotSetUp("HUICHANG_FAKES")
        return f"{local}/{account.provider}"
    return real


def demo_mail_port() -> int:
    """The port of the demo's mail server on this machine. Raises NotSetUp."""
    port = os.environ.get("HUICHANG_FAKES_MAIL_PORT", "")
    if not port.isdigit():
        raise NotSetUp("HUICHANG_FAKES_MAIL_PORT")
    return int(port)
