"""When a store is open, and who decides it."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from huichang.domains.dealers import calendars, operations
from huichang.domains.dealers.models import Dealer, OpeningPeriod
from huichang.kernel.actors import Actor, PermissionRefused, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db

ACTOR = system("test")
NATIONAL_DAY, MAKE_UP_SUNDAY = date(2026, 10, 1), date(2026, 9, 20)
WEDNESDAY, SUNDAY = date(2026, 11, 25), date(2026, 11, 29)
USUAL = ((time(8, 30), time(17, 30)),)


@pytest.fixture
def east() -> Dealer:
    """Open from Monday to Saturday, 8:30 to 17:30."""
    return make_dealer()


def test_an_ordinary_week(east: Dealer) -> None:
    with dealer_scope(east.pk):
        assert calendars.periods(east, WEDNESDAY) == USUAL
        assert not calendars.is_working(east, SUNDAY)


def test_a_lunch_break_makes_two_periods(east: Dealer) -> None:
    morning, afternoon = (time(8, 30), time(12)), (time(13), time(17, 30))
    with dealer_scope(east.pk):
        operations.set_week(
            dealer=east,
            periods=[(day, *period) for day in range(5) for period in (morning, afternoon)],
            actor=ACTOR,
        )

        assert calendars.periods(east, WEDNESDAY) == (morning, afternoon)
        assert not calendars.is_working(east, date(2026, 11, 28)), "Saturday is closed now"


def test_public_holidays_close_and_make_up_days_open(east: Dealer) -> None:
    with dealer_scope(east.pk):
        calendar = calendars.load(east, date(2026, 9, 1), date(2026, 10, 31))

    assert calendar.on(NATIONAL_DAY) == calendars.Day(NATIONAL_DAY, (), "国庆节")
    assert calendar.periods(MAKE_UP_SUNDAY) == USUAL
    assert calendar.on(MAKE_UP_SUNDAY).reason == "国庆节调休上班"


def test_a_store_may_stay_open_on_holidays(east: Dealer) -> None:
    from huichang.kernel.worktime import local_moment

    with dealer_scope(east.pk):
        now = local_moment(date(2026, 9, 1), time(9))
        operations.set_policy(
            key="dealers.closed_on_holidays",
            raw="否",
            effective_date=date(2026, 9, 1),
            dealer=east,
            actor=ACTOR,
            now=now,
        )

        assert calendars.is_working(east, NATIONAL_DAY)


def test_a_special_day_of_the_store_has_the_last_word(east: Dealer) -> None:
    with dealer_scope(east.pk):
        operations.set_special_day(
            dealer=east,
            day=NATIONAL_DAY,
            is_open=True,
            opens_at=time(9),
            closes_at=time(15),
            reason="国庆值班",
            actor=ACTOR,
        )
        operations.set_special_day(dealer=east, day=WEDNESDAY, is_open=False, reason="盘点", actor=ACTOR)

        assert calendars.periods(east, NATIONAL_DAY) == ((time(9), time(15)),)
        assert calendars.load(east, WEDNESDAY, WEDNESDAY).on(WEDNESDAY).reason == "盘点"


def test_the_table_corrects_the_library_and_goes_beyond_it(east: Dealer) -> None:
    spring_festival = date(2027, 2, 8)
    with dealer_scope(east.pk):
        operations.set_holiday(day=spring_festival, is_working=False, name="春节", actor=ACTOR)
        operations.set_holiday(day=NATIONAL_DAY, is_working=True, name="调整", actor=ACTOR)

        assert not calendars.is_working(east, spring_festival)
        assert calendars.is_working(east, NATIONAL_DAY)


def test_a_year_nobody_knows_is_said_plainly_until_it_is_entered() -> None:
    assert "2027" in calendars.warning(date(2026, 11, 22), 90)

    operations.set_holiday(day=date(2027, 1, 1), is_working=False, name="元旦", actor=ACTOR)

    assert calendars.warning(date(2026, 11, 22), 90) == ""


def test_steps_over_working_days(east: Dealer) -> None:
    with dealer_scope(east.pk):
        assert calendars.step(east, date(2026, 9, 30), 1) == date(2026, 10, 8)  # over the national holidays
        assert calendars.step(east, WEDNESDAY, -11) == date(2026, 11, 12)


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ([], "至少"),
        ([(0, time(9), time(9))], "晚于"),
        ([(0, time(9), time(12)), (0, time(11), time(17))], "重叠"),
    ],
)
def test_a_week_that_makes_no_sense_is_refused(
    east: Dealer, periods: list[tuple[int, time, time]], words: str
) -> None:
    with dealer_scope(east.pk):
        with pytest.raises(OperationRefused, match=words):
            operations.set_week(dealer=east, periods=periods, actor=ACTOR)

        assert OpeningPeriod.objects.filter(dealer=east).count() == 6


def test_where_there_are_several_stores_only_the_network_changes_the_shared_table() -> None:
    make_dealer()
    make_dealer()
    of_a_store = Actor(name="沈洁", permissions=frozenset({"dealers.edit_calendar"}))

    with pytest.raises(PermissionRefused):
        operations.set_holiday(day=date(2027, 1, 1), is_working=False, name="元旦", actor=of_a_store)


def test_any_number_of_stores_costs_the_same_questions(django_assert_num_queries: Any) -> None:
    stores = [make_dealer() for _ in range(3)]
    with dealer_scope(*(store.pk for store in stores)), django_assert_num_queries(4):
        found = calendars.load_many(stores, date(2026, 9, 1), date(2026, 10, 31))

    assert set(found) == {store.pk for store in stores}
