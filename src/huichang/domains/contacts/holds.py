"""What holds a message back although its customer did not refuse it: said by those above, wired by `config` (ADR 19).

Asked again at the moment a message would go, so that what happened after it was planned counts.
"""

from __future__ import annotations

from collections.abc import Callable

from huichang.domains.contacts.models import Message
from huichang.domains.contacts.purposes import purpose_of

Hold = Callable[[Message], str]
_holds: list[Hold] = []


def register(hold: Hold) -> None:
    """Let `hold` look at messages before they go; it answers the cause, or ''."""
    _holds.append(hold)


def cause_of(message: Message) -> str:
    """The first cause that holds the message back, or ''. What the customer asked for is never held."""
    if message.customer_id is None or not purpose_of(message.purpose).counts:
        return ""
    return next((cause for hold in _holds if (cause := hold(message))), "")
