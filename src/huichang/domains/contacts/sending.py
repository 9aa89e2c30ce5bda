"""The worker's side: claim, call the provider, settle; and what is done about workers that died (ADR 14).

Each step is a transaction of its own; the provider is called between them. `clock` is read anew for every step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from huichang.domains.contacts import policies
from huichang.domains.contacts.models import Channel, Message, MessageStatus
from huichang.domains.contacts.operations import delivery, inbound
from huichang.domains.contacts.operations.messages import queue_code
from huichang.domains.contacts.transport import (
    Answering,
    NoTransport,
    NotSetUp,
    Outcome,
    Receipt,
    Transport,
    transport_of,
)
from huichang.domains.customers.models import Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.kernel.actors import Actor, system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date

Clock = Callable[[], datetime]
ACTOR = system("contacts.sending")
CODE_MINUTES = 5
UNREPORTED = (Channel.EMAIL, Channel.LETTER, Channel.MINI)  # acceptance is all that is ever known of them


def send_due(*, dealer_id: int, clock: Clock, most: int = 200, message_id: int | None = None) -> Counter[str]:
    """Send what is due at a store, one after the other; how many came to which end.

    Any number of workers may do this at once: each takes its own rows (`FOR UPDATE SKIP LOCKED`).
    """
    counted: Counter[str] = Counter()
    for _number in range(most):
        with dealer_scope(dealer_id):
            dealer = Dealer.objects.get(pk=dealer_id)
            taken = delivery.claim(dealer=dealer, actor=ACTOR, now=clock(), message_id=message_id)
        if taken is None:
            break
        if isinstance(taken, delivery.Claim):
            receipt = _handed_over(taken, clock)
            with dealer_scope(dealer_id):
                delivery.settle(message=taken.message, receipt=receipt, actor=ACTOR, now=clock())
            counted[receipt.outcome] += 1
        else:
            counted[taken.status] += 1
        if message_id is not None:
            break
    return counted


def _handed_over(taken: delivery.Claim, clock: Clock) -> Receipt:
    assert taken.message.account is not None  # a claim has chosen one
    try:
        return transport_of(taken.message.account).send(taken.outgoing, now=clock())
    except (NoTransport, NotSetUp) as trouble:
        return Receipt(Outcome.REFUSED, code="not_set_up", detail=str(trouble))


def recover(*, dealer_id: int, clock: Clock) -> Counter[str]:
    """Look after messages whose worker died in mid-send, that nobody reported on, or whose report came too early."""
    counted: Counter[str] = Counter()
    with dealer_scope(dealer_id):
        now = clock()
        dealer = Dealer.objects.get(pk=dealer_id)
        declared = (policies.CLAIM_SECONDS, policies.REPORT_HOURS)
        found = values_in_force(declared, dealer, local_date(now))
        stale = now - timedelta(seconds=found[policies.CLAIM_SECONDS.key])
        silent = now - timedelta(hours=found[policies.REPORT_HOURS.key])
        broken = list(Message.objects.filter(status=MessageStatus.SENDING, claimed_at__lt=stale)[:200])
        unreported = list(
            Message.objects.filter(
                status=MessageStatus.SENT, sent_at__lt=silent, account__isnull=False
            ).exclude(channel__in=UNREPORTED)[:200]
        )
        counted["matched"] = inbound.match_reports(dealer=dealer, actor=ACTOR, now=now)
    for message in broken:
        counted[_after_death(message, clock)] += 1
    for message in unreported:
        counted[_after_silence(message, clock)] += 1
    return counted


def _after_death(message: Message, clock: Clock) -> str:
    """A claim whose worker is gone: ask the provider; send again only where that cannot deliver twice."""
    transport, now = _transport(message), clock()
    assert message.claimed_at is not None  # it is in `sending`
    answer = _asked(transport, message, now)
    if answer is None and transport and now - message.claimed_at < transport.repeats_within:
        answer = Receipt(Outcome.RETRY, code="repeat", wait=timedelta(0))
    with dealer_scope(message.dealer_id):
        mine = delivery.take_over(message=message, actor=ACTOR, now=now)
        if not mine:
            return "taken"
        if answer is None:
            delivery.fail(message=message, cause="unknown", actor=ACTOR, now=now)
            return "unknown"
        delivery.settle(message=message, receipt=answer, actor=ACTOR, now=now)
        return answer.outcome


def _after_silence(message: Message, clock: Clock) -> str:
    """A message that the provider took and never reported on."""
    now = clock()
    answer = _asked(_transport(message), message, now)
    with dealer_scope(message.dealer_id):
        if answer and answer.outcome == Outcome.DELIVERED:
            inbound.apply(
                message=message, result="delivered", code=answer.code, detail="", actor=ACTOR, now=now
            )
            return answer.outcome
        known = bool(answer and answer.outcome == Outcome.FAILED)
        cause = "undelivered" if known else "no_report"
        inbound.apply(message=message, result="failed", code=cause, detail="", actor=ACTOR, now=now)
        return cause


def _transport(message: Message) -> Transport | None:
    with dealer_scope(message.dealer_id):
        account = message.account
    try:
        return transport_of(account) if account else None
    except (NoTransport, NotSetUp):
        return None


def _asked(transport: Transport | None, message: Message, now: datetime) -> Receipt | None:
    provider: object = transport
    if not isinstance(provider, Answering):
        return None
    return provider.ask(
        client_id=message.client_id, address=message.address, provider_id=message.provider_id,
        sent_at=message.claimed_at or now, now=now,
    )  # fmt: skip


def send_code(
    mobile: str,
    *,
    dealer: Dealer,
    code: str,
    key: str,
    actor: Actor,
    now: datetime,
    minutes: int = CODE_MINUTES,
    customer: Customer | None = None,
    language: str = settings.LANGUAGE_CODE,
) -> Message:
    """Send a sign-in code: before everything else, never capped, in no list and no log in clear.

    It is not sent any more after `minutes`. How many somebody may ask for is the caller's to say (`owners.limits`).
    Raises OperationRefused when the store has no SMS account. Needs an open scope.
    """
    return queue_code(
        dealer=dealer, mobile=mobile, values={"code": code, "minutes": str(minutes)}, key=key, customer=customer,
        expires_at=now + timedelta(minutes=minutes), language=language, actor=actor, now=now,
    )  # fmt: skip
