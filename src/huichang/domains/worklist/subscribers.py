"""What messages leave to people: a call when no channel reached the customer, a call back when they wrote."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from huichang.domains.contacts.events import NobodyReached, ReplyReceived
from huichang.domains.contacts.models import Message, Reply
from huichang.domains.contacts.purposes import purpose_of
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist.models import CallTask
from huichang.domains.worklist.operations.tasks import open_task
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe
from huichang.kernel.worktime import local_date

_ACTOR = system("worklist")


@subscribe(NobodyReached)
def on_nobody_reached(event: NobodyReached) -> None:
    message = Message.objects.select_related("car").get(pk=event.message_id)
    subject = _("{purpose}通知没有送达:{text}").format(
        purpose=purpose_of(message.purpose).label, text=message.body.replace("\n", " ")
    )
    _ask(
        event.dealer_id,
        event.customer_id,
        "contacts.message",
        message.pk,
        subject,
        message.car,
        timezone.now(),
    )


@subscribe(ReplyReceived)
def on_reply(event: ReplyReceived) -> None:
    reply = Reply.objects.get(pk=event.reply_id)
    subject = _("客户回复:{text}").format(text=reply.text)
    _ask(event.dealer_id, event.customer_id, "contacts.reply", reply.pk, subject, None, timezone.now())


def _ask(
    dealer_id: int,
    customer_id: int,
    source: str,
    source_id: int,
    subject: str,
    car: Car | None,
    now: datetime,
) -> None:
    """One call task a source row, however often the event comes."""
    if CallTask.objects.filter(source=source, source_id=source_id).exists():
        return
    open_task(
        dealer=Dealer.objects.get(pk=dealer_id), customer=Customer.objects.get(pk=customer_id), car=car,
        source=source, source_id=source_id, subject=subject, ready_at=now, last_safe_day=local_date(now),
        actor=_ACTOR, now=now,
    )  # fmt: skip
