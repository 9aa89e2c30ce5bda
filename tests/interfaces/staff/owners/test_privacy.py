"""What customers ask about their own data: recorded, listed by urgency, answered once, in words they read."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from huichang.domains.contacts.models import OptOut
from huichang.domains.customers.models import Customer
from huichang.domains.owners.models import PrivacyRequest
from huichang.interfaces import sessions
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import bind_owner, make_owner_car, owner_of_car, phone_of
from tests.factories.world import NOW, World, make_customer, make_order, make_world, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests happen at NOW, like everything else here."""
    monkeypatch.setattr(sessions, "timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def world() -> World:
    return make_world()


def make_request(world: World, customer: Customer, **fields: Any) -> PrivacyRequest:
    with dealer_scope(customer.dealer_id):
        given: dict[str, Any] = {
            "kind": "erase",
            "asked_at": NOW,
            "due_date": NOW.date() + timedelta(days=15),
        }
        return PrivacyRequest.objects.create(
            dealer_id=customer.dealer_id, customer=customer, **(given | fields)
        )


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_a_constant_number_of_times(
    world: World, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_request(world, make_customer(world.east, name=f"客户{number}"))
    client = signed_in(world.wang)
    client.get("/privacy")
    with django_assert_max_num_queries(45):
        page = client.get("/privacy").content.decode()
    assert ("客户0" in page, "客户2" in page) == (True, count == 3)


def test_the_most_urgent_is_first_and_what_is_late_says_so(world: World) -> None:
    make_request(world, make_customer(world.east, name="不急的"))
    make_request(
        world,
        make_customer(world.east, name="很急的"),
        due_date=NOW.date() - timedelta(days=1),
    )
    page = signed_in(world.wang).get("/privacy").content.decode()
    assert page.index("很急的") < page.index("不急的")
    assert page.count("已过期") == 1


def test_another_stores_requests_are_not_there(world: World) -> None:
    asked = make_request(world, make_customer(world.west, name="西区客户"))
    client = signed_in(world.wang)
    assert "西区客户" not in client.get("/privacy").content.decode()
    assert client.get(f"/privacy/{asked.pk}").status_code == 404


def test_an_advisor_records_and_does_not_answer(world: World) -> None:
    customer = make_customer(world.east)
    advisor = signed_in(world.li)
    assert (
        advisor.post(f"/customers/{customer.pk}/privacy", {"kind": "erase", "text": "来店提出"}).status_code
        == 302
    )
    with dealer_scope(world.east.pk):
        asked = PrivacyRequest.objects.get()
    assert asked.due_date == NOW.date() + timedelta(days=15)
    assert advisor.get(f"/privacy/{asked.pk}").status_code == 403


def test_erasing_is_explained_answered_once_and_read_by_the_owner(world: World) -> None:
    car = make_owner_car(world.east)
    customer, binding = owner_of_car(car), bind_owner(car)
    make_order(world.east, car=car, customer=customer)
    asked = make_request(world, customer)
    client = signed_in(world.wang)
    page = client.get(f"/privacy/{asked.pk}").content.decode()
    assert "依法保留 6 年" in page
    answer = {"answer": "已删除,维修档案依法保存", "done": "1"}
    assert client.post(f"/privacy/{asked.pk}", answer).status_code == 302
    assert client.post(f"/privacy/{asked.pk}", answer).headers["Location"] == f"/privacy/{asked.pk}"
    with dealer_scope(world.east.pk):
        assert PrivacyRequest.objects.get().status == "done"
        assert OptOut.objects.filter(customer=customer, lifted_at=None).count() == 1
    assert phone_of(binding.account).get(f"/m/cars/{binding.pk}").status_code == 404


def test_refusing_erases_nothing_and_the_owner_reads_why(world: World) -> None:
    car = make_owner_car(world.east)
    customer, binding = owner_of_car(car), bind_owner(car)
    asked = make_request(world, customer)
    client = signed_in(world.wang)
    assert client.post(f"/privacy/{asked.pk}", {"answer": "", "refuse": "1"}).status_code == 422
    client.post(f"/privacy/{asked.pk}", {"answer": "有一笔未结清的工单,结清后再办", "refuse": "1"})
    assert "未结清" in phone_of(binding.account).get(f"/m/cars/{binding.pk}/data").content.decode()
    with dealer_scope(world.east.pk):
        assert Customer.objects.get(pk=customer.pk).id_number
