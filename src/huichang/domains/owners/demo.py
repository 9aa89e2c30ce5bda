"""Owners of the demo store who registered over the last weeks, as if they had scanned the poster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from huichang.domains.customers.models import Bond, CustomerKind, CustomerPhone, Ownership
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, Proof
from huichang.domains.owners.operations import bind
from huichang.domains.owners.queries import actor_of_account
from huichang.domains.owners.reaching import note_wechat
from huichang.domains.owners.rights import Right
from huichang.kernel.sensitive import blind_index

OPENID = "oDemoOwner000000000000000001"  # who the local WeChat says its visitor is
_EVERY = 3  # one owner in three is registered
_MOST = 90


def register_owners(
    *, dealer: Dealer, first: Sequence[int], mobiles: tuple[str, str], now: datetime
) -> OwnerBinding | None:
    """Register owners of the open scope; the cars of `first` go to the demo's own owner and driver. Idempotent.

    Gives the binding of the first of those cars, None when the store has no such car.
    """
    mine = _own(dealer, first, mobiles, now)
    rows = Ownership.objects.filter(
        bond=Bond.OWNER, end_date=None, car__status="active", customer__kind=CustomerKind.PERSON
    ).exclude(car_id__in=list(first))
    for number, row in enumerate(rows.select_related("car", "customer").order_by("pk")[: _EVERY * _MOST]):
        mobile = CustomerPhone.objects.filter(customer=row.customer, kind="mobile", is_primary=True).first()
        if number % _EVERY or mobile is None or len(mobile.number) != 11:
            continue
        openid = f"oDemoVisitor{number:016d}" if number % 2 else ""
        began = now - timedelta(days=60 - 60 * number // (_EVERY * _MOST), hours=number % 3)
        _bind(row, dealer, _account(mobile.number, began, openid), Proof.IDENTITY, began)
    return mine


def _own(dealer: Dealer, cars: Sequence[int], mobiles: tuple[str, str], now: datetime) -> OwnerBinding | None:
    found: OwnerBinding | None = None
    for number, pk in enumerate(cars):
        row = (
            Ownership.objects.select_related("car", "customer")
            .filter(car_id=pk, bond=Bond.OWNER, end_date=None)
            .first()
        )
        if row is None:
            continue
        began = now - timedelta(days=40 - number)
        binding = _bind(row, dealer, _account(mobiles[0], began, OPENID), Proof.IDENTITY, began)
        found = found or binding
    if found is not None:
        account = _account(mobiles[1], now - timedelta(days=12), "")
        bind(
            dealer=dealer, account=account, customer=found.customer, car=found.car, right=Right.DRIVER,
            proof=Proof.INVITED, label="家人", actor=actor_of_account(account), now=now - timedelta(days=12),
        )  # fmt: skip
    return found


def _account(mobile: str, now: datetime, openid: str) -> OwnerAccount:
    account, _created = OwnerAccount.objects.get_or_create(
        mobile_index=blind_index(mobile),
        defaults={
            "mobile": mobile, "openid": openid, "openid_index": blind_index(openid), "created_at": now,
            "notice_version": "2026-11", "noticed_at": now,
        },
    )  # fmt: skip
    return account


def _bind(row: Ownership, dealer: Dealer, account: OwnerAccount, proof: str, now: datetime) -> OwnerBinding:
    actor = actor_of_account(account)
    binding = bind(
        dealer=dealer, account=account, customer=row.customer, car=row.car, right=Right.OWNER, proof=proof,
        actor=actor, now=now,
    )  # fmt: skip
    note_wechat(binding, account, actor=actor, now=now)
    return binding
