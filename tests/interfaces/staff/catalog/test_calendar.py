"""The working calendar by its page: the week, special days, the public calendar and who may change which."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.dealers.models import Dealer, HolidayDay, OpeningPeriod, SpecialDay
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from tests.factories.world import World

NEXT_YEAR = timezone.now().year + 1
DAY = date(NEXT_YEAR, 3, 3)
SPECIAL = {"day": DAY.isoformat(), "is_open": "0", "reason": "盘点"}
HOLIDAY = {"day": DAY.isoformat(), "is_working": "0", "name": "元宵节"}


def week(**changed: tuple[list[str], list[str]]) -> dict[str, list[str]]:
    """The week's form: 08:30 to 17:30 from Monday to Saturday, but for the weekdays given as `day0=…`."""
    form: dict[str, list[str]] = {}
    for number in range(7):
        usual = (["08:30", ""], ["17:30", ""]) if number < 6 else (["", ""], ["", ""])
        form[f"opens-{number}"], form[f"closes-{number}"] = changed.get(f"day{number}", usual)
    return form


@pytest.fixture
def manager(world: World) -> Client:
    return make.signed_in(world.wang)


def test_a_lunch_break_and_a_closed_day_are_saved(world: World, manager: Client) -> None:
    form = week(day0=(["08:30", "13:00"], ["12:00", "17:30"]), day5=(["", ""], ["", ""]))
    answer = manager.post("/calendar/week", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/calendar")
    with dealer_scope(world.east.pk):
        periods = OpeningPeriod.objects.order_by("weekday", "opens_at")
        assert [row.opens_at for row in periods if row.weekday == 0] == [time(8, 30), time(13, 0)]
        assert {row.weekday for row in periods} == {0, 1, 2, 3, 4}
    assert 'value="13:00"' in manager.get("/calendar").content.decode()


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (week(day0=(["17:30"], ["08:30"])), "关门时间要晚于开门时间"),
        (week(day0=(["08:30", "11:00"], ["12:00", "17:30"])), "同一天的两段营业时间不能重叠"),
        (week(day0=(["08:30"], [""])), "周一的营业时间没有填完整"),
        ({}, "一周至少要有一天营业"),
    ],
)
def test_an_impossible_week_is_refused_and_nothing_changes(
    world: World, manager: Client, form: dict[str, list[str]], message: str
) -> None:
    answer = manager.post("/calendar/week", form)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    with dealer_scope(world.east.pk):
        assert OpeningPeriod.objects.count() == 6


def test_a_special_day_closes_the_store_and_can_be_taken_back(world: World, manager: Client) -> None:
    assert manager.post("/calendar/days", SPECIAL).status_code == 302
    assert "盘点" in manager.get("/calendar").content.decode()
    with dealer_scope(world.east.pk):
        special = SpecialDay.objects.get()
    assert (special.day, special.is_open) == (DAY, False)
    assert manager.post(f"/calendar/days/{special.pk}/remove").status_code == 302
    with dealer_scope(world.east.pk):
        assert not SpecialDay.objects.exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": ""}, "这个字段是必填项"),
        ({"day": "明天"}, "输入一个有效的日期"),
        ({"is_open": "1", "opens_at": "09:00"}, "开门和关门时间要么都填,要么都不填"),
        ({"is_open": "1", "opens_at": "12:00", "closes_at": "09:00"}, "关门时间要晚于开门时间"),
    ],
)
def test_a_bad_special_day_is_refused_at_its_field(
    world: World, manager: Client, changed: dict[str, str], message: str
) -> None:
    answer = manager.post("/calendar/days", SPECIAL | changed)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    with dealer_scope(world.east.pk):
        assert not SpecialDay.objects.exists()


def test_where_there_are_several_stores_the_public_calendar_is_the_networks(
    world: World, manager: Client
) -> None:
    assert "主机厂维护" in manager.get("/calendar").content.decode()
    assert manager.post("/calendar/holidays", HOLIDAY).status_code == 403
    assert not HolidayDay.objects.exists()


def test_the_only_store_completes_the_public_calendar_itself(world: World, manager: Client) -> None:
    Dealer.objects.filter(pk=world.west.pk).update(is_active=False)
    answer = manager.post("/calendar/holidays", HOLIDAY)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/calendar?year={NEXT_YEAR}")
    shown = manager.get("/calendar", {"year": NEXT_YEAR}).content.decode()
    assert "元宵节" in shown
    assert "人工录入" in shown
    entered = HolidayDay.objects.get()
    assert manager.post(f"/calendar/holidays/{entered.pk}/remove").status_code == 302
    assert not HolidayDay.objects.exists()


def test_who_may_not_change_the_calendar_reads_it(world: World) -> None:
    looker = make.signed_in(world.li)
    page = looker.get("/calendar").content.decode()
    assert "保存营业时间" not in page
    for path, form in (("week", week()), ("days", SPECIAL), ("holidays", HOLIDAY)):
        assert looker.post(f"/calendar/{path}", form).status_code == 403


def test_another_stores_special_day_is_not_found(world: World, manager: Client) -> None:
    with dealer_scope(world.west.pk):
        other = SpecialDay.objects.create(dealer=world.west, day=DAY, is_open=False, reason="盘点")
    assert manager.post(f"/calendar/days/{other.pk}/remove").status_code == 404


@pytest.mark.parametrize("year", ["", "abc", "1999", "99999999999", "٢٠٢٦"])
def test_a_year_that_is_none_shows_this_one(manager: Client, year: str) -> None:
    answer = manager.get("/calendar", {"year": year})
    assert answer.status_code == 200
