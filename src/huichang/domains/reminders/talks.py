"""A call as the desk tells it: the parties, what was said, what came of each reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from huichang.domains.contacts.models import Channel, Direction, OutcomeCode
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.desk import case_of, open_case_of
from huichang.domains.reminders.models import Case, Due
from huichang.domains.worklist.models import CallTask


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one reason."""

    due: Due
    code: OutcomeCode


@dataclass(frozen=True, slots=True)
class Talk:
    """What is told of a call besides its outcomes.

    `opt_out_purpose` empty means each refused reason's own purpose; `call_later_at` is needed by codes that
    agree on a time; `override_reason` by calls the rules forbid; `demand` is what the supervisor should hear of (CAL-21).
    """

    number: str
    started_at: datetime
    direction: str = Direction.OUT
    note: str = ""
    rating: int | None = None
    call_later_at: datetime | None = None
    keep_for_me: bool = False
    opt_out_purpose: str = ""
    opt_out_channel: str = Channel.ALL
    opt_out_reason: str = ""
    override_reason: str = ""
    demand: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The parties of a call: `task` is None when the customer called and nobody owed a call."""

    dealer: Dealer
    customer: Customer
    car: Car | None
    task: CallTask | None

    @property
    def case(self) -> Case | None:
        return case_of(self.task) if self.task else open_case_of(self.customer)


def asks(codes: Iterable[OutcomeCode], step: str) -> bool:
    """Whether one of the codes has this next step."""
    return any(code.next_step == step for code in codes)
