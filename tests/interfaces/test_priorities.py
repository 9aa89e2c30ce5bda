"""Who may have a priority seat: come-backs, safety and complaints are found, each with its words (CAP-05)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from huichang.domains.dealers.models import PolicyValue
from huichang.interfaces.priorities import claims_of
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from huichang.domains.customers.models import Car
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make.make_world()


@pytest.fixture
def car(world: World) -> Car:
    return make.make_car(world.east)


def claims(world: World, car: Car, **more: Any) -> list[tuple[str, str]]:
    with dealer_scope(world.east.pk):
        found = claims_of(car, make.owner_of(world.east, car), make.NOW, **more)
    return [(one.priority.value, one.why) for one in found]


def rule(world: World, key: str, value: str) -> None:
    with dealer_scope(world.east.pk):
        PolicyValue.objects.create(
            key=f"appointments.{key}", level="dealer", dealer=world.east, value=value, effective_date=date(2026, 1, 1),
            author_name="测试", created_at=make.NOW,
        )  # fmt: skip


def test_a_customer_like_any_other_has_none(world: World, car: Car) -> None:
    make.make_order(world.east, car=car, arrived=make.NOW - timedelta(days=60))
    make.make_finding(world.east, car=car, text="空调滤芯脏")
    make.make_finding(world.east, car=car, text="前刹车片磨损", status="done")
    make.make_complaint(world.east, car=car, status="closed")
    assert claims(world, car) == []


def test_a_visit_again_within_the_stores_days_is_a_come_back(world: World, car: Car) -> None:
    make.make_order(world.east, car=car, arrived=make.NOW - timedelta(days=10))
    assert claims(world, car) == [("comeback", "10 天前刚来过(06-06),再次进厂")]
    assert claims(world, car, jobs=["四轮定位", "小保养"]) == [("comeback", "10 天前刚做过“小保养”,又要做")]
    rule(world, "comeback_days", "7")
    assert claims(world, car) == []


def test_a_kept_booking_counts_as_a_visit(world: World, car: Car) -> None:
    make.make_booking(world.east, car=car, starts_at=make.NOW - timedelta(days=3), status="arrived")
    assert claims(world, car) == [("comeback", "3 天前刚来过(06-13),再次进厂")]


def test_safety_comes_from_open_findings_and_from_what_the_customer_says(world: World, car: Car) -> None:
    make.make_finding(world.east, car=car, text="前刹车片偏薄", status="declined")
    assert claims(world, car) == [("safety", "2026-01-10 建议“前刹车片偏薄”,客户拒绝,还没有做")]
    other = make.make_car(world.east)
    assert claims(world, other, fault="高速上转向有异响") == [("safety", "客户说的故障涉及“转向”")]
    rule(world, "safety_words", "气囊")
    assert claims(world, other, fault="高速上转向有异响") == []


def test_an_open_complaint_is_named_with_its_day(world: World, car: Car) -> None:
    make.make_complaint(world.east, car=car)
    assert claims(world, car) == [("complaint", "2026-06-13 的投诉还没有结案")]
