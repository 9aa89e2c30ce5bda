"""What providers' error codes mean for a message: try again, when, or give up this way. Data, one table a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from huichang.domains.contacts.transport import Outcome, Receipt


@dataclass(frozen=True, slots=True)
class Meaning:
    """`minutes` None for a retry: the usual back-off. `marks`: what the code says of the address."""

    outcome: str
    minutes: int | None = None
    marks: str = ""


GIVE_UP = Meaning(Outcome.REFUSED)
AGAIN = Meaning(Outcome.RETRY)
WRONG = Meaning(Outcome.REFUSED, marks="wrong")
GONE = Meaning(Outcome.REFUSED, marks="gone")
STOP = Meaning(Outcome.REFUSED, marks="stop")


def again(minutes: int) -> Meaning:
    return Meaning(Outcome.RETRY, minutes)


def receipt(table: Mapping[str, Meaning], code: str, detail: str) -> Receipt:
    """What a refusal with a code comes to. A code nobody knows gives up: another channel is surer than hope."""
    meaning = table.get(code, GIVE_UP)
    wait = None if meaning.minutes is None else timedelta(minutes=meaning.minutes)
    return Receipt(meaning.outcome, code=code, detail=detail, wait=wait, marks=meaning.marks)
