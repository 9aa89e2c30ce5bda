"""Readings and the facts of a car: the writes. A reading that rolls back or leaps is kept and asked about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.vehicles import vin as vins
from huichang.domains.vehicles.events import ReadingRecorded
from huichang.domains.vehicles.models import OdometerReading, ReadingSource, ReadingStatus, Vehicle
from huichang.domains.vehicles.permissions import P
from huichang.domains.vehicles.policies import MAX_KM
from huichang.domains.vehicles.queries import check_reading
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation

EDITABLE = (
    "make", "series", "model_name", "color", "engine_number", "sale_date", "registration_date",
    "warranty_start_date", "warranty_end_date", "warranty_km",
)  # fmt: skip


@operation(P.EDIT)
def add_vehicle(*, vin: str, values: dict[str, Any], actor: Actor, check: bool = True) -> Vehicle:
    """The car of a VIN: the known one with its empty facts filled in, or a new one (names of EDITABLE).

    `check=False` takes a wrong check digit from a person who has read it off the car. Raises OperationRefused
    naming the wrong character.
    """
    clean = vins.normalise(vin)
    problem = vins.problem(clean, check=check)
    if problem is not None:
        raise OperationRefused(problem.message, field="vin")
    given = {name: values[name] for name in EDITABLE if values.get(name) not in {None, ""}}
    vehicle, is_new = Vehicle.objects.get_or_create(vin=clean, defaults={"make": vins.make(clean), **given})
    missing = [] if is_new else [name for name in given if getattr(vehicle, name) in {None, ""}]
    for name in missing:
        setattr(vehicle, name, given[name])
    if missing:
        vehicle.save(update_fields=missing)
    return vehicle


@operation(P.RECORD_READING)
def record_reading(
    *,
    dealer: Dealer,
    vehicle: Vehicle,
    km: int,
    read_on: date,
    source: ReadingSource,
    actor: Actor,
    now: datetime,
    is_confirmed: bool = False,
) -> OdometerReading:
    """Keep a reading in km. Doubtful ones become `suspect` with `doubt` set and never move a due date.

    `is_confirmed` is the answer of a person who was asked ("yes, the meter really shows this"). Raises
    OperationRefused for what no odometer shows.
    """
    if not 0 < km <= policy(MAX_KM, dealer, read_on):
        raise OperationRefused(_("里程 {km} 公里不可信,请核对。").format(km=km), field="km")
    known = OdometerReading.objects.filter(vehicle=vehicle, read_on=read_on, source=source, km=km).first()
    if known is not None:
        return known
    doubt = check_reading(vehicle=vehicle, km=km, read_on=read_on, dealer=dealer).doubt
    status = ReadingStatus.ACCEPTED
    if doubt:
        status = ReadingStatus.CONFIRMED if is_confirmed else ReadingStatus.SUSPECT
    reading = OdometerReading.objects.create(
        dealer=dealer, vehicle=vehicle, read_on=read_on, km=km, source=source, status=status, doubt=doubt
    )
    record(reading, before="", after=status, actor=actor, now=now, reason=doubt)
    publish(ReadingRecorded(dealer_id=dealer.pk, vehicle_id=vehicle.pk))
    return reading


@operation(P.JUDGE_READING)
def judge_reading(
    *, reading: OdometerReading, is_right: bool, actor: Actor, now: datetime, reason: str
) -> None:
    """Confirm a suspect reading or set it aside, with the reason. Raises TransitionRefused."""
    to = ReadingStatus.CONFIRMED if is_right else ReadingStatus.REJECTED
    move(reading, to, actor=actor, now=now, reason=reason)
    publish(ReadingRecorded(dealer_id=reading.dealer_id, vehicle_id=reading.vehicle_id))


@operation(P.EDIT)
def edit_vehicle(*, vehicle: Vehicle, values: dict[str, Any], actor: Actor) -> list[str]:
    """Set facts of a car (names of EDITABLE). Returns what changed; raises OperationRefused for bad dates."""
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise OperationRefused(_("不能修改:{names}").format(names="、".join(sorted(unknown))))
    changed = [name for name, value in values.items() if getattr(vehicle, name) != value]
    for name in changed:
        setattr(vehicle, name, values[name])
    starts, ends = vehicle.warranty_start_date, vehicle.warranty_end_date
    if starts and ends and ends <= starts:
        raise OperationRefused(_("保修结束日期要晚于开始日期。"), field="warranty_end_date")
    if changed:
        vehicle.save(update_fields=changed)
    return changed
