"""What the store sees of its owners on their phones: who is registered, who was told (REM-20), the poster, the invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huichang.domains.contacts.models import Message
from huichang.domains.owners.models import OwnerAccount
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import bind_owner, make_account, make_owner_car, make_sms, owner_of_car
from tests.factories.world import NOW, World, make_message, make_world, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world()
    make_sms(world.east)
    return world


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_a_constant_number_of_times(
    world: World, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        bind_owner(make_owner_car(world.east, name=f"车主{number}"))
    client = signed_in(world.li)
    client.get("/owners")
    with django_assert_max_num_queries(45):
        page = client.get("/owners").content.decode()
    assert page.count("车主0") == 1
    assert page.count("车主2") == (count == 3)


def test_another_stores_owners_are_not_in_the_list(world: World) -> None:
    bind_owner(make_owner_car(world.west, name="西区车主"))
    assert "西区车主" not in signed_in(world.li).get("/owners").content.decode()


def test_who_was_reminded_by_wechat_is_told_apart(world: World) -> None:
    told, untold = make_owner_car(world.east, name="已提醒者"), make_owner_car(world.east, name="未提醒者")
    for car in (told, untold):
        bind_owner(car)
    make_message(world.east, customer=owner_of_car(told), channel="wechat", status="delivered", key="w1")
    make_message(world.east, customer=owner_of_car(untold), channel="wechat", status="failed", key="w2")
    make_message(
        world.east,
        customer=owner_of_car(untold),
        channel="wechat",
        status="delivered",
        purpose="booking",
        key="w3",
    )
    client = signed_in(world.li)
    shown = {
        name: client.get(f"/owners?show={name}").content.decode() for name in ("told", "untold", "wechat")
    }
    assert ("已提醒者" in shown["told"], "未提醒者" in shown["told"]) == (True, False)
    assert ("已提醒者" in shown["untold"], "未提醒者" in shown["untold"]) == (False, True)
    assert "已提醒者" not in shown["wechat"]


def test_the_list_goes_on_by_pages(world: World) -> None:
    for number in range(52):
        bind_owner(make_owner_car(world.east, name=f"第{number:02}位"))
    client = signed_in(world.li)
    first = client.get("/owners").content.decode()
    assert ("第51位" in first, "第02位" in first, "第01位" in first) == (True, True, False)
    older = first.split("before=")[1].split('"')[0]
    assert "第01位" in client.get(f"/owners?show=all&before={older}").content.decode()


def test_the_poster_leads_to_this_stores_registration(world: World) -> None:
    page = signed_in(world.li).get("/owners/poster").content.decode()
    assert "/m/register?store=E01" in page
    assert "data:image/svg+xml" in page


def test_the_file_of_a_customer_shows_whose_phone_has_the_car(world: World) -> None:
    car = make_owner_car(world.east)
    customer = owner_of_car(car)
    client = signed_in(world.li)
    assert "发登记邀请" in client.get(f"/customers/{customer.pk}").content.decode()
    bind_owner(car, make_account("15900001234"))
    bind_owner(car, make_account("15900005678"), right="driver")
    page = client.get(f"/customers/{customer.pk}").content.decode()
    assert "159****1234" in page
    assert "妻子" in page
    assert "发登记邀请" not in page


def test_an_invitation_is_put_into_the_outbox(world: World) -> None:
    customer = owner_of_car(make_owner_car(world.east))
    answer = signed_in(world.li).post(f"/customers/{customer.pk}/invite-owner")
    assert answer.status_code == 302
    with dealer_scope(world.east.pk):
        assert Message.objects.get(template_name="owner.invite").customer_id == customer.pk
    assert signed_in(world.zhao).post(f"/customers/{customer.pk}/invite-owner").status_code == 404


def test_nobody_may_guess_an_account_from_the_list(world: World) -> None:
    account = make_account("15900001234")
    bind_owner(make_owner_car(world.east), account)
    OwnerAccount.objects.filter(pk=account.pk).update(created_at=NOW - timedelta(days=3))
    page = signed_in(world.li).get("/owners").content.decode()
    assert "15900001234" not in page
    assert "159****1234" in page
