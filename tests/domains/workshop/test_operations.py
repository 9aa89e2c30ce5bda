"""A recorded visit: totals, the owner of that day, the reading's plausibility, the event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from huichang.domains.customers.models import Car, Ownership
from huichang.domains.vehicles.models import OdometerReading
from huichang.domains.workshop.models import FindingStatus, LineKind, OrderLine, ServiceOrder
from huichang.domains.workshop.operations import Line, answer_finding, owner_on, record_visit
from huichang.kernel.actors import PermissionRefused, system
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    actor_of,
    make_car,
    make_customer,
    make_finding,
    make_reading,
    make_user,
    make_world,
    owner_of,
)

ADVISOR = system("测试")
LINES = (
    Line(LineKind.LABOUR, "L-S1", "常规保养", Decimal("0.8"), Decimal(220), "客户"),
    Line(LineKind.PART, "P-OIL", "机油", Decimal(1), Decimal(388), "客户"),
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def car(world: World) -> Iterator[Car]:
    car = make_car(world.east)
    with dealer_scope(world.east.pk):
        yield car


def visit(
    car: Car, *, km: int | None = 21_000, number: str = "", left: datetime | None = None
) -> ServiceOrder:
    return record_visit(
        car=car, arrived_at=NOW - timedelta(hours=3), left_at=left or NOW, km=km, business_type="定期保养",
        lines=LINES, number=number, actor=ADVISOR, now=NOW,
    )  # fmt: skip


def test_the_totals_are_those_of_the_lines(car: Car) -> None:
    order = visit(car)
    assert (order.labour_amount, order.parts_amount, order.paid_amount) == (
        Decimal("176.00"),
        Decimal("388.00"),
        Decimal("564.00"),
    )
    assert OrderLine.objects.filter(order=order).count() == 2
    assert order.number.startswith("RO260616-")


def test_the_car_remembers_its_last_visit_and_reading(car: Car) -> None:
    visit(car)
    car.refresh_from_db()
    assert (car.last_visit_date, car.last_visit_km) == (TODAY, 21_000)
    assert OdometerReading.objects.get(vehicle=car.vehicle).km == 21_000


def test_recording_the_same_number_again_changes_nothing(car: Car) -> None:
    first = visit(car, number="RO-77")
    again = visit(car, number="RO-77", km=99)
    assert first.pk == again.pk
    assert ServiceOrder.objects.count() == 1


def test_a_mileage_that_rolls_back_is_kept_flagged_and_suspect(car: Car, world: World) -> None:
    make_reading(world.east, car=car, km=30_000, read_on=TODAY - timedelta(days=100))
    order = visit(car, km=21_000)
    reading = OdometerReading.objects.get(vehicle=car.vehicle, km=21_000)
    assert order.km == 21_000
    assert order.flags == ["mileage_rolls_back"]
    assert reading.status == "suspect"


def test_leaving_before_arriving_is_refused_with_its_field(car: Car) -> None:
    with pytest.raises(OperationRefused) as refusal:
        visit(car, left=NOW - timedelta(days=1))
    assert refusal.value.field == "left_at"
    assert not ServiceOrder.objects.exists()


def test_the_visit_belongs_to_the_owner_of_that_day(car: Car, world: World) -> None:
    old = owner_of(world.east, car)
    new = make_customer(world.east, name="新车主")
    Ownership.objects.filter(car=car).update(end_date=TODAY)
    Ownership.objects.create(dealer=world.east, car=car, customer=new, start_date=TODAY)
    assert owner_on(car, TODAY - timedelta(days=1)) == old.pk
    assert owner_on(car, TODAY) == new.pk
    assert owner_on(car, date(2000, 1, 1)) is None
    assert visit(car).customer_id == new.pk


def test_a_cashier_cannot_record_a_visit(car: Car, world: World) -> None:
    cashier = actor_of(make_user("cashier", world.east), world.east)
    with pytest.raises(PermissionRefused):
        record_visit(
            car=car, arrived_at=NOW, left_at=None, km=None, business_type="", lines=(), actor=cashier, now=NOW
        )


def test_a_finding_is_answered_once_done_it_stays_done(car: Car, world: World) -> None:
    finding = make_finding(world.east, car=car, status="untold", found_date=local_date(NOW))
    answer_finding(finding=finding, status=FindingStatus.DECLINED, actor=ADVISOR, now=NOW, reason="太贵")
    answer_finding(finding=finding, status=FindingStatus.DONE, actor=ADVISOR, now=NOW)
    with pytest.raises(TransitionRefused):
        answer_finding(finding=finding, status=FindingStatus.DECLINED, actor=ADVISOR, now=NOW)
