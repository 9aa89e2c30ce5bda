"""Letters: written, printed, entered in the register of letters, archived with their text (CAL-17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.contacts.models import Channel, Message, MessageStatus
from huichang.domains.contacts.operations.messages import queue_message
from huichang.domains.contacts.permissions import P
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

KINDS = ("notice", "invitation", "reply")


@operation(P.WRITE_LETTERS)
def write_letter(
    *,
    customer: Customer,
    kind: str,
    text: str,
    actor: Actor,
    now: datetime,
    car: Car | None = None,
    language: str = "zh-hans",
) -> Message:
    """A letter to a customer (`notice`, `invitation`, `reply`), waiting to be printed. Numbered in the register.

    Raises OperationRefused without a text, without a postal address, and when the customer wants no letters.
    """
    if kind not in KINDS:
        raise OperationRefused(_("请选择信函种类。"), field="kind")
    if not text.strip():
        raise OperationRefused(_("请写信函内容。"), field="text")
    if not customer.address.strip():
        raise OperationRefused(_("客户档案里没有地址,请先补上。"), field="customer")
    number = next_number(dealer_id=customer.dealer_id, kind="L", day=local_date(now))
    message = queue_message(
        dealer=customer.dealer, customer=customer, car=car, purpose="letter", template=f"letter.{kind}",
        values={"text": text.strip()}, key=f"letter:{number}", language=language, actor=actor, now=now,
    )  # fmt: skip
    if message.status != MessageStatus.WAITING:
        raise OperationRefused(_("客户不愿意收到信函。"), field="customer")
    Message.objects.filter(pk=message.pk).update(register_number=number)
    message.register_number = number
    return message


@operation(P.WRITE_LETTERS)
def post_letters(*, letters: Sequence[Message], actor: Actor, now: datetime) -> int:
    """The printed letters were posted; how many. One that is no longer waiting is left as it is."""
    posted = 0
    for letter in letters:
        if letter.channel == Channel.LETTER and letter.status == MessageStatus.WAITING:
            move(letter, MessageStatus.SENT, actor=actor, now=now, also={"sent_at": now})
            posted += 1
    return posted


@operation(P.WRITE_LETTERS)
def letter_returned(*, letter: Message, reason: str, actor: Actor, now: datetime) -> None:
    """The post brought it back. Raises TransitionRefused for one that was never posted."""
    also = {"cause": "returned", "provider_text": reason.strip()[:200], "failed_at": now}
    move(letter, MessageStatus.FAILED, actor=actor, now=now, reason=reason, also=also)
