"""What comes back from providers: delivery reports and replies, each believed once (the door checks signatures)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db.models import F

from huichang.domains.contacts.choosing import hint
from huichang.domains.contacts.events import MessageDelivered, ReplyReceived
from huichang.domains.contacts.models import (
    Channel,
    ChannelAccount,
    ChannelAddress,
    Message,
    MessageStatus,
    ProviderReport,
    Reply,
)
from huichang.domains.contacts.operations import delivery
from huichang.domains.contacts.operations.consent import opt_out
from huichang.domains.contacts.permissions import P
from huichang.domains.customers.models import Customer, CustomerPhone
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move
from huichang.kernel.operations import operation
from huichang.kernel.sensitive import blind_index

# What people answer to be left alone: providers ask for T, TD, R or N, the law for an easy way (FACTS §7, §10).
STOP = re.compile(
    r"\s*(t|td|r|n|0000|stop|unsubscribe|退订|退訂|拒收|取消订阅|不要再发|不要再發)\s*[。.!!]?\s*",
    re.IGNORECASE,
)
EARLY = timedelta(days=2)


@operation(P.SEND_AGAIN)
def receive_report(
    *,
    account: ChannelAccount,
    provider_id: str,
    result: str,
    digest: str,
    actor: Actor,
    now: datetime,
    client_id: str = "",
    address: str = "",
    code: str = "",
    detail: str = "",
) -> bool:
    """Keep a report (`delivered`, `failed`) and let it act on its message; False when it is known already.

    A report of a message that is not known yet is kept and matched when its sending is settled. One whose address is
    not the message's acts on nothing.
    """
    message = _message(account, provider_id, client_id)
    if client_id and message is None:
        return False  # it names a message that we never sent
    if message is not None and address and blind_index(address) != message.address_index:
        return False
    report, is_new = ProviderReport.objects.get_or_create(
        dealer_id=account.dealer_id, account=account, digest=digest,
        defaults={
            "message": message, "provider": account.provider, "provider_id": provider_id[:80], "result": result,
            "code": code[:60], "detail": detail[:200], "received_at": now,
        },
    )  # fmt: skip
    if is_new and message is not None:
        apply(message=message, result=result, code=report.code, detail=report.detail, actor=actor, now=now)
    return is_new


def _message(account: ChannelAccount, provider_id: str, client_id: str) -> Message | None:
    rows = Message.objects.filter(account=account)
    if client_id:
        return rows.filter(client_id=client_id).first()
    return rows.filter(provider_id=provider_id).first() if provider_id else None


@operation(P.SEND_AGAIN)
def apply(*, message: Message, result: str, code: str, detail: str, actor: Actor, now: datetime) -> None:
    """Move a message as a report says; nothing when its status leaves no such move (a report twice, or late)."""
    message = (
        Message.objects.select_for_update(of=("self",))
        .select_related("dealer", "customer")
        .get(pk=message.pk)
    )
    may = Message.LIFECYCLE.available(message.status)
    seen = {"provider_code": code[:60], "provider_text": detail[:200]}
    if result == "delivered" and MessageStatus.DELIVERED in may:
        also = seen | {"delivered_at": now, "sent_at": message.sent_at or now, "cause": "", "failed_at": None}
        move(message, MessageStatus.DELIVERED, actor=actor, now=now, also=also)
        publish(
            MessageDelivered(
                message.dealer_id, message.pk, message.customer_id, message.purpose, message.root_key
            )
        )
    elif result == "failed" and message.status in {MessageStatus.SENT, MessageStatus.SENDING}:
        cause = code if code == "no_report" else "undelivered"
        delivery.fail(message=message, cause=cause, seen=seen, actor=actor, now=now)


@operation(P.SEND_AGAIN)
def match_reports(*, dealer: Dealer, actor: Actor, now: datetime) -> int:
    """Let reports that came before their sending was written down act now; how many did."""
    early = ProviderReport.objects.filter(message=None, received_at__gte=now - EARLY).exclude(provider_id="")
    count = 0
    for report in early.select_related("account").order_by("pk")[:500]:
        message = _message(report.account, report.provider_id, "")
        if message is None:
            continue
        ProviderReport.objects.filter(pk=report.pk).update(message=message)
        apply(
            message=message,
            result=report.result,
            code=report.code,
            detail=report.detail,
            actor=actor,
            now=now,
        )
        count += 1
    return count


@operation(P.SEND_AGAIN)
def mark_read(*, message: Message, actor: Actor, now: datetime) -> bool:
    """The person opened it (its link was followed); False when that is known already."""
    if MessageStatus.READ not in Message.LIFECYCLE.available(message.status):
        return False
    also = {"read_at": now, "delivered_at": message.delivered_at or now}
    move(message, MessageStatus.READ, actor=actor, now=now, also=also)
    return True


@operation(P.SEND_AGAIN)
def receive_reply(
    *, account: ChannelAccount, address: str, text: str, digest: str, actor: Actor, now: datetime
) -> Reply | None:
    """Keep what a customer wrote back; None when it is known. A wish to stop is a refusal at once, as they said it.

    The number may be of several customers of the store: the refusal holds for each of them.
    """
    people = _people(account, address)
    stop = bool(STOP.fullmatch(text))
    reply, is_new = Reply.objects.get_or_create(
        dealer_id=account.dealer_id, account=account, digest=digest,
        defaults={
            "customer": people[0] if people else None, "channel": account.channel, "address": address,
            "address_index": blind_index(address), "address_hint": hint(account.channel, address)[:80],
            "text": text.strip()[:500], "is_stop": stop, "received_at": now,
        },
    )  # fmt: skip
    if not is_new:
        return None
    for customer in people if stop else ():
        opt_out(
            customer=customer, channel=account.channel, reason=f"{account.get_channel_display()}:{text.strip()}"[:200],
            actor=actor, now=now,
        )  # fmt: skip
    if people and not stop:
        publish(ReplyReceived(account.dealer_id, reply.pk, people[0].pk))
    return reply


def _people(account: ChannelAccount, address: str) -> list[Customer]:
    """The customers behind an address: those we wrote to there last, then all who have it."""
    written = Message.objects.filter(
        address_index=blind_index(address), channel=account.channel, customer__isnull=False
    ).order_by("-created_at")
    ids = list(written.values_list("customer_id", flat=True)[:20])
    if account.channel == Channel.SMS:
        ids += CustomerPhone.objects.filter(number=address).values_list("customer_id", flat=True)
    else:
        known = ChannelAddress.objects.filter(channel=account.channel, address_index=blind_index(address))
        ids += known.values_list("customer_id", flat=True)
    found = Customer.objects.in_bulk(ids)
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


@operation(P.SEND_AGAIN)
def lose_address(
    *, account: ChannelAccount, address: str, cause: str, digest: str, actor: Actor, now: datetime
) -> bool:
    """An openid no longer reaches anybody (unfollowed); False when that was told before."""
    if not _is_news(account, "gone", digest, now):
        return False
    ChannelAddress.objects.filter(
        channel=account.channel, address_index=blind_index(address), invalid_since=None
    ).update(invalid_since=now, invalid_cause=cause[:40])
    return True


@operation(P.SEND_AGAIN)
def add_credits(
    *, account: ChannelAccount, address: str, number: int, digest: str, actor: Actor, now: datetime
) -> bool:
    """A mini-program user allowed `number` more messages; False when that was told before."""
    if not _is_news(account, "credit", digest, now):
        return False
    rows = ChannelAddress.objects.filter(channel=Channel.MINI, address_index=blind_index(address))
    rows.update(credits=F("credits") + number, invalid_since=None, invalid_cause="")
    return True


def _is_news(account: ChannelAccount, result: str, digest: str, now: datetime) -> bool:
    """Whether a fact about no message is told for the first time; it is kept, so that a second time is known."""
    _report, is_new = ProviderReport.objects.get_or_create(
        dealer_id=account.dealer_id, account=account, digest=digest,
        defaults={"provider": account.provider, "result": result, "received_at": now},
    )  # fmt: skip
    return is_new
