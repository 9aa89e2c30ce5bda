from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ComplaintClosed(Event):
    """A complaint was answered; messages that it held back may go. Either id may be null, never both."""

    name: ClassVar[str] = "complaints.closed"

    customer_id: int | None
    car_id: int | None
