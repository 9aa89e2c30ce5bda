"""`/cars`: the store's file of a vehicle, and its odometer readings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from huichang.domains.customers import operations
from huichang.domains.customers.models import Bond, Car, Customer, Ownership
from huichang.domains.customers.permissions import P
from huichang.domains.customers.queries import cars, owner_of, search
from huichang.domains.vehicles import operations as vehicles
from huichang.domains.vehicles import vin as vins
from huichang.domains.vehicles.models import OdometerReading, ReadingSource
from huichang.domains.vehicles.permissions import P as VehiclesP
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.customers import MOST_HITS
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.problems import conflict
from huichang.interfaces.api.types import (
    Count,
    Day,
    Filled30,
    Given,
    Id,
    Line20,
    Line30,
    Line40,
    Line60,
    Line80,
    Line400,
    PathId,
    Truth,
    in_reach,
)

router = Router()
Usage = Literal["", "private", "business", "ride_hailing", "rental"]
Status = Literal["active", "sold_on", "scrapped", "moved_away"]
OF_VEHICLE = ("series", "model_name", "color", "engine_number", "sale_date", "registration_date")
OF_FILE = (
    "plate", "usage", "insurer", "compulsory_insurance_end_date", "commercial_insurance_end_date",
    "inspection_due_date", "remark",
)  # fmt: skip
DAYS = (
    "sale_date", "registration_date", "compulsory_insurance_end_date", "commercial_insurance_end_date",
    "inspection_due_date",
)  # fmt: skip


class CarFacts(Given):
    """What a store knows of a car. Insurance ends are the first day without cover."""

    plate: Line20 = ""
    series: Line40 = ""
    model_name: Line80 = ""
    color: Line20 = ""
    engine_number: Line30 = ""
    sale_date: Day | None = None
    registration_date: Day | None = None
    usage: Usage = ""
    insurer: Line40 = ""
    compulsory_insurance_end_date: Day | None = None
    commercial_insurance_end_date: Day | None = None
    inspection_due_date: Day | None = None
    remark: Line400 = ""


class CarIn(CarFacts):
    """A new file. The VIN's check digit must be right; `owner_id` is a customer of the store."""

    vin: Filled30
    owner_id: Id | None = None


class CarChange(CarFacts):
    """What changes. `owner_id` names a new owner from `owner_since` (default today) on; `status` ends or renews the file."""

    owner_id: Id | None = None
    owner_since: Day | None = None
    status: Status | None = None
    version: Count | None = None


class CarOut(Schema):
    id: int
    vin: str
    plate: str
    status: str
    make: str
    series: str
    model_name: str
    color: str
    engine_number: str
    sale_date: Day | None
    registration_date: Day | None
    warranty_end_date: Day | None
    usage: str
    insurer: str
    compulsory_insurance_end_date: Day | None
    commercial_insurance_end_date: Day | None
    inspection_due_date: Day | None
    last_visit_date: Day | None
    last_visit_km: int | None
    remark: str
    owner_id: int | None


def show(car: Car) -> CarOut:
    """A car of `queries.cars()`."""
    vehicle, owner = car.vehicle, owner_of(car)
    of_vehicle = {name: getattr(vehicle, name) for name in ("vin", "make", "warranty_end_date", *OF_VEHICLE)}
    of_file = {name: getattr(car, name) for name in ("status", "last_visit_date", "last_visit_km", *OF_FILE)}
    return CarOut(id=car.pk, owner_id=owner.pk if owner else None, **of_vehicle, **of_file)


class CarFilter(Schema):
    search: Line60 = ""
    vin: Line30 = ""
    plate: Line20 = ""
    status: Status | None = None


@route(router, "GET", "/cars", needs=P.SEE, response=Page[CarOut], summary=_("车辆列表与搜索"))
def list_cars(
    request: ApiRequest, wanted: Annotated[CarFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Cars by id. `vin` and `plate` are equalities; `search` takes what the search field of the pages takes."""
    rows = cars()
    if wanted.search:
        hits = search(dealer=request.auth.dealer, text=wanted.search, most=MOST_HITS)
        rows = rows.filter(pk__in=[hit.car_id for hit in hits if hit.car_id])
    if wanted.vin:
        rows = rows.filter(vehicle__vin=vins.normalise(wanted.vin))
    if wanted.plate:
        rows = rows.filter(plate=wanted.plate)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    return page(rows, paging, show, of="cars")


@route(
    router, "GET", "/customers/{customer_id}/cars", needs=P.SEE, response=Page[CarOut],
    summary=_("一位客户的车辆"),
)  # fmt: skip
def list_cars_of_customer(request: ApiRequest, customer_id: PathId, paging: PagingQuery) -> dict[str, Any]:
    """The cars a customer owns today."""
    owner = Customer.objects.get(pk=customer_id)
    owned = Ownership.objects.filter(customer=owner, bond=Bond.OWNER, end_date=None)
    return page(cars().filter(pk__in=owned.values("car")), paging, show, of="cars")


@route(router, "GET", "/cars/{car_id}", needs=P.SEE, response=CarOut, summary=_("一辆车"))
def get_car(request: ApiRequest, car_id: PathId) -> CarOut:
    """One car with its current owner's id."""
    return show(cars().get(pk=car_id))


@route(router, "POST", "/cars", needs=P.EDIT, response=CarOut, status=201, summary=_("新建车辆"))
def add_car(request: ApiRequest, car: CarIn) -> CarOut:
    """Open the store's file of a car. A VIN the network knows keeps its facts; empty ones are filled in."""
    _check_days(car)
    facts = car.model_dump(exclude_unset=True)
    vehicle = vehicles.add_vehicle(
        vin=car.vin,
        values={name: facts[name] for name in OF_VEHICLE if name in facts},
        actor=request.auth.actor,
    )
    made = operations.add_car(
        dealer=request.auth.dealer, vehicle=vehicle, facts={name: facts[name] for name in OF_FILE if name in facts},
        owner=_customer(car.owner_id), since=car.sale_date, actor=request.auth.actor, now=request.now,
    )  # fmt: skip
    return show(cars().get(pk=made.pk))


@route(router, "PATCH", "/cars/{car_id}", needs=P.EDIT, response=CarOut, summary=_("修改车辆"))
def change_car(request: ApiRequest, car_id: PathId, change: CarChange) -> CarOut:
    """Change what is sent and leave the rest. All of it happens, or nothing."""
    _check_days(change)
    in_reach(change.owner_since, "owner_since")
    actor, car = request.auth.actor, Car.objects.select_related("vehicle").get(pk=car_id)
    given = change.model_dump(exclude_unset=True)
    with transaction.atomic():
        if facts := {name: given[name] for name in OF_FILE if name in given}:
            operations.edit_car(car=car, facts=facts, seen=change.version, actor=actor)
        if values := {name: given[name] for name in OF_VEHICLE if name in given}:
            vehicles.edit_vehicle(vehicle=car.vehicle, values=values, actor=actor)
        if owner := _customer(change.owner_id):
            since = change.owner_since or request.now.date()
            operations.change_owner(car=car, customer=owner, since=since, actor=actor)
        if change.status and change.status != car.status:
            operations.move_car(
                car=car, to=change.status, reason=gettext("接口修改"), actor=actor, now=request.now
            )
    return show(cars().get(pk=car_id))


def _check_days(facts: CarFacts) -> None:
    for name in DAYS:
        in_reach(getattr(facts, name), name)


def _customer(pk: int | None) -> Customer | None:
    """The store's customer of an id. Raises Problem 409: in a body it is a wrong reference, not a wrong address."""
    if pk is None:
        return None
    found = Customer.objects.filter(pk=pk).first()
    if found is None:
        raise conflict(gettext("本店没有编号为 {id} 的客户。").format(id=pk), "owner_id")
    return found


class ReadingIn(Given):
    """What the odometer showed, in km."""

    km: Count
    read_on: Day
    is_confirmed: Truth = False


class ReadingOut(Schema):
    """`status` suspect: it rolls back or leaps (`doubt`) and moves no due date until somebody confirms it."""

    id: int
    km: int
    read_on: Day
    source: str
    status: str
    doubt: str


def show_reading(reading: OdometerReading) -> ReadingOut:
    return ReadingOut(
        id=reading.pk, km=reading.km, read_on=reading.read_on, source=reading.source, status=reading.status,
        doubt=reading.doubt,
    )  # fmt: skip


@route(
    router, "GET", "/cars/{car_id}/readings", needs=P.SEE, response=Page[ReadingOut], summary=_("里程读数")
)
def list_readings(request: ApiRequest, car_id: PathId, paging: PagingQuery) -> dict[str, Any]:
    """The readings this store took of a car."""
    car = Car.objects.get(pk=car_id)
    rows = OdometerReading.objects.filter(vehicle_id=car.vehicle_id)
    return page(rows, paging, show_reading, of="readings")


@route(
    router, "POST", "/cars/{car_id}/readings", needs=VehiclesP.RECORD_READING, response=ReadingOut, status=201,
    summary=_("登记里程"),
)  # fmt: skip
def add_reading(request: ApiRequest, car_id: PathId, reading: ReadingIn) -> ReadingOut:
    """Keep a reading. An implausible one is kept as suspect unless `is_confirmed` says somebody looked twice."""
    in_reach(reading.read_on, "read_on")
    car = Car.objects.select_related("vehicle").get(pk=car_id)
    made = vehicles.record_reading(
        dealer=request.auth.dealer, vehicle=car.vehicle, km=reading.km, read_on=reading.read_on,
        source=ReadingSource.API, is_confirmed=reading.is_confirmed, actor=request.auth.actor, now=request.now,
    )  # fmt: skip
    return show_reading(made)
