"""Cars on the phone: they come with a proof and go when somebody leaves, sells, or is no longer let."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from urllib.parse import quote

from django.utils.translation import gettext as _

from huichang.domains.contacts.operations import queue_message
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.customers.models import Bond, Car, Customer, Ownership
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import links, policies
from huichang.domains.owners.events import OwnerLeft, OwnerRegistered
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, OwnerInvite, OwnerSession
from huichang.domains.owners.permissions import P
from huichang.domains.owners.queries import actor_for, bindings_of, digest_of, drivers_of, open_invites
from huichang.domains.owners.reaching import forget_wechat
from huichang.domains.owners.rights import Right
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date


@operation(P.USE)
def bind(
    *,
    dealer: Dealer,
    account: OwnerAccount,
    customer: Customer,
    car: Car,
    right: str,
    proof: str,
    actor: Actor,
    now: datetime,
    label: str = "",
) -> OwnerBinding:
    """Show a car on an account's phones. A binding there is stays, and becomes the owner's when that is proved now."""
    current = OwnerBinding.objects.filter(account=account, car=car, ended_at=None).first()
    if current is not None and current.customer_id == customer.pk:
        if right == Right.OWNER and current.right != Right.OWNER:
            current.right, current.proof, current.label = right, proof, ""
            current.save(update_fields=["right", "proof", "label"])
        return current
    if current is not None:  # of an earlier owner of the car
        _end(current, _("车辆已换车主"), now)
    binding = OwnerBinding.objects.create(
        dealer=dealer, account=account, customer=customer, car=car, right=right, proof=proof, label=label[:20],
        began_at=now,
    )  # fmt: skip
    publish(
        OwnerRegistered(dealer_id=dealer.pk, binding_id=binding.pk, customer_id=customer.pk, car_id=car.pk)
    )
    return binding


@operation(P.USE)
def leave(*, binding: OwnerBinding, reason: str, actor: Actor, now: datetime) -> None:
    """Take a car off one's phone; when it is the owner who leaves, those the owner invited go too."""
    if binding.right == Right.OWNER and not _other_owners(binding):
        for driver in drivers_of(binding):
            _end(driver, _("车主已解除绑定"), now)
    OwnerInvite.objects.filter(binding=binding, used_at=None, revoked_at=None).update(revoked_at=now)
    forget_wechat(binding, actor=actor, now=now)
    _end(binding, reason.strip()[:100] or _("本人解除绑定"), now)


def _other_owners(binding: OwnerBinding) -> bool:
    rows = OwnerBinding.objects.filter(
        car=binding.car, customer=binding.customer, right=Right.OWNER, ended_at=None
    )
    return rows.exclude(pk=binding.pk).exists()


def _end(binding: OwnerBinding, reason: str, now: datetime) -> None:
    ended = OwnerBinding.objects.filter(pk=binding.pk, ended_at=None)
    if ended.update(ended_at=now, end_reason=reason):
        publish(
            OwnerLeft(
                dealer_id=binding.dealer_id, binding_id=binding.pk, customer_id=binding.customer_id,
                car_id=binding.car_id,
            )
        )  # fmt: skip


@operation(P.SHARE)
def invite_driver(*, binding: OwnerBinding, label: str, actor: Actor, now: datetime) -> str:
    """A token by which one person may use the owner's car, good once and for the policy's hours; shown once.

    Raises OperationRefused without a name, or beyond the policy's number of people.
    """
    label = label.strip()[:20]
    if not label:
        raise OperationRefused(_("请写下怎么称呼这位家人"), field="label")
    most = policy(policies.DRIVERS, binding.dealer, local_date(now))
    if len(drivers_of(binding)) + len(open_invites(binding, now)) >= most:
        raise OperationRefused(_("这辆车最多邀请 {most} 位家人").format(most=most), field="label")
    hours = policy(policies.INVITE_HOURS, binding.dealer, local_date(now))
    secret = secrets.token_urlsafe(24)
    OwnerInvite.objects.create(
        dealer_id=binding.dealer_id, binding=binding, digest=digest_of(secret), label=label, created_at=now,
        expires_at=now + timedelta(hours=hours),
    )  # fmt: skip
    return f"{binding.dealer_id}.{secret}"


@operation(P.SHARE)
def revoke_invite(*, binding: OwnerBinding, invite_id: int, actor: Actor, now: datetime) -> None:
    """Take back an invitation nobody has used."""
    OwnerInvite.objects.filter(binding=binding, pk=invite_id, used_at=None).update(revoked_at=now)


@operation(P.SHARE)
def remove_driver(*, binding: OwnerBinding, driver_id: int, actor: Actor, now: datetime) -> None:
    """Let an invited person no longer use the car. Raises OperationRefused for anybody else's driver."""
    found = next((one for one in drivers_of(binding) if one.pk == driver_id), None)
    if found is None:
        raise OperationRefused(_("没有这位家人"))
    _end(found, _("车主已移除"), now)


@operation(P.USE)
def close_account(*, account: OwnerAccount, actor: Actor, now: datetime) -> None:
    """Leave altogether (PIPL art. 47): every binding and session ends, mobile and WeChat identity are erased."""
    for binding in bindings_of(account):
        with dealer_scope(binding.dealer_id):
            leave(binding=binding, reason=_("本人注销账户"), actor=actor_for(binding), now=now)
    OwnerSession.objects.filter(account=account, ended_at=None).update(ended_at=now)
    OwnerAccount.objects.filter(pk=account.pk).update(
        mobile="", mobile_index="", openid="", openid_index="", closed_at=now
    )


@operation(P.INVITE)
def end_stale_bindings(*, car: Car, actor: Actor, now: datetime) -> int:
    """End the bindings of whoever does not own the car any more (it was sold, or left the base); how many."""
    owner = Ownership.objects.filter(car=car, bond=Bond.OWNER, end_date=None).values_list(
        "customer_id", flat=True
    )
    rows = OwnerBinding.objects.filter(car=car, ended_at=None)
    stale = list(rows.exclude(customer_id__in=list(owner)) if car.status == "active" else rows)
    for binding in stale:
        _end(binding, _("车辆已换车主"), now)
    return len(stale)


@operation(P.INVITE)
def invite_owner(*, dealer: Dealer, customer: Customer, car: Car | None, actor: Actor, now: datetime) -> str:
    """Send the customer the address to register at (WX-03, WX-05), once a day; returns the status of the message."""
    message = queue_message(
        dealer=dealer, customer=customer, car=car, purpose="owner", template="owner.invite",
        values={"link": links.address(f"/m/register?store={quote(dealer.code)}")},
        key=f"owner.invite:{customer.pk}:{local_date(now):%Y%m%d}", actor=actor.holding(ContactsP.NOTIFY), now=now,
    )  # fmt: skip
    return message.status
