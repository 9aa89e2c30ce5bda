"""How a message gets into the outbox: its row, its place under the contact cap, the worker's call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from huichang.domains.contacts import choosing, filling
from huichang.domains.contacts.choosing import Choice
from huichang.domains.contacts.events import NobodyReached
from huichang.domains.contacts.models import Channel, Message, MessageStatus
from huichang.domains.contacts.purposes import Purpose
from huichang.domains.customers.models import Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record

UNREACHABLE = ("no_address", "forbidden", "no_credit")  # causes after which only a call can tell the customer


def put_into_queue(
    message: Message,
    choice: Choice,
    purpose: Purpose,
    values: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> Message:
    """Keep a new message as its choice says; tell the worker, or those who call when nothing can be sent."""
    filling.fill(message, choice, purpose, {name: str(value) for name, value in values.items()})
    try:
        with transaction.atomic():
            message.save()
    except IntegrityError:  # the same key, by a transaction that has committed meanwhile
        return Message.objects.get(key=message.key)
    record(message, before="", after=message.status, actor=actor, now=now, reason=message.cause)
    if message.status == MessageStatus.WAITING:
        hurry(message, now)
    elif message.customer_id and purpose.calls and message.cause in UNREACHABLE:
        publish(
            NobodyReached(
                message.dealer_id,
                message.pk,
                message.customer_id,
                message.car_id,
                message.purpose,
                message.key,
            )
        )
    return message


def hurry(message: Message, now: datetime) -> None:
    """Let a worker send it as soon as the transaction commits, without waiting for the minute."""
    from huichang.domains.contacts.jobs import send_one

    if message.planned_for <= now and message.channel != Channel.LETTER:
        # The queue's first is the highest, ours the lowest: a code overtakes a morning's reminders.
        urgency = 100 - message.priority
        send_one.configure(priority=urgency).defer(dealer_id=message.dealer_id, message_id=message.pk)


def make_room(
    purpose: Purpose, customer: Customer | None, dealer: Dealer, at: datetime, *, actor: Actor, now: datetime
) -> bool:
    """Whether the contact cap leaves room, after waiting messages of lower rank have made way."""
    if choosing.is_pressed(purpose, customer, dealer, at, with_waiting=True):
        return False
    if not purpose.counts or customer is None:
        return True
    lower = Message.objects.filter(
        customer=customer, status=MessageStatus.WAITING, counts=True, priority__gt=purpose.priority
    ).order_by("-priority", "-created_at")
    spare = choosing.room_left(customer, dealer, at) - 1
    waiting = list(lower)
    for message in waiting[: max(0, len(waiting) - max(spare, 0))]:
        move(
            message,
            MessageStatus.SUPPRESSED,
            actor=actor,
            now=now,
            reason="pressure",
            also={"cause": "pressure"},
        )
    return True
