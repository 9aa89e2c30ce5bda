"""A store's customers and cars: the writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from huichang.domains.customers import identifiers
from huichang.domains.customers.events import CarChanged
from huichang.domains.customers.models import (
    Bond,
    Car,
    Customer,
    CustomerKind,
    CustomerPhone,
    CustomerTag,
    Disclosure,
    Ownership,
    Tag,
)
from huichang.domains.customers.permissions import P
from huichang.domains.customers.queries import changes_after
from huichang.domains.dealers.models import Dealer
from huichang.domains.vehicles.models import Vehicle
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move
from huichang.kernel.models import ChangeRecord
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.sensitive import blind_index
from huichang.kernel.worktime import local_date

NUMBER_KIND = "K"
CUSTOMER_COLUMNS = frozenset(
    {"kind", "name", "gender", "birthday", "address", "email", "has_wechat", "preferred_time", "remark"}
)
CAR_COLUMNS = frozenset(
    {
        "plate", "usage", "insurer", "compulsory_insurance_end_date", "commercial_insurance_end_date",
        "inspection_due_date", "sales_advisor_name", "remark",
    }
)  # fmt: skip


class ChangedMeanwhile(OperationRefused):
    """Somebody changed the record after it was shown; `changes` are theirs, newest first."""

    def __init__(self, changes: Sequence[ChangeRecord]) -> None:
        who = changes[0].actor_name or _("别人")
        super().__init__(
            _("{who}刚刚改了这条记录。请看差别;您填写的内容还在,确认后再保存一次。").format(who=who)
        )
        self.changes = changes


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as typed, and whether it is the one to dial first."""

    number: str
    is_primary: bool = False


# --- people -----------------------------------------------------------------------------------------------


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
    _refuse_stale(locked, seen)
    _fill_customer(locked, facts)
    if id_number is not None:
        _fill_id_number(locked, id_number)
    locked.save()
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
    wanted = {name.strip()[:20] for name in names if name.strip()}
    CustomerTag.objects.filter(customer=customer).exclude(tag__name__in=wanted).delete()
    for name in sorted(wanted):
        tag, _new = Tag.objects.get_or_create(dealer_id=customer.dealer_id, name=name)
        CustomerTag.objects.get_or_create(dealer_id=customer.dealer_id, customer=customer, tag=tag)


@operation(P.EDIT)
def call_through(*, customer: Customer, other: Customer | None, actor: Actor) -> None:
    """Households and companies are called once: through `other`, or themselves when None."""
    if other is not None and customer.pk in {other.pk, other.called_through_id}:
        raise OperationRefused(_("不能通过自己或自己的成员联系"), field="other")
    customer.called_through = other
    customer.save(update_fields=["called_through"])


# --- cars -------------------------------------------------------------------------------------------------


@operation(P.EDIT)
def add_car(
    *,
    dealer: Dealer,
    vehicle: Vehicle,
    facts: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    owner: Customer | None = None,
    since: date | None = None,
) -> Car:
    """Open the store's file of a car; `facts` are columns of `CAR_COLUMNS`. One car, one file (CUS-16).

    Raises OperationRefused when the store has the file already, and for a wrong plate.
    """
    if Car.objects.filter(vehicle=vehicle).exists():
        raise OperationRefused(_("本店已有车架号 {vin} 的档案").format(vin=vehicle.vin), field="vin")
    car = Car(dealer=dealer, vehicle=vehicle, vin_reversed=vehicle.vin[::-1], created_at=now)
    _fill_car(car, facts)
    car.save()
    if owner is not None:
        Ownership.objects.create(dealer=dealer, car=car, customer=owner, bond=Bond.OWNER, start_date=since)
    publish(CarChanged(dealer_id=dealer.pk, car_id=car.pk))
    return car


@operation(P.EDIT)
def edit_car(*, car: Car, facts: Mapping[str, Any], actor: Actor, seen: int | None = None) -> Car:
    """Change a car's file; `seen` is `queries.version()` as the page showed it. Raises ChangedMeanwhile, OperationRefused."""
    locked = Car.objects.select_for_update().get(pk=car.pk)
    _refuse_stale(locked, seen)
    _fill_car(locked, facts)
    locked.save()
    publish(CarChanged(dealer_id=locked.dealer_id, car_id=locked.pk))
    return locked


def _fill_car(car: Car, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if name in CAR_COLUMNS:
            setattr(car, name, value.strip() if isinstance(value, str) else value)
    if car.plate:
        car.plate, wrong = identifiers.plate(car.plate)
        if wrong is not None:
            raise OperationRefused(wrong.message, field="plate")
    car.plate_reversed = car.plate[::-1]


@operation(P.EDIT)
def move_car(*, car: Car, to: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take a car out of the base (sold on, scrapped, moved away) or back into it. Raises TransitionRefused."""
    move(car, to, actor=actor, now=now, reason=reason)
    publish(CarChanged(dealer_id=car.dealer_id, car_id=car.pk))


@operation(P.EDIT)
def change_owner(*, car: Car, customer: Customer, since: date, actor: Actor) -> Ownership:
    """Give a car a new owner from a day on; the old ownership ends that day and its history stays with it.

    Raises OperationRefused when the customer owns it already or the old ownership began later.
    """
    current = Ownership.objects.select_for_update().filter(car=car, bond=Bond.OWNER, end_date=None).first()
    if current is not None:
        if current.customer_id == customer.pk:
            raise OperationRefused(_("{name}已经是这辆车的车主").format(name=customer.name), field="customer")
        if current.start_date and since < current.start_date:
            raise OperationRefused(
                _("现任车主从 {start} 起,过户日期不能更早").format(start=current.start_date), field="since"
            )
        current.end_date = since
        current.save(update_fields=["end_date"])
    ownership = Ownership.objects.create(
        dealer_id=car.dealer_id, car=car, customer=customer, bond=Bond.OWNER, start_date=since
    )
    publish(CarChanged(dealer_id=car.dealer_id, car_id=car.pk))
    return ownership


@operation(P.EDIT)
def bind(*, car: Car, customer: Customer, bond: str, since: date | None, actor: Actor) -> Ownership:
    """Name somebody who drives a car or brings it in. Owners change by `change_owner`."""
    if bond == Bond.OWNER:
        raise OperationRefused(_("车主请用“更换车主”登记"), field="bond")
    ownership, _new = Ownership.objects.get_or_create(
        dealer_id=car.dealer_id, car=car, customer=customer, bond=bond, end_date=None,
        defaults={"start_date": since},
    )  # fmt: skip
    return ownership


@operation(P.EDIT)
def unbind(*, ownership: Ownership, on: date, actor: Actor) -> None:
    """End a bond; `on` is the first day without it."""
    ownership.end_date = on
    ownership.save(update_fields=["end_date"])
    publish(CarChanged(dealer_id=ownership.dealer_id, car_id=ownership.car_id))


def _refuse_stale(row: Customer | Car, seen: int | None) -> None:
    newer = changes_after(row, seen) if seen is not None else []
    if newer:
        raise ChangedMeanwhile(newer)
