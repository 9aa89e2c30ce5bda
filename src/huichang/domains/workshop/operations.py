"""Visits that are over, and findings: the writes of this stage. Orders in progress build on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.customers.models import Bond, Car, Ownership
from huichang.domains.vehicles.models import ReadingSource
from huichang.domains.vehicles.operations import record_reading
from huichang.domains.vehicles.permissions import P as VehiclesP
from huichang.domains.workshop.events import VisitRecorded
from huichang.domains.workshop.models import (
    Finding,
    FindingStatus,
    LineKind,
    OrderFlag,
    OrderLine,
    ServiceOrder,
)
from huichang.domains.workshop.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.money import yuan
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@dataclass(frozen=True, slots=True)
class Line:
    """A job or part of a visit: quantity in hours or pieces, price in yuan each."""

    kind: LineKind
    code: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    payer: str = ""

    @property
    def amount(self) -> Decimal:
        return yuan(self.quantity * self.unit_price)


@operation(P.RECORD_VISIT)
def record_visit(
    *,
    car: Car,
    arrived_at: datetime,
    left_at: datetime | None,
    km: int | None,
    business_type: str,
    lines: Sequence[Line],
    actor: Actor,
    now: datetime,
    number: str = "",
    discount: Decimal = Decimal(0),
    paid: Decimal | None = None,
    advisor_name: str = "",
    technician_name: str = "",
    payment_method: str = "",
) -> ServiceOrder:
    """Record a finished visit with its lines; the reading goes the way of all readings.

    `number` empty takes the next one; an existing number returns that order unchanged (idempotent). Raises
    OperationRefused when the car leaves before it arrives.
    """
    if left_at and left_at < arrived_at:
        raise OperationRefused(_("出厂时间早于进厂时间。"), field="left_at")
    if number and (known := ServiceOrder.objects.filter(number=number).first()):
        return known
    day = local_date(arrived_at)
    labour, parts = (_sum(lines, kind) for kind in (LineKind.LABOUR, LineKind.PART))
    total = labour + parts + _sum(lines, LineKind.OTHER) - discount
    order = ServiceOrder.objects.create(
        dealer_id=car.dealer_id, number=number or next_number(dealer_id=car.dealer_id, kind="RO", day=day),
        car=car, customer_id=owner_on(car, day), arrived_at=arrived_at, left_at=left_at, km=km,
        business_type=business_type, advisor_name=advisor_name, technician_name=technician_name,
        labour_amount=labour, parts_amount=parts, discount_amount=discount,
        paid_amount=total if paid is None else paid, payment_method=payment_method,
        flags=[] if paid is None or paid == total else [OrderFlag.TOTAL_OFF],
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        OrderLine(
            dealer_id=car.dealer_id, order=order, position=position, kind=line.kind, code=line.code,
            name=line.name, quantity=line.quantity, unit_price=line.unit_price, amount=line.amount, payer=line.payer,
        )
        for position, line in enumerate(lines, 1)
    )  # fmt: skip
    record(order, before="", after=order.status, actor=actor, now=now)
    _keep_reading(order, actor, now)
    _remember_visit(car, day, km)
    publish(VisitRecorded(dealer_id=car.dealer_id, car_id=car.pk, order_id=order.pk))
    return order


def _sum(lines: Sequence[Line], kind: LineKind) -> Decimal:
    return sum((line.amount for line in lines if line.kind == kind), Decimal(0))


def owner_on(car: Car, day: date) -> int | None:
    """Id of the customer who owned the car on a day, None when unknown."""
    then = Ownership.objects.filter(car=car, bond=Bond.OWNER).filter(
        Q(start_date=None) | Q(start_date__lte=day), Q(end_date=None) | Q(end_date__gt=day)
    )
    return then.values_list("customer_id", flat=True).first()


def _keep_reading(order: ServiceOrder, actor: Actor, now: datetime) -> None:
    """The reading of a visit; an implausible one is kept as suspect and flags the order."""
    if not order.km:
        return
    reader = actor if actor.can(VehiclesP.RECORD_READING) else Actor(
        name=actor.name, user_id=actor.user_id, permissions=frozenset({VehiclesP.RECORD_READING.value})
    )  # fmt: skip
    reading = record_reading(
        dealer=order.dealer, vehicle=order.car.vehicle, km=order.km, read_on=local_date(order.arrived_at),
        source=ReadingSource.VISIT, actor=reader, now=now,
    )  # fmt: skip
    if reading.doubt:
        order.flags = [*order.flags, f"mileage_{reading.doubt}"]
        order.save(update_fields=["flags"])


def _remember_visit(car: Car, day: date, km: int | None) -> None:
    if car.last_visit_date is None or day >= car.last_visit_date:
        car.last_visit_date, car.last_visit_km = day, km or car.last_visit_km
        car.save(update_fields=["last_visit_date", "last_visit_km"])


@operation(P.EDIT_FINDINGS)
def answer_finding(
    *, finding: Finding, status: FindingStatus, actor: Actor, now: datetime, reason: str = ""
) -> None:
    """Keep what the customer said to advised work, or that it is done. Raises TransitionRefused."""
    move(finding, status, actor=actor, now=now, reason=reason)
