"""Who is signed in, which cars are theirs, who is registered: the reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from huichang.domains.customers import identifiers
from huichang.domains.customers.models import (
    Bond,
    Car,
    CarStatus,
    Customer,
    CustomerKind,
    CustomerPhone,
    Ownership,
)
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners.models import (
    FaultPhoto,
    OwnerAccount,
    OwnerBinding,
    OwnerCode,
    OwnerInvite,
    OwnerSession,
)
from huichang.domains.owners.permissions import P
from huichang.domains.owners.rights import PERMISSIONS, Right
from huichang.kernel.actors import Actor
from huichang.kernel.scoping import dealer_scope, unscoped
from huichang.kernel.sensitive import blind_index, mask

VIN_TAIL = 8


def digest_of(secret: str) -> str:
    """What is kept of a random token: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- signing in -------------------------------------------------------------------------------------------


def session_of(token: str, now: datetime) -> OwnerSession | None:
    """The session behind a cookie, with its account; None when unknown, ended, over, or the account is closed."""
    if not token:
        return None
    return (
        OwnerSession.objects.filter(
            digest=digest_of(token), ended_at=None, expires_at__gt=now, account__closed_at=None
        )
        .select_related("account")
        .first()
    )


def code_of(ticket: str, now: datetime) -> OwnerCode | None:
    """The code that this browser waits for, while it can still be entered."""
    waiting = OwnerCode.objects.filter(used_at=None, expires_at__gt=now, tries_left__gt=0)
    return waiting.filter(ticket=digest_of(ticket)).first() if ticket else None


def code_behind(ticket: str) -> OwnerCode | None:
    """The code this browser asked for and has not used, also when it is over: for the page that asks for it."""
    return OwnerCode.objects.filter(ticket=digest_of(ticket), used_at=None).first() if ticket else None


def account_by_openid(openid: str) -> OwnerAccount | None:
    """Who signs in with this WeChat identity."""
    return OwnerAccount.objects.filter(openid_index=blind_index(openid)).first() if openid else None


@dataclass(frozen=True, slots=True)
class Match:
    """A car that an identity number and the end of a VIN name in a store's file."""

    dealer_id: int
    customer_id: int
    car_id: int


def matches(*, vin_tail: str, id_number: str) -> list[Match]:
    """The cars that belong to the person of this number, when one of them has this VIN tail; two queries, always.

    A person's other cars come with it, in every store: the number is theirs. A company's do not, because many people
    know its code. Compared by the blind index: the number goes no further.
    """
    index = blind_index(_identity(id_number)) or "-"
    with dealer_scope(*Dealer.objects.filter(is_active=True).values_list("pk", flat=True)):
        people = {
            row.pk: row
            for row in Customer.objects.filter(id_number_index=index, merged_into=None).only("pk", "kind")
        }
        owned = list(
            Ownership.objects.filter(
                customer__in=[*people, 0], bond=Bond.OWNER, end_date=None, car__status=CarStatus.ACTIVE
            ).select_related("car")
        )
    tail = vin_tail.upper()[::-1]
    named = [one for one in owned if len(tail) == VIN_TAIL and one.car.vin_reversed.startswith(tail)]
    if not named:
        return []
    is_person = {pk for pk, row in people.items() if row.kind == CustomerKind.PERSON}
    wanted = [one for one in owned if one in named or one.customer_id in is_person]
    return [Match(one.dealer_id, one.customer_id, one.car_id) for one in wanted]


def _identity(text: str) -> str:
    """An identity number as the file keeps it: capitals, 18 places."""
    value, wrong = identifiers.resident_id(text)
    return identifiers.plain(text).upper() if wrong else value


def is_number_of(customer_id: int, mobile: str) -> bool:
    """Whether the store's file has this mobile for the customer."""
    return CustomerPhone.objects.filter(customer_id=customer_id, number=mobile, is_wrong=False).exists()


def errand_of(found: Sequence[Match]) -> dict[str, Any]:
    """What is kept until the code comes back: ids only."""
    return {"kind": "register", "cars": [[one.dealer_id, one.customer_id, one.car_id] for one in found]}


def phones_of(account: OwnerAccount, now: datetime) -> list[OwnerSession]:
    """Where the account is signed in, the latest first."""
    rows = OwnerSession.objects.filter(account=account, ended_at=None, expires_at__gt=now)
    return list(rows.order_by("-created_at"))


# --- whose cars -------------------------------------------------------------------------------------------


def _in_force() -> QuerySet[OwnerBinding]:
    """Bindings that hold: not ended, the car in the base, and the customer still its owner."""
    owns = Ownership.objects.filter(
        car=OuterRef("car"), customer=OuterRef("customer"), bond=Bond.OWNER, end_date=None
    )
    return OwnerBinding.objects.filter(
        Exists(owns), ended_at=None, car__status=CarStatus.ACTIVE, dealer__is_active=True
    )


def bindings_of(account: OwnerAccount) -> list[OwnerBinding]:
    """Every car an account sees, in all stores, with car, vehicle and store; one query."""
    with unscoped("an account's cars lie in several stores"):
        return list(
            _in_force()
            .filter(account=account)
            .select_related("car__vehicle", "dealer", "customer")
            .order_by("began_at", "pk")
        )


def binding_of(account: OwnerAccount, pk: int) -> OwnerBinding | None:
    """One of the account's own bindings; None for everybody else's."""
    with unscoped("the store of a binding is known only after it was read"):
        found = _in_force().filter(account=account, pk=pk)
        return found.select_related("car__vehicle", "dealer", "customer").first()


def actor_of_account(account: OwnerAccount) -> Actor:
    """An owner outside any store: may look after the own account only."""
    return Actor(name=_name(account), permissions=frozenset({P.USE.value}), language=account.language)


def actor_for(binding: OwnerBinding) -> Actor:
    """An owner (or an invited driver) at the store of a car: exactly the rights of the binding, there only."""
    return Actor(
        name=_name(binding.account), dealer_id=binding.dealer_id, dealer_ids=(binding.dealer_id,),
        permissions=PERMISSIONS[binding.right], language=binding.account.language,
    )  # fmt: skip


def _name(account: OwnerAccount) -> str:
    return f"车主 {mask(account.mobile)}"


def drivers_of(binding: OwnerBinding) -> list[OwnerBinding]:
    """Whom the owner lets use this car, of the open scope."""
    rows = _in_force().filter(car=binding.car, customer=binding.customer, right=Right.DRIVER)
    return list(rows.select_related("account").order_by("began_at"))


def open_invites(binding: OwnerBinding, now: datetime) -> list[OwnerInvite]:
    rows = OwnerInvite.objects.filter(binding=binding, used_at=None, revoked_at=None, expires_at__gt=now)
    return list(rows.order_by("-created_at"))


def invite_of(token: str, now: datetime) -> OwnerInvite | None:
    """The invitation behind `<store>.<secret>`, while it can be accepted; looked for inside that store only."""
    store, _dot, secret = token.partition(".")
    if not (store.isascii() and store.isdigit() and len(store) < 19 and secret):
        return None
    with dealer_scope(int(store)):
        rows = OwnerInvite.objects.filter(
            digest=digest_of(secret),
            used_at=None,
            revoked_at=None,
            expires_at__gt=now,
            binding__in=_in_force(),
        )
        return rows.select_related("binding__car__vehicle", "dealer").first()


# --- what the store sees ----------------------------------------------------------------------------------


def registrations_of(customer: Customer, cars: Sequence[Car]) -> list[OwnerBinding]:
    """Who sees the customer's cars on a phone, with the accounts; one query."""
    rows = _in_force().filter(customer=customer, car__in=cars)
    return list(rows.select_related("account", "car").order_by("right", "began_at"))


def registered() -> QuerySet[OwnerBinding]:
    """Owners registered in the open scope, the latest first, with everything a list shows."""
    rows = _in_force().filter(right=Right.OWNER)
    return rows.select_related("account", "car__vehicle", "customer").order_by("-began_at", "-pk")


def photos_of(references: Iterable[str]) -> list[FaultPhoto]:
    """The pictures sent with these bookings, oldest first, without their contents."""
    return list(FaultPhoto.objects.filter(reference__in=list(references)).defer("content").order_by("pk"))
