"""Sending: at once for what was just queued, every minute for what became due or was left behind."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from huichang.domains.contacts import sending
from huichang.domains.contacts.models import Channel, Message, MessageStatus, ProviderReport
from huichang.kernel.scoping import unscoped


@app.task(name="contacts.send_one", queue="messages", retry=RetryStrategy(max_attempts=3, exponential_wait=2))
def send_one(dealer_id: int, message_id: int) -> None:
    """A message that was queued a moment ago. When another worker has it, nothing is left to do."""
    sending.send_due(dealer_id=dealer_id, clock=timezone.now, message_id=message_id)


@app.periodic(cron="* * * * *")
@app.task(name="contacts.send_waiting", queue="messages", queueing_lock="contacts.send_waiting")
def send_waiting(timestamp: int) -> None:
    """Every minute: a job for each store that has something to send or to look after."""
    now = timezone.now()
    due = Q(status=MessageStatus.WAITING, planned_for__lte=now) & ~Q(channel=Channel.LETTER)
    broken = Q(status=MessageStatus.SENDING, claimed_at__lt=now - timedelta(seconds=30))
    waited = Q(status=MessageStatus.SENT, sent_at__lt=now - timedelta(hours=1))
    # Reports come late by hours: looking for missing ones every ten minutes is soon enough.
    silent = waited & ~Q(channel__in=sending.UNREPORTED) if now.minute % 10 == 0 else Q(pk__in=())
    with unscoped("which stores have messages to send is asked of all of them at once"):
        stores = set(
            Message.objects.filter(due | broken | silent).values_list("dealer_id", flat=True).distinct()
        )
        early = ProviderReport.objects.filter(message=None, received_at__gte=now - timedelta(days=2)).exclude(
            provider_id=""
        )
        stores |= set(early.values_list("dealer_id", flat=True).distinct())
    for pk in sorted(stores):
        send_store.configure(lock=f"messages:{pk}").defer(dealer_id=pk)


@app.task(name="contacts.send_store", queue="messages")
def send_store(dealer_id: int) -> None:
    """What is due at a store, and what broke there."""
    sending.recover(dealer_id=dealer_id, clock=timezone.now)
    sending.send_due(dealer_id=dealer_id, clock=timezone.now)
