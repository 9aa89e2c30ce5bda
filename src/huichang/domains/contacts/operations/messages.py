"""The outbox: a message is a row of the transaction that it tells of; sending comes after (ADR 14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import User
from huichang.domains.contacts import choosing, holds
from huichang.domains.contacts.choosing import Choice
from huichang.domains.contacts.models import ChannelAddress, Message, MessageStatus
from huichang.domains.contacts.outbox import hurry, make_room, put_into_queue
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.purposes import Klass, purpose_of
from huichang.domains.contacts.queries import language_of
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.sensitive import blind_index


@operation(P.NOTIFY)
def queue_message(
    *,
    dealer: Dealer,
    customer: Customer,
    purpose: str,
    template: str,
    values: Mapping[str, str],
    key: str,
    actor: Actor,
    now: datetime,
    car: Car | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    language: str = "",
    channels: Sequence[str] = (),
) -> Message:
    """Put a message into the outbox, once per (dealer, key). It goes when the transaction has committed.

    The channel is the first of the purpose's chain (or of `channels`) for which there is an address, no refusal, the
    consent it needs and a provider that takes it. Refusals, quiet hours and pressure never raise: the row is `waiting`
    (perhaps for the morning) or `suppressed` with its cause. `customer`, `plate`, `series`, `store` and `store_phone`
    are filled in when `values` lacks them. A message that waits beyond `expires_at` is not sent any more. It speaks
    `language`, else what the customer chose.
    """
    earlier = Message.objects.filter(key=key).first()
    if earlier:
        return earlier
    known, language = purpose_of(purpose), language or language_of(customer)
    choice = choosing.choose(
        dealer=dealer, purpose=known, customer=customer, car_id=car.pk if car else None, template=template,
        language=language, channels=channels,
    )  # fmt: skip
    start = max(now, not_before or now)
    message = Message(
        dealer=dealer, customer=customer, car=car, purpose=purpose, template_name=template, language=language,
        key=key[:120], created_at=now, expires_at=expires_at, planned_for=choosing.morning(known, dealer, start),
    )  # fmt: skip
    if not choice.cause and (held := holds.cause_of(message)):
        choice = Choice(choice.channel, held)
    if not choice.cause and not make_room(known, customer, dealer, start, actor=actor, now=now):
        choice = Choice(choice.channel, "pressure")
    return put_into_queue(message, choice, known, values, actor=actor, now=now)


@operation(P.NOTIFY)
def queue_staff_mail(
    *,
    dealer: Dealer,
    user: User,
    subject: str,
    text: str,
    key: str,
    actor: Actor,
    now: datetime,
    language: str = settings.LANGUAGE_CODE,
) -> Message:
    """Mail to a person of the store, once per key; suppressed with its cause when they have no e-mail address."""
    earlier = Message.objects.filter(key=key).first()
    if earlier:
        return earlier
    known = purpose_of("staff")
    choice = choosing.choose(
        dealer=dealer, purpose=known, customer=None, car_id=None, template="staff.mail", language=language,
        address=user.email,
    )  # fmt: skip
    message = Message(
        dealer=dealer, staff=user, purpose="staff", template_name="staff.mail", language=language, key=key[:120],
        created_at=now, planned_for=now,
    )  # fmt: skip
    return put_into_queue(message, choice, known, {"reason": subject, "text": text}, actor=actor, now=now)


@operation(P.NOTIFY)
def queue_code(
    *,
    dealer: Dealer,
    mobile: str,
    values: Mapping[str, str],
    key: str,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
    customer: Customer | None = None,
    language: str = settings.LANGUAGE_CODE,
) -> Message:
    """A code to a mobile that may be nobody's yet (`sending.send_code` looks at the limits first).

    Raises OperationRefused when the store cannot send SMS.
    """
    known = purpose_of("code")
    choice = choosing.choose(
        dealer=dealer, purpose=known, customer=None, car_id=None, template="owner.code", language=language,
        address=mobile,
    )  # fmt: skip
    if choice.cause:
        raise OperationRefused(_("门店暂时不能发短信验证码,请致电门店。"), field="mobile")
    message = Message(
        dealer=dealer, customer=customer, purpose="code", template_name="owner.code", language=language, key=key[:120],
        created_at=now, planned_for=now, expires_at=expires_at,
    )  # fmt: skip
    return put_into_queue(message, choice, known, values, actor=actor, now=now)


@operation(P.NOTIFY)
def cancel_message(*, dealer: Dealer, key: str, actor: Actor, now: datetime) -> bool:
    """Take back a message that has not gone; False when there is none or it is too late."""
    message = Message.objects.select_for_update().filter(key=key).first()
    if message is None or message.status != MessageStatus.WAITING:
        return False
    move(message, MessageStatus.CANCELLED, actor=actor, now=now, also={"cause": "withdrawn"})
    return True


@operation(P.NOTIFY)
def register_address(
    *,
    dealer: Dealer,
    customer: Customer,
    channel: str,
    address: str,
    proof: str,
    actor: Actor,
    now: datetime,
    credits: int = 0,  # noqa: A002  # the word of the trade for one-time subscriptions
) -> ChannelAddress:
    """Keep where a customer is reached: an openid (`wechat`, `mini`), a verified e-mail or mobile.

    Registered again it is valid again, and `credits` one-time subscriptions are added (mini-program).
    Raises OperationRefused without an address or its proof.
    """
    if not address.strip() or not proof.strip():
        raise OperationRefused(_("请填写地址,并写明如何核实。"), field="address")
    row, _created = ChannelAddress.objects.get_or_create(
        dealer=dealer, customer=customer, channel=channel, address_index=blind_index(address.strip()),
        defaults={"address": address.strip(), "proof": proof.strip()[:200], "verified_at": now},
    )  # fmt: skip
    row.proof, row.verified_at = proof.strip()[:200], now
    row.invalid_since, row.invalid_cause = None, ""
    row.credits += credits
    row.save()
    return row


@operation(P.NOTIFY)
def end_address(
    *, dealer: Dealer, customer: Customer, channel: str, address: str, cause: str, actor: Actor, now: datetime
) -> None:
    """Reach a customer there no longer; registered again it is valid again."""
    rows = ChannelAddress.objects.filter(
        dealer=dealer, customer=customer, channel=channel, address_index=blind_index(address.strip())
    )
    rows.filter(invalid_since=None).update(invalid_since=now, invalid_cause=cause[:40])


@operation(P.SEND_AGAIN)
def send_again(*, message: Message, actor: Actor, now: datetime, reason: str = "") -> None:
    """Try a failed or suppressed message once more; refusals, consent and rules are asked anew when it goes.

    Raises OperationRefused while another channel stands in for it, and for codes, which nobody waits for any more.
    """
    if Message.objects.filter(fallback_of=message).exists():
        raise OperationRefused(_("已经改用另一种方式发送,请重发那一条。"))
    if purpose_of(message.purpose).klass is Klass.CODE:
        raise OperationRefused(_("验证码不能重发,请客户重新获取。"))
    fresh = {
        "cause": "",
        "attempts": 0,
        "planned_for": now,
        "tried_at": None,
        "failed_at": None,
        "expires_at": None,
    }
    move(message, MessageStatus.WAITING, actor=actor, now=now, reason=reason or _("人工重发"), also=fresh)
    hurry(message, now)
