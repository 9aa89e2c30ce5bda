"""Booking bands by their pages: peaks and discounts are saved, refused at the field, closed to who may not."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from huichang.domains.appointments.models import BookingBand
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from tests.factories.world import World

PEAK = {
    "name": "早高峰",
    "weekday": "",
    "starts_at": "08:30",
    "ends_at": "10:00",
    "is_peak": "on",
    "discount_percent": "0",
}
QUIET = {"name": "下午", "weekday": "2", "starts_at": "13:00", "ends_at": "15:00", "discount_percent": "20"}


@pytest.fixture
def manager(world: World) -> Client:
    return make.signed_in(world.wang)


@pytest.mark.parametrize(("fields", "shown"), [(PEAK, "每天"), (QUIET, "周三")])
def test_a_band_is_saved_and_listed(
    world: World, manager: Client, fields: dict[str, str], shown: str
) -> None:
    answer = manager.post("/bookings/bands/new", fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/bookings/bands")
    page = manager.get("/bookings/bands").content.decode()
    assert fields["name"] in page
    assert shown in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (PEAK | {"ends_at": "08:00"}, "结束时间要晚于开始时间"),
        (PEAK | {"discount_percent": "10"}, "高峰时段不接受预约,不能有优惠"),
        (PEAK | {"name": ""}, "这个字段是必填项"),
        (QUIET | {"starts_at": "25:00"}, "输入一个有效的时间"),
    ],
)
def test_a_bad_band_is_refused_at_its_field(
    world: World, manager: Client, fields: dict[str, str], message: str
) -> None:
    answer = manager.post("/bookings/bands/new", fields)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    with dealer_scope(world.east.pk):
        assert not BookingBand.objects.exists()


def test_a_band_is_changed_and_removed(world: World, manager: Client) -> None:
    manager.post("/bookings/bands/new", PEAK)
    with dealer_scope(world.east.pk):
        band = BookingBand.objects.get()
    manager.post(f"/bookings/bands/{band.pk}", PEAK | {"ends_at": "09:30"})
    with dealer_scope(world.east.pk):
        assert BookingBand.objects.get().ends_at == time(9, 30)
    assert manager.post(f"/bookings/bands/{band.pk}/remove").status_code == 302
    with dealer_scope(world.east.pk):
        assert not BookingBand.objects.exists()


def test_an_empty_page_says_what_bands_are_for(manager: Client) -> None:
    assert "全天都可以预约" in manager.get("/bookings/bands").content.decode()


def test_who_may_not_set_bands_cannot_see_or_write_them(world: World) -> None:
    agent = make.signed_in(world.li)
    assert agent.get("/bookings/bands").status_code == 403
    assert agent.post("/bookings/bands/new", PEAK).status_code == 403


def test_another_stores_band_is_not_found(world: World, manager: Client) -> None:
    make.signed_in(world.zhao).post("/bookings/bands/new", PEAK)
    with dealer_scope(world.west.pk):
        other = BookingBand.objects.get()
    assert manager.get(f"/bookings/bands/{other.pk}").status_code == 404
    assert manager.post(f"/bookings/bands/{other.pk}/remove").status_code == 404
