"""What carries a message: declared here, implemented by `huichang.channels`, wired by `config` (ADR 14).

A domain never imports a channel. `connect(account)` gives the transport of an account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from huichang.domains.contacts.models import ChannelAccount


class NoTransport(Exception):
    """The account's provider is not known to this installation."""


class NotSetUp(Exception):
    """The account lacks a setting or a credential; the message names it, never its value."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to go. `template_id` is the provider's; `parameters` are ordered as in the template's text.

    `client_id` is the same for every attempt of one message.
    """

    client_id: str
    address: str
    language: str
    template_id: str
    parameters: Mapping[str, str]
    text: str
    subject: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    is_promotion: bool = False


class Outcome:
    """The words of a receipt."""

    ACCEPTED = "accepted"  # the provider has it; a report may follow
    DELIVERED = "delivered"
    REFUSED = "refused"  # it will never go this way: the next channel
    RETRY = "retry"  # certainly not taken; may be tried again after `wait`
    UNKNOWN = "unknown"  # the provider may or may not have it
    FAILED = "failed"  # it had it, and did not deliver


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an attempt. `code` and `detail` are the provider's; `marks` what it says of the address.

    `marks`: `wrong` (no such number), `gone` (unfollowed, blocked us), `stop` (on the provider's refusal list).
    """

    outcome: str
    code: str = ""
    detail: str = ""
    provider_id: str = ""
    wait: timedelta | None = None
    marks: str = ""


class Transport(Protocol):
    """A provider's protocol over one account."""

    # How long the same client id may be sent again without a second delivery; zero: never.
    repeats_within: timedelta

    def send(self, outgoing: Outgoing, *, now: datetime) -> Receipt:
        """Hand it over. Never raises for what the network or the provider does."""


@runtime_checkable
class Answering(Protocol):
    """A transport whose provider can be asked about an earlier attempt."""

    def ask(
        self, *, client_id: str, address: str, provider_id: str, sent_at: datetime, now: datetime
    ) -> Receipt | None:
        """What became of it; None when the provider knows nothing of it (yet) or cannot be reached."""


Connect = Callable[[ChannelAccount], Transport]
_connects: dict[str, Connect] = {}


def register(provider: str, connect: Connect) -> None:
    """Make a provider's transport known; the last registration counts."""
    _connects[provider] = connect


def transport_of(account: ChannelAccount) -> Transport:
    """The transport of an account. Raises NoTransport, NotSetUp."""
    if account.provider not in _connects:
        raise NoTransport(account.provider)
    return _connects[account.provider](account)


def known_providers() -> frozenset[str]:
    return frozenset(_connects)
