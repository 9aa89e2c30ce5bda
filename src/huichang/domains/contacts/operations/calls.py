"""The call register (CAL-16), and the rules a call out must keep (CAL-19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.translation import gettext as _

from huichang.domains.contacts.models import (
    Call,
    CallResult,
    Channel,
    ContactPreference,
    Direction,
    OutcomeCode,
)
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.queries import (
    is_allowed,
    preference_of,
    pressure_of,
    rules_of,
    standing_opt_outs,
    why_quiet,
)
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


class NotNow(OperationRefused):
    """A call out that the store's rules forbid without a reason: quiet hours, too many contacts, a refusal."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one reason: its kind, the purpose that a refusal would name, and the outcome."""

    kind: str
    purpose: str
    outcome: OutcomeCode
    car: Car | None = None


@operation(P.RECORD_CALL)
def record_call(
    *,
    dealer: Dealer,
    customer: Customer | None,
    number: str,
    direction: str,
    started_at: datetime,
    actor: Actor,
    now: datetime,
    results: Sequence[Result] = (),
    outcome: OutcomeCode | None = None,
    car: Car | None = None,
    note: str = "",
    rating: int | None = None,
    task_id: int | None = None,
    override_reason: str = "",
    asked_for: bool = False,
) -> Call:
    """Enter a call in the register. `asked_for`: the customer wished to be called then, so no rule is broken.

    Raises NotNow (field `override_reason`) for a call out in quiet hours or beyond the contact cap without a
    reason, and for any call out about what the customer refused to be called about.
    """
    if direction == Direction.OUT and customer:
        _check_refusals(customer, results, car)
        if not asked_for and not override_reason.strip():
            _check_rules(dealer, customer, started_at)
    call = Call.objects.create(
        dealer=dealer, direction=direction, customer=customer, car=car, number=number[:20],
        kinds=",".join(dict.fromkeys(result.kind for result in results))[:200],
        outcome=outcome or (results[0].outcome if results else None), note=note.strip()[:500],
        agent_id=actor.user_id, started_at=started_at, ended_at=max(now, started_at), task_id=task_id,
        rating=rating, override_reason=override_reason.strip()[:200],
    )  # fmt: skip
    CallResult.objects.bulk_create(
        CallResult(
            dealer=dealer, call=call, car=one.car, kind=one.kind, purpose=one.purpose, outcome=one.outcome
        )
        for one in results
    )
    return call


def _check_refusals(customer: Customer, results: Sequence[Result], car: Car | None) -> None:
    refusals = standing_opt_outs([customer.pk])
    if not refusals:
        return
    asked = [(one.purpose, one.car.pk if one.car else None) for one in results]
    for purpose, car_id in asked or [("all", car.pk if car else None)]:
        if not is_allowed(refusals, purpose=purpose, channel=Channel.PHONE, car_id=car_id):
            raise NotNow(_("客户已说明不希望为此接到电话。只有客户本人可以恢复联系。"))


def _check_rules(dealer: Dealer, customer: Customer, at: datetime) -> None:
    rules = rules_of(dealer, at)
    why = why_quiet(rules, at, preference_of(customer))
    if why:
        raise NotNow(_("{why}。确需致电请写明原因。").format(why=why), field="override_reason")
    pressure = pressure_of(customer, rules, at)
    if pressure.is_reached:
        raise NotNow(
            _("{days} 天内已联系 {count} 次,上限 {cap} 次。确需致电请写明原因。").format(
                days=pressure.days, count=pressure.count, cap=pressure.cap
            ),
            field="override_reason",
        )


@operation(P.RECORD_CALL)
def set_preference(
    *,
    customer: Customer,
    actor: Actor,
    avoid_from: time | None = None,
    avoid_until: time | None = None,
    channel: str = Channel.PHONE,
    note: str = "",
) -> ContactPreference:
    """Keep when and how a customer likes to be contacted. Raises OperationRefused for half a period."""
    if (avoid_from is None) != (avoid_until is None):
        raise OperationRefused(_("请同时填写开始和结束时间,或者都留空。"), field="avoid_until")
    preference, _created = ContactPreference.objects.update_or_create(
        customer=customer,
        defaults={
            "dealer_id": customer.dealer_id, "avoid_from": avoid_from, "avoid_until": avoid_until,
            "channel": channel, "note": note.strip()[:120],
        },
    )  # fmt: skip
    return preference


@operation(P.RECORD_CALL)
def set_language(*, customer: Customer, language: str, actor: Actor) -> None:
    """Let messages speak this language to a customer from now on."""
    ContactPreference.objects.update_or_create(
        customer=customer, defaults={"dealer_id": customer.dealer_id, "language": language}
    )
