"""No more contact, lifted only on the customer's own word; and what a customer agreed to. Per purpose, channel, car."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.contacts.events import OptedOut, OptOutLifted
from huichang.domains.contacts.models import Channel, Consent, OptOut
from huichang.domains.contacts.permissions import P
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.operations import OperationRefused, operation


@operation(P.OPT_OUT)
def opt_out(
    *,
    customer: Customer,
    reason: str,
    actor: Actor,
    now: datetime,
    purpose: str = "all",
    channel: str = Channel.ALL,
    car: Car | None = None,
) -> OptOut:
    """Keep a customer's wish not to be contacted. The same wish twice is one row. Publishes OptedOut.

    Raises OperationRefused without a reason.
    """
    if not reason.strip():
        raise OperationRefused(_("请写下客户的原话或原因。"), field="opt_out_reason")
    standing = OptOut.objects.filter(
        customer=customer, purpose=purpose, channel=channel, car=car, lifted_at=None
    ).first()
    if standing:
        return standing
    row = OptOut.objects.create(
        dealer_id=customer.dealer_id, customer=customer, car=car, purpose=purpose, channel=channel,
        reason=reason.strip()[:200], recorded_at=now, recorded_by_id=actor.user_id,
    )  # fmt: skip
    publish(OptedOut(customer.dealer_id, customer_id=customer.pk, purpose=purpose, channel=channel))
    return row


@operation(P.LIFT_OPT_OUT)
def lift_opt_out(*, refusal: OptOut, how: str, actor: Actor, now: datetime) -> None:
    """Contact again, because the customer said so: `how` holds their words and when. Publishes OptOutLifted.

    Raises OperationRefused without the customer's words, and when somebody lifted it already.
    """
    if len(how.strip()) < 4:
        raise OperationRefused(_("只有客户本人可以恢复联系:请写下客户何时、怎样说的。"), field="how")
    lifted = OptOut.objects.filter(pk=refusal.pk, lifted_at=None).update(
        lifted_at=now, lifted_how=how.strip()[:200]
    )
    if not lifted:
        raise OperationRefused(_("别人刚刚恢复了联系。"))
    publish(OptOutLifted(refusal.dealer_id, customer_id=refusal.customer_id))


@operation(P.CONSENT)
def give_consent(
    *,
    customer: Customer,
    purpose: str,
    proof: str,
    actor: Actor,
    now: datetime,
    channel: str = Channel.ALL,
    car: Car | None = None,
) -> Consent:
    """Keep what a customer agreed to receive, with the proof of it. The same consent twice is one row.

    Raises OperationRefused without a proof: who agreed when, in which words or on which form.
    """
    if len(proof.strip()) < 4:
        raise OperationRefused(_("请写明凭据:客户何时、用什么方式同意的。"), field="proof")
    row, _created = Consent.objects.get_or_create(
        dealer_id=customer.dealer_id, customer=customer, car=car, purpose=purpose, channel=channel, withdrawn_at=None,
        defaults={
            "proof": proof.strip()[:200], "given_at": now, "recorded_by_id": actor.user_id,
            "recorded_by_name": actor.name[:80],
        },
    )  # fmt: skip
    return row


@operation(P.CONSENT)
def withdraw_consent(*, consent: Consent, how: str, actor: Actor, now: datetime) -> None:
    """The customer took it back: as easily as it was given. Raises OperationRefused when it is withdrawn already."""
    ended = Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_how=how.strip()[:200]
    )
    if not ended:
        raise OperationRefused(_("别人刚刚撤回了这项同意。"))
