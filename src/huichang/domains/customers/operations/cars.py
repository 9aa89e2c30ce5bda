"""The store's file of a car, and whose it is: the writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.customers import identifiers
from huichang.domains.customers.events import CarChanged
from huichang.domains.customers.models import Bond, Car, Customer, Ownership
from huichang.domains.customers.operations.shared import _refuse_merged, _refuse_stale
from huichang.domains.customers.permissions import P
from huichang.domains.dealers.models import Dealer
from huichang.domains.vehicles.models import Vehicle
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move
from huichang.kernel.operations import OperationRefused, operation

CAR_COLUMNS = frozenset(
    {
        "plate", "usage", "place_of_use", "insurer", "compulsory_insurance_end_date",
        "commercial_insurance_end_date", "inspection_due_date", "sales_advisor_name", "remark",
    }
)  # fmt: skip


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
def hand_over_cars(*, dealer: Dealer, giver: str, taker: str, actor: Actor) -> int:
    """Name another sales advisor in the files of everything one sold, when that person leaves (TSP-03); the files changed."""
    return Car.objects.filter(dealer=dealer, sales_advisor_name=giver).update(sales_advisor_name=taker)


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
    _refuse_merged(customer)
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
    _refuse_merged(customer)
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
