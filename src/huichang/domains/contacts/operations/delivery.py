"""What happens to a message after it was queued: claimed, settled by what came of it, passed to the next channel.

Only the worker calls these. No call of a provider lies inside a transaction (ADR 14).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from huichang.domains.contacts import choosing, filling, holds, policies
from huichang.domains.contacts.choosing import Choice
from huichang.domains.contacts.events import MessageDelivered, MessageFailed, MessageSuppressed, NobodyReached
from huichang.domains.contacts.models import (
    Channel,
    ChannelAddress,
    Message,
    MessageStatus,
)
from huichang.domains.contacts.operations.consent import opt_out
from huichang.domains.contacts.outbox import UNREACHABLE, put_into_queue
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.purposes import Klass, purpose_of
from huichang.domains.contacts.transport import Outcome, Outgoing, Receipt
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import TransitionRefused, move
from huichang.kernel.operations import operation
from huichang.kernel.worktime import local_date

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message taken for sending, with what the transport needs."""

    message: Message
    outgoing: Outgoing


@operation(P.SEND_AGAIN)
def claim(
    *, dealer: Dealer, actor: Actor, now: datetime, message_id: int | None = None
) -> Claim | Message | None:
    """Take the next message that is due (or the one given), if it may still go.

    A Claim is in `sending` and nobody else's; a Message was looked at and put off, suppressed or handed on; None:
    nothing is due that another worker has not taken.
    """
    rows = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        status=MessageStatus.WAITING, planned_for__lte=now
    )
    if message_id is not None:
        rows = rows.filter(pk=message_id)
    message = (
        rows.exclude(channel=Channel.LETTER)
        .select_related("customer", "staff", "car__vehicle", "dealer")
        .order_by("priority", "planned_for", "pk")
        .first()
    )
    if message is None:
        return None
    purpose = purpose_of(message.purpose)
    start = choosing.morning(purpose, dealer, now)
    if start > now:
        Message.objects.filter(pk=message.pk).update(planned_for=start)
        return message
    choice = _way(message, dealer, now)
    cause = choice.cause or filling.place(message, choice)
    if cause:
        _give_way(message, cause, actor=actor, now=now)
        return message
    move(message, MessageStatus.SENDING, actor=actor, now=now, also=_columns(message, now))
    _use_credit(message)
    return Claim(message, filling.outgoing(message, choice))


def _way(message: Message, dealer: Dealer, now: datetime) -> Choice:
    """The way a waiting message may go now; refusals and consent may have changed since it was queued."""
    purpose = purpose_of(message.purpose)
    if message.expires_at and message.expires_at <= now:
        return Choice(message.channel, "expired")
    if held := holds.cause_of(message):
        return Choice(message.channel, held)
    if choosing.is_pressed(purpose, message.customer, dealer, now, with_waiting=False):
        return Choice(message.channel, "pressure")
    if message.purpose == "test":  # it tries this very account, with an address of ours
        return Choice(message.channel, "", message.account, message.template, message.address)
    tried = _channels_tried(message)
    fixed = message.channel if message.attempts else ""
    known = message.staff.email if message.staff else ""
    if purpose.klass is Klass.CODE:
        known = message.address  # the number that was typed, whoever it belongs to
    return choosing.choose(
        dealer=dealer, purpose=purpose, customer=message.customer, car_id=message.car_id, address=known,
        template=message.template_name or f"reminder.{message.purpose}", language=message.language,
        # Once a provider may have it, only the same provider can refuse to send it twice.
        channels=(fixed,) if fixed else (), skip=tried,
    )  # fmt: skip


def _channels_tried(message: Message) -> set[str]:
    found: set[str] = set()
    before = message.fallback_of
    while before is not None:
        found.add(before.channel)
        before = before.fallback_of
    return found


def _columns(message: Message, now: datetime) -> dict[str, Any]:
    names = (
        "channel", "account_id", "template_id", "address", "address_index", "address_hint", "subject", "body", "segments",
    )  # fmt: skip
    if not message.template_name and message.template:
        message.template_name = message.template.name
    columns: dict[str, Any] = {name: getattr(message, name) for name in (*names, "template_name")}
    return columns | {
        "cause": "", "provider_code": "", "provider_text": "", "claimed_at": now,
        "tried_at": message.tried_at or now, "attempts": message.attempts + 1,
    }  # fmt: skip


def _use_credit(message: Message) -> None:
    if message.customer_id and message.channel == Channel.MINI and message.attempts == 1:
        ChannelAddress.objects.filter(
            customer_id=message.customer_id, channel=Channel.MINI, address_index=message.address_index
        ).update(credits=F("credits") - 1)


def _give_way(message: Message, cause: str, *, actor: Actor, now: datetime) -> None:
    """A message that may not go any more is suppressed; when its address or provider is at fault, somebody hears."""
    also = {"cause": cause, "provider_text": message.provider_text}
    move(message, MessageStatus.SUPPRESSED, actor=actor, now=now, reason=cause, also=also)
    publish(MessageSuppressed(message.dealer_id, message.pk, message.customer_id, message.root_key, cause))
    if cause in UNREACHABLE:
        _nobody(message)


def _nobody(message: Message) -> None:
    if message.customer_id and purpose_of(message.purpose).calls:
        publish(
            NobodyReached(
                message.dealer_id,
                message.pk,
                message.customer_id,
                message.car_id,
                message.purpose,
                message.root_key,
            )
        )


@operation(P.SEND_AGAIN)
def take_over(*, message: Message, actor: Actor, now: datetime) -> bool:
    """Make a claim of a dead worker ours; False when it was settled or taken over meanwhile."""
    return bool(
        Message.objects.filter(
            pk=message.pk, status=MessageStatus.SENDING, claimed_at=message.claimed_at
        ).update(claimed_at=now)
    )


@operation(P.SEND_AGAIN)
def settle(*, message: Message, receipt: Receipt, actor: Actor, now: datetime) -> None:
    """Write down what came of an attempt. Nothing when a report was faster."""
    seen = {
        "provider_code": receipt.code[:60], "provider_text": receipt.detail[:200],
        "provider_id": receipt.provider_id[:80] or message.provider_id,
    }  # fmt: skip
    try:
        if receipt.outcome == Outcome.ACCEPTED:
            move(message, MessageStatus.SENT, actor=actor, now=now, also=seen | {"sent_at": now, "cause": ""})
        elif receipt.outcome == Outcome.DELIVERED:
            _deliver(message, seen, actor=actor, now=now)
        elif receipt.outcome == Outcome.RETRY:
            _retry(message, receipt, seen, actor=actor, now=now)
        elif receipt.outcome != Outcome.UNKNOWN:
            _mark(message, receipt, actor=actor, now=now)
            fail(message=message, cause=receipt.marks or "refused", seen=seen, actor=actor, now=now)
    except TransitionRefused:
        if receipt.provider_id:
            Message.objects.filter(pk=message.pk, provider_id="").update(provider_id=receipt.provider_id[:80])


def _deliver(message: Message, seen: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    sent_at = message.sent_at or now
    also = seen | {"delivered_at": now, "sent_at": sent_at, "cause": "", "failed_at": None}
    move(message, MessageStatus.DELIVERED, actor=actor, now=now, also=also)
    publish(
        MessageDelivered(
            message.dealer_id, message.pk, message.customer_id, message.purpose, message.root_key
        )
    )


def _retry(message: Message, receipt: Receipt, seen: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Wait longer each time; after the policy's time the channel has failed."""
    limit = timedelta(minutes=policy(policies.RETRY_MINUTES, message.dealer, local_date(now)))
    usual = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(message.attempts - 1, 10))
    wait = usual if receipt.wait is None else receipt.wait
    if now + wait - (message.tried_at or now) > limit:
        fail(message=message, cause="provider_down", seen=seen, actor=actor, now=now)
        return
    also = seen | {"planned_for": now + wait, "cause": "retry"}
    move(message, MessageStatus.WAITING, actor=actor, now=now, reason=receipt.code, also=also)


@operation(P.SEND_AGAIN)
def fail(
    *, message: Message, cause: str, actor: Actor, now: datetime, seen: dict[str, Any] | None = None
) -> Message | None:
    """The channel did not carry it: visible at once, and the next channel takes over (returned).

    Nobody sends a code, or what may have arrived after all (`unknown`, `no_report`), a second time.
    """
    also = (seen or {}) | {"cause": cause, "failed_at": now}
    move(message, MessageStatus.FAILED, actor=actor, now=now, reason=cause, also=also)
    publish(
        MessageFailed(
            message.dealer_id,
            message.pk,
            message.customer_id,
            message.purpose,
            message.root_key,
            message.channel,
            cause,
        )
    )
    purpose = purpose_of(message.purpose)
    if message.customer_id is None or purpose.klass is Klass.CODE:
        return None
    follower = None if cause in {"unknown", "no_report"} else _follower(message, actor=actor, now=now)
    if follower is None:
        _nobody(message)
    return follower


def _follower(message: Message, *, actor: Actor, now: datetime) -> Message | None:
    """The same message over the next channel; None when no channel is left."""
    purpose, tried = purpose_of(message.purpose), {message.channel, *_channels_tried(message)}
    if tried >= set(purpose.chain) or message.channel not in purpose.chain:
        return None
    choice = choosing.choose(
        dealer=message.dealer, purpose=purpose, customer=message.customer, car_id=message.car_id,
        template=message.template_name, language=message.language, skip=tried,
    )  # fmt: skip
    if choice.cause or (message.expires_at and message.expires_at <= now):
        return None
    follower = Message(
        dealer=message.dealer, customer=message.customer, car=message.car, purpose=message.purpose,
        template_name=message.template_name, language=message.language, key=f"{message.root_key}>{choice.channel}",
        created_at=now, planned_for=now, expires_at=message.expires_at, fallback_of=message,
    )  # fmt: skip
    return put_into_queue(follower, choice, purpose, message.values, actor=actor, now=now)


def _mark(message: Message, receipt: Receipt, *, actor: Actor, now: datetime) -> None:
    """Remember what the provider says of the address: unfollowed, blocked, on its refusal list."""
    if message.customer is None:
        return
    if receipt.marks in {"gone", "wrong"}:
        ChannelAddress.objects.filter(
            customer=message.customer, channel=message.channel, address_index=message.address_index
        ).update(invalid_since=now, invalid_cause=receipt.code[:40])
    if receipt.marks == "stop":
        opt_out(
            customer=message.customer, channel=message.channel, actor=actor, now=now,
            reason=f"{receipt.code} {receipt.detail}".strip(),
        )  # fmt: skip
