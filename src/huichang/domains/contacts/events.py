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
