"""The three tables and the card of a car, as the seller and the appointment specialist meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huichang.domains.customers.models import Car
from huichang.domains.reminders.models import ProgrammeCard
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.domains.reminders.running import make_car, run, visit
from tests.factories.world import World, make_advisor, make_labour, make_user, signed_in

pytestmark = pytest.mark.django_db


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"staff:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:300]
    return str(answer.content.decode())


@pytest.fixture
def seller(world: World) -> Client:
    return signed_in(make_user("sales_advisor", world.east, name="卫东"))


@pytest.fixture
def clerk(world: World) -> Client:
    return signed_in(make_user("appointment_clerk", world.east, name="吴佳"))


def sold(world: World, days: int, **fields: Any) -> Car:
    today = local_date(timezone.now())
    car = make_car(
        world.east, sale_date=today - timedelta(days=days), **{"sales_advisor_name": "卫东"} | fields
    )
    run(world.east, today)
    return car


def test_a_seller_sees_the_own_customers_and_what_is_to_be_done(world: World, seller: Client) -> None:
    mine, other = sold(world, 50), sold(world, 50, sales_advisor_name="华峰")
    shown = page(seller, "programme")
    assert reverse("staff:programme-card", args=[mine.pk]) in shown
    assert reverse("staff:programme-card", args=[other.pk]) not in shown
    assert "了解用车习惯" in shown
    assert reverse("staff:programme-card", args=[other.pk]) in page(seller, "programme", advisor="")


@pytest.mark.parametrize("cars", [1, 3])
def test_more_cars_need_no_more_queries(
    world: World, seller: Client, cars: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(cars):
        sold(world, 50)
    with django_assert_max_num_queries(40):
        assert page(seller, "programme").count("<tr data-href") == cars


def test_use_is_noted_and_a_nonsense_mileage_comes_back_at_its_field(world: World, seller: Client) -> None:
    car = sold(world, 50)
    address = reverse("staff:programme-use", args=[car.pk])
    empty = seller.post(address, {"note": "没接"})
    assert empty.status_code == 422
    assert "请至少填写" in empty.content.decode()
    assert seller.post(address, {"km": "2400", "place": "市区", "planned_date": ""}).status_code == 302
    with dealer_scope(world.east.pk):
        assert ProgrammeCard.objects.get().talked_by_name == "卫东"
    assert "市区" in page(seller, "programme-card", car.pk)


def test_a_time_goes_to_the_specialist_and_comes_back(world: World, seller: Client, clerk: Client) -> None:
    car = sold(world, 85)
    make_labour(world.east, name="首次保养", hours="0.8")
    make_advisor(world.east)
    wanted = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT10:00")
    assert (
        seller.post(reverse("staff:programme-ask", args=[car.pk]), {"wanted_at": wanted}).status_code == 302
    )
    assert "正在问预约专员" in page(seller, "programme-card", car.pk)
    assert seller.post(reverse("staff:programme-answer", args=[car.pk]), {"answer": "x"}).status_code == 403
    assert "销售顾问在问的时间" in page(clerk, "programme")
    assert "能不能约上" in page(clerk, "programme-card", car.pk)
    clerk.post(reverse("staff:programme-answer", args=[car.pk]), {"answer": "周四下午可以"})
    assert "周四下午可以" in page(seller, "programme-card", car.pk)
    assert "换个时间再问" in page(seller, "programme")


def test_after_the_first_service_the_second_table_asks_what_the_follow_up_said(
    world: World, seller: Client
) -> None:
    car = sold(world, 90)
    today = local_date(timezone.now())
    visit(world.east, car, today - timedelta(days=3), 4_000, "首保")
    run(world.east, today)
    assert reverse("staff:programme-card", args=[car.pk]) in page(seller, "programme", table="1")
    address = reverse("staff:programme-heard", args=[car.pk])
    assert seller.post(address, {"satisfaction": "not"}).status_code == 422
    assert seller.post(address, {"satisfaction": "not", "note": "洗车没洗干净"}).status_code == 302
    assert "不满意" in page(seller, "programme", table="1")


def test_who_leaves_hands_the_customers_over(world: World, seller: Client) -> None:
    car = sold(world, 50, sales_advisor_name="于正建")
    manager = signed_in(make_user("sales_manager", world.east, name="华峰"))
    address = reverse("staff:programme-hand-over")
    assert "交接客户" in page(manager, "programme")
    assert "交接客户" not in page(seller, "programme")
    assert seller.post(address, {"giver": "于正建", "taker": "卫东"}).status_code == 403
    wrong = manager.post(address, {"giver": "于正建", "taker": "李伟"}, follow=True)
    assert "不能跟踪三保客户" in wrong.content.decode()
    done = manager.post(address, {"giver": "于正建", "taker": "卫东"}, follow=True)
    assert "1 位客户从 于正建 交给 卫东" in done.content.decode()
    assert reverse("staff:programme-card", args=[car.pk]) in page(seller, "programme")
