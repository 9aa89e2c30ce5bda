"""What providers tell us, read and verified: facts for `contacts.operations.inbound`, the same for every provider."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


class Forged(Exception):
    """The request does not prove that it is the provider's."""


class Unreadable(Exception):
    """Not what this provider sends."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact. `kind`: delivered, failed, reply, gone (unfollowed), credit (may send `number` more).

    `digest` is the same when the provider tells it again.
    """

    kind: str
    digest: str
    provider_id: str = ""
    client_id: str = ""
    address: str = ""
    code: str = ""
    detail: str = ""
    text: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A request at our door, without the web framework."""

    method: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """The facts of a request and the answer that the provider wants."""

    facts: tuple[Told, ...]
    answer: str
    content_type: str = "application/json"


def digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def domestic(number: str) -> str:
    """A mobile as the files have it: without 86 and the plus."""
    digits = "".join(letter for letter in str(number) if letter.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
