"""The world of the tests: 东区店 with its advisor 李 and manager 王, 西区店 with 赵, who must never see it.

Plain functions with defaults. Each row is made in its own store's scope, so that a test names only what matters:

    world = make_world()
    car = make_car(world.east, plate="苏E12345", sale_date=date(2023, 5, 28))
    booking = make_booking(world.east, car=car)

Nothing here checks permissions: use the operations for what the test is about.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.hashers import make_password
from django.test import Client

from huichang.domains.accounts.models import Level, Role, User
from huichang.domains.appointments.models import Booking, BookingBlock, BookingItem
from huichang.domains.catalog.models import Bay, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.complaints.models import Complaint
from huichang.domains.contacts.models import Call, Message, OptOut
from huichang.domains.customers.identifiers import pinyin_keys
from huichang.domains.customers.models import Car, Customer, CustomerPhone, Ownership
from huichang.domains.dealers.models import Dealer, NetworkPost, OpeningPeriod, Region, StorePost
from huichang.domains.dealers.queries import reach_of
from huichang.domains.reminders.models import Case, Due
from huichang.domains.vehicles.models import OdometerReading, Vehicle
from huichang.domains.vehicles.vin import check_digit
from huichang.domains.worklist.models import CallTask
from huichang.domains.workshop.models import Finding, OrderLine, ServiceOrder
from huichang.interfaces.sessions import actor_in
from huichang.kernel.actors import Actor
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_moment

PASSWORD = "right-horse-battery"  # of people who exist for the length of a test
TODAY = date(2026, 6, 16)  # a Tuesday without a holiday near it
NOW = local_moment(TODAY, time(10, 0))

_numbers = itertools.count(1)
P = ParamSpec("P")
R = TypeVar("R")


def _in_scope(make: Callable[Concatenate[Dealer, P], R]) -> Callable[Concatenate[Dealer, P], R]:
    """Open the scope of the store that is the first argument."""

    @functools.wraps(make)
    def run(dealer: Dealer, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with dealer_scope(dealer.pk):
            return make(dealer, *args, **kwargs)

    return run


@dataclass(frozen=True, slots=True)
class World:
    """Two stores of one region and the people in them."""

    region: Region
    east: Dealer
    west: Dealer
    li: User
    wang: User
    zhao: User


def make_world() -> World:
    """东区店 with 李 (service advisor) and 王 (service manager), 西区店 with 赵 (service manager)."""
    region = Region.objects.create(code="EAST-CHINA", name="华东大区")
    east = make_dealer("E01", "东区店", region=region)
    west = make_dealer("W01", "西区店", region=region)
    return World(
        region=region, east=east, west=west,
        li=make_user("service_advisor", east, username="li", name="李伟"),
        wang=make_user("service_manager", east, username="wang", name="王建国"),
        zhao=make_user("service_manager", west, username="zhao", name="赵敏"),
    )  # fmt: skip


def make_dealer(code: str = "", name: str = "", *, region: Region | None = None) -> Dealer:
    """A store open from Monday to Saturday, 08:30 to 17:30."""
    number = next(_numbers)
    dealer = Dealer.objects.create(code=code or f"D{number:03d}", name=name or f"{number}号店", region=region)
    with dealer_scope(dealer.pk):
        OpeningPeriod.objects.bulk_create(
            OpeningPeriod(dealer=dealer, weekday=weekday, opens_at=time(8, 30), closes_at=time(17, 30))
            for weekday in range(6)
        )
    return dealer


def make_user(
    role: str = "",
    dealer: Dealer | None = None,
    *,
    username: str = "",
    name: str = "",
    region: Region | None = None,
) -> User:
    """A person; with `role` also a post: in `dealer`, or in the network when the role is one of it."""
    number = next(_numbers)
    user = User.objects.create(
        username=username or f"person{number}", name=name or f"员工{number}", password=_hashed()
    )
    if role:
        held = Role.objects.get(code=role)
        if held.level == Level.DEALER:
            assert dealer is not None, f"{role} is a role of a store"
            with dealer_scope(dealer.pk):
                StorePost.objects.create(dealer=dealer, user=user, role=held, start_date=date(2020, 1, 1))
        else:
            NetworkPost.objects.create(user=user, role=held, region=region, start_date=date(2020, 1, 1))
    return user


@functools.cache
def _hashed() -> str:
    """Hashing is slow on purpose; once is enough for everybody of a test run."""
    return make_password(PASSWORD)


def actor_of(user: User, dealer: Dealer | None = None, *, today: date = TODAY) -> Actor:
    """The actor a page would make of a person sitting in `dealer` (None: over their network)."""
    return actor_in(user, reach_of(user, today), dealer)


def signed_in(user: User) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@_in_scope
def make_customer(dealer: Dealer, /, *, name: str = "李海民", mobile: str = "", **fields: Any) -> Customer:
    """A customer with one primary mobile."""
    number = next(_numbers)
    pinyin, initials = pinyin_keys(name)
    customer = Customer.objects.create(
        dealer=dealer, number=f"C{number:06d}", name=name, name_pinyin=pinyin, name_initials=initials,
        created_at=NOW, **fields,
    )  # fmt: skip
    mobile = mobile or f"138{number:08d}"
    CustomerPhone.objects.create(
        dealer=dealer, customer=customer, number=mobile, reversed_number=mobile[::-1], is_primary=True
    )
    return customer


def make_vin() -> str:
    """A new VIN of 长安福特 with the right check digit."""
    vin = f"LVSHFFAC0GS{next(_numbers):06d}"
    return vin[:8] + check_digit(vin) + vin[9:]


def make_vehicle(vin: str = "", **fields: Any) -> Vehicle:
    """A car sold two years before TODAY."""
    given = {"make": "长安福特", "series": "福克斯", "sale_date": date(2024, 6, 1)} | fields
    return Vehicle.objects.create(vin=vin or make_vin(), **given)


VEHICLE_FIELDS = {field.name for field in Vehicle._meta.local_fields}


@_in_scope
def make_car(
    dealer: Dealer,
    /,
    *,
    owner: Customer | None = None,
    vehicle: Vehicle | None = None,
    plate: str = "",
    **fields: Any,
) -> Car:
    """A car in the file of a store, with its current owner; fields of the vehicle may be given too."""
    number = next(_numbers)
    of_vehicle = {name: fields.pop(name) for name in list(fields) if name in VEHICLE_FIELDS}
    vehicle = vehicle or make_vehicle(**of_vehicle)
    plate = plate or f"苏E{number:05d}"
    car = Car.objects.create(
        dealer=dealer, vehicle=vehicle, plate=plate, plate_reversed=plate[::-1], vin_reversed=vehicle.vin[::-1],
        created_at=NOW, **fields,
    )  # fmt: skip
    Ownership.objects.create(
        dealer=dealer, car=car, customer=owner or make_customer(dealer), start_date=vehicle.sale_date
    )
    return car


@_in_scope
def owner_of(dealer: Dealer, /, car: Car) -> Customer:
    """The current owner of a car."""
    return Ownership.objects.select_related("customer").get(car=car, bond="owner", end_date=None).customer


@_in_scope
def make_reading(
    dealer: Dealer,
    /,
    *,
    car: Car | None = None,
    km: int = 20_000,
    read_on: date = date(2026, 1, 10),
    **fields: Any,
) -> OdometerReading:
    vehicle = (car or make_car(dealer)).vehicle
    given = {"source": "visit"} | fields
    return OdometerReading.objects.create(dealer=dealer, vehicle=vehicle, km=km, read_on=read_on, **given)


@_in_scope
def make_order(
    dealer: Dealer, /, *, car: Car | None = None, arrived: datetime = NOW - timedelta(days=180), **fields: Any
) -> ServiceOrder:
    """A closed visit with one labour line."""
    car = car or make_car(dealer)
    given: dict[str, Any] = {
        "number": f"RO{next(_numbers):06d}",
        "km": 20_000,
        "business_type": "保养",
    } | fields
    customer = given.pop("customer", None) or owner_of(dealer, car)
    order = ServiceOrder.objects.create(
        dealer=dealer, car=car, customer=customer, arrived_at=arrived, left_at=arrived + timedelta(hours=2),
        labour_amount=Decimal(300), paid_amount=Decimal(300), **given,
    )  # fmt: skip
    OrderLine.objects.create(
        dealer=dealer, order=order, position=1, kind="labour", code="BY01", name="小保养", quantity=Decimal(1),
        unit_price=Decimal(300), amount=Decimal(300),
    )  # fmt: skip
    return order


@_in_scope
def make_finding(
    dealer: Dealer, /, *, car: Car | None = None, text: str = "前刹车片偏薄", **fields: Any
) -> Finding:
    given = {"found_date": date(2026, 1, 10), "status": "postponed"} | fields
    return Finding.objects.create(dealer=dealer, car=car or make_car(dealer), text=text, **given)


@_in_scope
def make_complaint(dealer: Dealer, /, *, car: Car | None = None, **fields: Any) -> Complaint:
    car = car or make_car(dealer)
    given = {"complained_date": TODAY - timedelta(days=3), "text": "等待时间太长", "status": "open"} | fields
    return Complaint.objects.create(
        dealer=dealer, number=f"T{next(_numbers):05d}", car=car, customer=owner_of(dealer, car), **given
    )


@_in_scope
def make_labour(dealer: Dealer, /, *, name: str = "小保养", hours: str = "1.0", skill: str = "机修", **fields: Any) -> (
    LabourOperation
):  # fmt: skip
    given = {"code": f"L{next(_numbers):04d}", "hourly_rate": Decimal(180)} | fields
    return LabourOperation.objects.create(
        dealer=dealer, name=name, standard_hours=Decimal(hours), skill=skill, **given
    )


@_in_scope
def make_bay(dealer: Dealer, /, *, skill: str = "机修", **fields: Any) -> Bay:
    given = {"name": f"{next(_numbers)}号工位", "opens_at": time(8, 30), "closes_at": time(17, 30)} | fields
    return Bay.objects.create(dealer=dealer, skill=skill, **given)


@_in_scope
def make_technician(dealer: Dealer, /, *, skills: tuple[str, ...] = ("机修",), **fields: Any) -> StaffMember:
    given = {"name": f"技师{next(_numbers)}"} | fields
    return StaffMember.objects.create(dealer=dealer, duty="technician", skills=list(skills), **given)


@_in_scope
def make_advisor(dealer: Dealer, /, **fields: Any) -> StaffMember:
    given = {"name": f"顾问{next(_numbers)}"} | fields
    return StaffMember.objects.create(dealer=dealer, duty="advisor", **given)


@_in_scope
def make_schedule(dealer: Dealer, /, **fields: Any) -> ServiceSchedule:
    """First service at 6 months or 5,000 km, then every 6 months or 7,500 km; warranty 36 months, 100,000 km."""
    given = {
        "series": "", "first_months": 6, "first_km": 5_000, "interval_months": 6, "interval_km": 7_500,
        "warranty_months": 36, "warranty_km": 100_000,
    } | fields  # fmt: skip
    return ServiceSchedule.objects.create(dealer=dealer, **given)


@_in_scope
def make_booking(
    dealer: Dealer,
    /,
    *,
    car: Car | None = None,
    starts_at: datetime = NOW + timedelta(days=1),
    minutes: int = 60,
    status: str = "tentative",
    **fields: Any,
) -> Booking:
    """A booking with its reception and work blocks, on a bay and people of its own unless given."""
    car = car or make_car(dealer)
    bay = fields.pop("bay", None) or make_bay(dealer)
    technician = fields.pop("technician", None) or make_technician(dealer)
    advisor = fields.pop("advisor", None) or make_advisor(dealer)
    labour = fields.pop("labour", None) or make_labour(dealer)
    given = {"number": f"A{next(_numbers):06d}", "customer": None} | fields
    hours = Decimal(minutes) / 60
    ends_at = starts_at + timedelta(minutes=minutes)
    booking = Booking.objects.create(
        dealer=dealer, car=car, status=status, arrive_at=starts_at - timedelta(minutes=15), starts_at=starts_at,
        ends_at=ends_at, planned_hours=hours, created_at=NOW,
        hold_until=NOW + timedelta(minutes=10) if status == "held" else None,
        **given | {"customer": given["customer"] or owner_of(dealer, car)},
    )  # fmt: skip
    BookingItem.objects.create(dealer=dealer, booking=booking, labour=labour, hours=hours)
    active = status in {"held", "tentative", "prepared", "confirmed", "arrived"}
    BookingBlock.objects.create(
        dealer=dealer, booking=booking, kind="reception", staff=advisor, is_active=active,
        starts_at=booking.arrive_at, ends_at=starts_at,
    )  # fmt: skip
    BookingBlock.objects.create(
        dealer=dealer, booking=booking, kind="work", position=1, bay=bay, staff=technician, skill=labour.skill,
        planned_hours=hours, starts_at=starts_at, ends_at=ends_at, is_active=active,
    )  # fmt: skip
    return booking


@_in_scope
def make_case(dealer: Dealer, /, *, car: Car | None = None, **fields: Any) -> Case:
    """An open case with one reason (a scheduled service in 11 days) and its call task."""
    car = car or make_car(dealer)
    due_date = fields.pop("due_date", TODAY + timedelta(days=11))
    kind = fields.pop("kind", "scheduled_service")
    customer = fields.pop("customer", None) or owner_of(dealer, car)
    given = {
        "number": f"G{next(_numbers):06d}", "last_safe_day": due_date - timedelta(days=4), "call_date": TODAY,
        "opened_on": TODAY,
    } | fields  # fmt: skip
    case = Case.objects.create(dealer=dealer, customer=customer, car=car, due_date=due_date, **given)
    make_due(dealer, car=car, customer=customer, case=case, due_date=due_date, kind=kind)
    case.task = CallTask.objects.create(
        dealer=dealer, customer=customer, car=car, source="reminders.case", source_id=case.pk, ready_at=NOW,
        last_safe_day=case.last_safe_day, created_at=NOW,
    )  # fmt: skip
    case.save(update_fields=["task"])
    return case


_SERVICE = {
    "by": "time", "since": "2025-12-16", "since_km": 20_000, "by_time": "2026-06-16", "due_km": 30_000,
    "km_per_day": 41.0, "low": "2026-06-10", "high": "2026-06-30", "basis": "readings", "readings": 4,
}  # fmt: skip
# The figures behind a due date as the run writes them, by kind.
WHY: dict[str, dict[str, Any]] = {
    "first_service": _SERVICE, "scheduled_service": _SERVICE,
    "warranty_end": _SERVICE | {"ends": "2026-07-01", "due_km": 100_000},
    "compulsory_insurance": {"insurer": "人保财险"}, "commercial_insurance": {"insurer": "人保财险"},
    "inspection": {"by": "file"}, "birthday": {}, "deferred_repair": {"found": "2026-01-10", "text": "前刹车片偏薄"},
    "at_risk": {"ends": "2026-07-01", "last_visit": None},
    "lapsed": {"since": "2024-06-01", "months": 12, "last_visit": "2025-06-01"},
}  # fmt: skip


@_in_scope
def make_due(dealer: Dealer, /, *, car: Car | None = None, **fields: Any) -> Due:
    car = car or make_car(dealer)
    due_date = fields.pop("due_date", TODAY + timedelta(days=11))
    customer = fields.pop("customer", None) or owner_of(dealer, car)
    kind = fields.pop("kind", "scheduled_service")
    given = {
        "kind": kind, "key": f"service:{due_date}", "call_date": TODAY, "created_on": TODAY,
        "last_safe_day": due_date - timedelta(days=4), "why": WHY[kind],
    } | fields  # fmt: skip
    return Due.objects.create(dealer=dealer, car=car, customer=customer, due_date=due_date, **given)


@_in_scope
def make_call(dealer: Dealer, /, *, car: Car | None = None, **fields: Any) -> Call:
    car = car or make_car(dealer)
    given = {"started_at": NOW - timedelta(days=1), "number": "13800000000"} | fields
    return Call.objects.create(dealer=dealer, car=car, customer=owner_of(dealer, car), **given)


@_in_scope
def make_opt_out(dealer: Dealer, /, *, customer: Customer | None = None, **fields: Any) -> OptOut:
    given = {"reason": "请不要再打电话", "recorded_at": NOW} | fields
    return OptOut.objects.create(dealer=dealer, customer=customer or make_customer(dealer), **given)


@_in_scope
def make_message(dealer: Dealer, /, *, customer: Customer | None = None, **fields: Any) -> Message:
    given = {
        "purpose": "scheduled_service", "channel": "sms", "key": f"step:{next(_numbers)}", "planned_for": NOW,
        "created_at": NOW, "body": "您的爱车该保养了",
    } | fields  # fmt: skip
    return Message.objects.create(dealer=dealer, customer=customer or make_customer(dealer), **given)
