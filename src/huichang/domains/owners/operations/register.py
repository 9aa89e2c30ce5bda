"""A car comes to an account: by VIN and identity number (WX-02), or by the owner's invitation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners.fields import clean_vin_tail
from huichang.domains.owners.limits import Limits, check_car_tries, take_turn
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, OwnerInvite, OwnerTry, Proof, TryKind
from huichang.domains.owners.operations.bindings import bind
from huichang.domains.owners.permissions import P
from huichang.domains.owners.queries import (
    Match,
    actor_of_account,
    is_number_of,
    matches,
)
from huichang.domains.owners.reaching import note_wechat, tell_earlier_mobile
from huichang.domains.owners.rights import Right
from huichang.kernel.actors import Actor
from huichang.kernel.operations import operation
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.sensitive import blind_index

NO_MATCH = gettext_noop(
    "车架号后 8 位和证件号码与门店档案对不上。请照行驶证再核对一遍;仍不行请带行驶证到门店,或致电门店。"
)


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of an errand: the bindings made, or `is_refused` because nothing matched."""

    bindings: Sequence[OwnerBinding]
    is_refused: bool = False


def look_for_car(
    *, vin_tail: str, id_number: str, mobile_index: str, address: str | None, bounds: Limits, now: datetime
) -> list[Match]:
    """The cars an identity number and a VIN tail name; a try that finds none is counted. Raises TooOften.

    No `@operation`: nobody is signed in yet, and a refused try must stay written.
    """
    tail = clean_vin_tail(vin_tail)
    index = blind_index(tail)
    with transaction.atomic():
        take_turn(index)
        check_car_tries(mobile_index=mobile_index, vin_index=index, address=address, bounds=bounds, now=now)
        found = matches(vin_tail=tail, id_number=id_number)
        OwnerTry.objects.create(
            kind=TryKind.CAR, mobile_index=mobile_index, vin_index=index, address=address, at=now,
            succeeded=bool(found),
        )  # fmt: skip
    return found


def finish_errand(
    *, account: OwnerAccount, mobile: str, errand: Mapping[str, Any], now: datetime
) -> Registered:
    """Do what a code was asked for: bind the cars that were found, or accept the invitation."""
    if errand.get("kind") == "register":
        found = [Match(*ids) for ids in errand.get("cars", ())]
        return Registered(_bind_all(account, mobile, found, now), is_refused=not found)
    if errand.get("kind") == "invite":
        binding = accept_invite(
            account=account, dealer_id=errand["store"], invite_id=errand["invite"], now=now
        )
        return Registered([binding] if binding else [], is_refused=binding is None)
    return Registered([])


@operation(P.USE)
def add_car(
    *,
    account: OwnerAccount,
    vin_tail: str,
    id_number: str,
    address: str | None,
    bounds: Limits,
    actor: Actor,
    now: datetime,
) -> Registered:
    """Register one more car of somebody who is signed in. `is_refused` when nothing matches. Raises TooOften."""
    found = look_for_car(
        vin_tail=vin_tail, id_number=id_number, mobile_index=account.mobile_index, address=address,
        bounds=bounds, now=now,
    )  # fmt: skip
    return Registered(_bind_all(account, account.mobile, found, now), is_refused=not found)


def _bind_all(
    account: OwnerAccount, mobile: str, found: Sequence[Match], now: datetime
) -> list[OwnerBinding]:
    actor, made = actor_of_account(account), []
    for one in found:
        with dealer_scope(one.dealer_id):
            proof = Proof.IDENTITY if is_number_of(one.customer_id, mobile) else Proof.NEW_MOBILE
            binding = bind(
                dealer=Dealer.objects.get(pk=one.dealer_id), account=account,
                customer=Customer.objects.get(pk=one.customer_id), car=Car.objects.get(pk=one.car_id),
                right=Right.OWNER, proof=proof, actor=actor, now=now,
            )  # fmt: skip
            if proof == Proof.NEW_MOBILE:
                tell_earlier_mobile(binding, mobile, actor=actor, now=now)
            note_wechat(binding, account, actor=actor, now=now)
            made.append(binding)
    return made


def accept_invite(
    *, account: OwnerAccount, dealer_id: int, invite_id: int, now: datetime
) -> OwnerBinding | None:
    """Let an invited person use the car; None when the invitation is used, over or taken back.

    The owner's own account keeps its own binding and does not use the invitation up.
    """
    with dealer_scope(dealer_id):
        invite = OwnerInvite.objects.select_related("binding__car", "binding__customer", "dealer").get(
            pk=invite_id
        )
        if invite.binding.account_id == account.pk:
            return invite.binding
        mine = OwnerInvite.objects.filter(pk=invite.pk, used_at=None, revoked_at=None, expires_at__gt=now)
        if not mine.update(used_at=now):
            return None
        return bind(
            dealer=invite.dealer, account=account, customer=invite.binding.customer, car=invite.binding.car,
            right=Right.DRIVER, proof=Proof.INVITED, label=invite.label, actor=actor_of_account(account), now=now,
        )  # fmt: skip
