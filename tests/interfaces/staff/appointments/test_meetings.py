"""Test drives and talks by page: found or opened by the mobile, listed, closed; another store's are not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.appointments.models import Meeting
from huichang.domains.customers.models import Customer
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from tests.factories.world import World


@pytest.fixture
def clerk(world: World) -> Client:
    return make.signed_in(make.make_user("appointment_clerk", world.east))


def fields(world: World, **more: Any) -> dict[str, Any]:
    start = timezone.localtime() + timedelta(days=1)
    given = {
        "kind": "test_drive", "name": "何新", "mobile": "13912340001", "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "minutes": "60", "subject": "锐界",
    }  # fmt: skip
    return given | {"staff": make.make_advisor(world.east).pk} | more


def test_a_new_customer_gets_a_file_and_a_known_one_is_found(world: World, clerk: Client) -> None:
    known = make.make_customer(world.east, name="李海民", mobile="13912340002")
    for mobile in ("13912340001", "139 1234 0002"):
        assert clerk.post("/meetings/new", fields(world, mobile=mobile)).status_code == 302
    with dealer_scope(world.east.pk):
        assert set(Meeting.objects.values_list("customer__name", flat=True)) == {"何新", known.name}
        assert Customer.objects.filter(name="何新").count() == 1
    page = clerk.get("/meetings").content.decode()
    assert "试驾 锐界" in page
    assert "何新" in page


def test_what_is_wrong_is_said_at_its_field(world: World, clerk: Client) -> None:
    for changed, message in (
        ({"mobile": "12"}, "手机"),
        ({"starts_at": "2020-01-01T10:00"}, "现在以后的时间"),
    ):
        answer = clerk.post("/meetings/new", fields(world, **changed))
        assert answer.status_code == 422
        assert message in answer.content.decode()
    with dealer_scope(world.east.pk):
        assert not Meeting.objects.exists()


def test_it_is_called_off_here_and_not_by_another_store(world: World, clerk: Client) -> None:
    clerk.post("/meetings/new", fields(world))
    with dealer_scope(world.east.pk):
        pk = Meeting.objects.get().pk
    off = {"outcome": "cancelled", "reason": "客户改主意"}
    assert make.signed_in(world.zhao).post(f"/meetings/{pk}/close", off).status_code == 404
    clerk.post(f"/meetings/{pk}/close", {"outcome": "cancelled", "reason": ""})
    with dealer_scope(world.east.pk):
        assert Meeting.objects.get().status == "agreed"
    clerk.post(f"/meetings/{pk}/close", off)
    with dealer_scope(world.east.pk):
        assert Meeting.objects.get().status == "cancelled"


def test_the_list_asks_as_much_for_three_as_for_one(
    world: World, clerk: Client, queries: Callable[[Client, str], int]
) -> None:
    clerk.post("/meetings/new", fields(world))
    one = queries(clerk, "/meetings")
    for number in (3, 4):
        clerk.post("/meetings/new", fields(world, mobile=f"1391234000{number}", name=f"客{number}"))
    assert queries(clerk, "/meetings") <= one
