"""A store's customers: the writes about people and companies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from huichang.domains.customers import identifiers
from huichang.domains.customers.events import CarChanged
from huichang.domains.customers.models import (
    Customer,
    CustomerKind,
    CustomerNeed,
    CustomerPhone,
    CustomerTag,
    Disclosure,
    Ownership,
    Tag,
)
from huichang.domains.customers.operations.shared import _refuse_merged, _refuse_stale, _save
from huichang.domains.customers.permissions import P
from huichang.domains.dealers.models import Dealer
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.sensitive import blind_index
from huichang.kernel.worktime import local_date

NUMBER_KIND = "K"
CUSTOMER_COLUMNS = frozenset(
    {
        "kind", "name", "gender", "birthday", "address", "workplace", "email", "has_wechat", "preferred_time",
        "next_service", "remark",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as typed, and whether it is the one to dial first."""

    number: str
    is_primary: bool = False


@operation(P.EDIT)
def add_customer(
    *,
    dealer: Dealer,
    facts: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    phones: Sequence[Phone] = (),
    id_number: str = "",
) -> Customer:
    """Open a file for a person or company. `facts` are columns of `CUSTOMER_COLUMNS`, a name at least.

    Raises OperationRefused for a missing name and for wrong phones and identity numbers.
    """
    customer = Customer(dealer=dealer, created_at=now)
    _fill_customer(customer, facts)
    _fill_id_number(customer, id_number)
    customer.number = next_number(dealer_id=dealer.pk, kind=NUMBER_KIND, day=local_date(now))
    customer.save()
    _keep_phones(customer, phones)
    return customer


@operation(P.EDIT)
def edit_customer(
    *,
    customer: Customer,
    facts: Mapping[str, Any],
    actor: Actor,
    phones: Sequence[Phone] | None = None,
    id_number: str | None = None,
    seen: int | None = None,
) -> Customer:
    """Change a person's data; `phones` and `id_number` stay as they are when None.

    `seen` is `queries.version()` as the page showed it. Raises ChangedMeanwhile, OperationRefused.
    """
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    _refuse_merged(locked)
    _refuse_stale(locked, seen)
    _fill_customer(locked, facts)
    known = locked.id_number_index
    if id_number is not None:
        _fill_id_number(locked, id_number)
    _save(locked, with_id_number=locked.id_number_index != known)
    if phones is not None:
        _keep_phones(locked, phones)
    return locked


def _fill_customer(customer: Customer, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if name in CUSTOMER_COLUMNS:
            setattr(customer, name, value.strip() if isinstance(value, str) else value)
    if not customer.name:
        raise OperationRefused(_("请填写客户名称"), field="name")
    customer.name_pinyin, customer.name_initials = identifiers.pinyin_keys(customer.name)


def _fill_id_number(customer: Customer, raw: str) -> None:
    """Empty clears it. A person's number also tells the birthday, when none was given."""
    if not raw.strip():
        customer.id_number = customer.id_number_index = ""
        return
    is_company = customer.kind == CustomerKind.COMPANY
    value, wrong = identifiers.company_code(raw) if is_company else identifiers.resident_id(raw)
    if wrong is not None:
        raise OperationRefused(wrong.message, field="id_number")
    customer.id_number, customer.id_number_index = value, blind_index(value)
    if not is_company and customer.birthday is None:
        customer.birthday = identifiers.birth_date(value)


def _keep_phones(customer: Customer, phones: Sequence[Phone]) -> None:
    """Make the customer's numbers exactly these; the first is dialled first unless another says so."""
    wanted: dict[str, tuple[str, bool]] = {}
    for one in phones:
        if not one.number.strip():
            continue
        digits, kind, wrong = identifiers.phone(one.number)
        if wrong is not None:
            raise OperationRefused(wrong.message, field="phones")
        wanted[digits] = (kind, one.is_primary or wanted.get(digits, ("", False))[1])
    if wanted and not any(is_primary for _kind, is_primary in wanted.values()):
        first = next(iter(wanted))
        wanted[first] = (wanted[first][0], True)
    known = {phone.number: phone for phone in CustomerPhone.objects.filter(customer=customer).order_by("pk")}
    _note_phones(customer, list(known), list(wanted))
    for number in set(known) - set(wanted):
        known[number].delete()
    # Only one number may be the primary one: take it away before giving it.
    CustomerPhone.objects.filter(customer=customer, is_primary=True).exclude(
        number__in=[number for number, (_kind, is_primary) in wanted.items() if is_primary]
    ).update(is_primary=False)
    for number, (kind, is_primary) in wanted.items():
        CustomerPhone.objects.update_or_create(
            dealer_id=customer.dealer_id, customer=customer, number=number,
            defaults={"kind": kind, "is_primary": is_primary, "reversed_number": number[::-1]},
        )  # fmt: skip


def _note_phones(customer: Customer, before: list[str], after: list[str]) -> None:
    """A number that is gone has no row left to tell of it: the change is kept with the customer."""
    if not before or set(before) == set(after):
        return
    with connection.cursor() as cursor:
        cursor.execute(sql.statement("huichang.domains.customers", "note_phones"), {
            "dealer_id": customer.dealer_id, "customer_id": customer.pk,
            "changes": json.dumps({"phones": [before, after]}),
        })  # fmt: skip


@operation(P.EDIT)
def mark_phone(*, phone: CustomerPhone, is_wrong: bool, actor: Actor) -> None:
    """Note that a number reaches somebody else (CAL), or that it does not any more."""
    phone.is_wrong = is_wrong
    phone.save(update_fields=["is_wrong"])


@operation(P.REVEAL_ID)
def reveal_id_number(*, customer: Customer, reason: str, actor: Actor, now: datetime) -> str:
    """The identity number in clear; who saw it when and why is kept. Raises OperationRefused without a reason."""
    if not reason.strip():
        raise OperationRefused(_("请写明查看证件号码的原因"), field="reason")
    Disclosure.objects.create(
        dealer_id=customer.dealer_id, customer=customer, field="id_number", reason=reason.strip()[:200],
        user_id=actor.user_id, at=now,
    )  # fmt: skip
    return str(customer.id_number)


@operation(P.EDIT)
def set_tags(*, customer: Customer, names: Sequence[str], actor: Actor) -> None:
    """Make the customer's tags exactly these words; unknown words become tags of the store (CUS-27)."""
    _refuse_merged(customer)
    wanted = {name.strip()[:20] for name in names if name.strip()}
    CustomerTag.objects.filter(customer=customer).exclude(tag__name__in=wanted).delete()
    for name in sorted(wanted):
        tag, _new = Tag.objects.get_or_create(dealer_id=customer.dealer_id, name=name)
        CustomerTag.objects.get_or_create(dealer_id=customer.dealer_id, customer=customer, tag=tag)


@operation(P.EDIT)
def call_through(*, customer: Customer, other: Customer | None, actor: Actor) -> None:
    """Households and companies are called once: through `other`, or each alone when None (then imports leave it so).

    `other`'s own spokesperson stands for both, and who was called through `customer` follows: there is never a chain.
    The cars of everybody concerned are worked out anew. Raises OperationRefused for a circle.
    """
    _refuse_merged(customer)
    if other is not None:
        _refuse_merged(other)
        if customer.pk in {other.pk, other.called_through_id}:
            raise OperationRefused(_("不能通过自己或自己的成员联系"), field="other")
    head_id = (other.called_through_id or other.pk) if other else None
    customer.called_through_id = head_id
    customer.is_called_alone = head_id is None
    customer.save(update_fields=["called_through", "is_called_alone"])
    followers = Customer.objects.filter(called_through=customer) if head_id else Customer.objects.none()
    concerned = [customer.pk, *followers.values_list("pk", flat=True)]
    followers.update(called_through_id=head_id)
    for car_id in (
        Ownership.objects.filter(customer__in=concerned, end_date=None)
        .values_list("car_id", flat=True)
        .distinct()
        .order_by("car_id")
    ):
        publish(CarChanged(dealer_id=customer.dealer_id, car_id=car_id))


@operation(P.EDIT)
def confirm_facts(*, customer: Customer, actor: Actor, now: datetime) -> None:
    """The customer was asked and their data and their car's are right (CUS-04, CUS-33)."""
    _refuse_merged(customer)
    customer.confirmed_at, customer.confirmed_by_id = now, actor.user_id
    customer.save(update_fields=["confirmed_at", "confirmed_by"])


@operation(P.EDIT)
def add_need(*, customer: Customer, kind: str, text: str, actor: Actor, now: datetime) -> CustomerNeed:
    """Note a wish that stands until it is ended (CUS-07). Raises OperationRefused when it says nothing."""
    _refuse_merged(customer)
    if not text.strip():
        raise OperationRefused(_("请写明客户的需求"), field="text")
    return CustomerNeed.objects.create(
        dealer_id=customer.dealer_id, customer=customer, kind=kind, text=text.strip()[:200], noted_at=now,
        noted_by_id=actor.user_id,
    )  # fmt: skip


@operation(P.EDIT)
def end_need(*, need: CustomerNeed, actor: Actor, now: datetime) -> None:
    """The wish does not stand any more; it stays in the history."""
    need.ended_at = now
    need.save(update_fields=["ended_at"])
