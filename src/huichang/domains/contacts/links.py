"""The link of a message: who serves the owner's pages makes it; wired by `config`.

A template with {link} whose message brings no link asks here, so that a reminder carries the booking link (REM-02).
"""

from __future__ import annotations

from collections.abc import Callable

from huichang.domains.contacts.models import Message

Maker = Callable[[Message], str]
_makers: list[Maker] = []


def register(maker: Maker) -> None:
    """Let `maker` give the links of messages; the last one registered does."""
    _makers.append(maker)


def link_of(message: Message) -> str:
    """The link of a message, or nothing when nobody serves one."""
    return _makers[-1](message) if _makers else ""
