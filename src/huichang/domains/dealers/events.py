from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class PolicyChanged(Event):
    """A policy has a new value that reaches this store."""

    name: ClassVar[str] = "dealers.policy_changed"

    key: str
