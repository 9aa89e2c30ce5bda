from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class OptedOut(Event):
    """A customer asked not to be contacted; `purpose` and `channel` say about what and how."""

    name: ClassVar[str] = "contacts.opted_out"
    customer_id: int
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True)
class OptOutLifted(Event):
    """The customer lifted an earlier refusal."""

    name: ClassVar[str] = "contacts.opt_out_lifted"
    customer_id: int


@dataclass(frozen=True, slots=True)
class MessageDelivered(Event):
    """A message reached its person. `key` is the one it was queued under, without the channels tried."""

    name: ClassVar[str] = "contacts.message_delivered"
    message_id: int
    customer_id: int | None
    purpose: str
    key: str


@dataclass(frozen=True, slots=True)
class MessageFailed(Event):
    """A message did not reach its person over this channel; `cause` in our words. Another channel may follow."""

    name: ClassVar[str] = "contacts.message_failed"
    message_id: int
    customer_id: int | None
    purpose: str
    key: str
    channel: str
    cause: str


@dataclass(frozen=True, slots=True)
class MessageSuppressed(Event):
    """A message that was waiting did not go after all; `cause` in our words."""

    name: ClassVar[str] = "contacts.message_suppressed"
    message_id: int
    customer_id: int | None
    key: str
    cause: str


@dataclass(frozen=True, slots=True)
class NobodyReached(Event):
    """The last channel failed too: only a person can still tell the customer."""

    name: ClassVar[str] = "contacts.nobody_reached"
    message_id: int
    customer_id: int
    car_id: int | None
    purpose: str
    key: str


@dataclass(frozen=True, slots=True)
class ReplyReceived(Event):
    """A customer answered a message with something else than a wish to stop."""

    name: ClassVar[str] = "contacts.reply_received"
    reply_id: int
    customer_id: int
