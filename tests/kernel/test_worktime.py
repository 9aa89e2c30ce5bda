from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huichang.kernel.worktime import (
    CHINA,
    add_months,
    day_bounds,
    local_date,
    local_moment,
    next_grid,
    step_working_days,
)

SATURDAY = date(2026, 11, 21)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def test_the_day_in_china_begins_eight_hours_before_that_of_utc() -> None:
    assert local_date(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert local_date(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        local_date(datetime(2026, 11, 21))  # noqa: DTZ001  # the mistake itself


def test_day_bounds_are_one_day_apart_with_an_exclusive_end() -> None:
    start, end = day_bounds(SATURDAY)
    assert end - start == timedelta(days=1)
    assert start == local_moment(SATURDAY, time(0, 0))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 21), 3, date(2027, 2, 21)),
        (date(2026, 11, 21), -12, date(2025, 11, 21)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_keep_the_day_or_take_the_months_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-240, 240))
def test_adding_months_moves_exactly_that_many_months(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day <= day.day


def test_working_days_skip_the_weekend_both_ways() -> None:
    assert step_working_days(SATURDAY, 1, weekday) == date(2026, 11, 23)
    assert step_working_days(date(2026, 11, 23), -1, weekday) == date(2026, 11, 20)
    assert step_working_days(date(2026, 11, 20), 3, weekday) == date(2026, 11, 25)


def test_zero_working_days_is_the_day_itself_or_the_next_that_works() -> None:
    assert step_working_days(date(2026, 11, 20), 0, weekday) == date(2026, 11, 20)
    assert step_working_days(SATURDAY, 0, weekday) == date(2026, 11, 23)


def test_a_calendar_that_never_opens_is_an_error_not_an_endless_loop() -> None:
    with pytest.raises(ValueError, match="no working day"):
        step_working_days(SATURDAY, 1, lambda _: False)


def test_the_grid_rounds_up_and_leaves_what_is_on_it() -> None:
    on_grid = datetime(2026, 11, 21, 9, 15, tzinfo=CHINA)
    assert next_grid(on_grid, 15) == on_grid
    assert next_grid(on_grid + timedelta(minutes=1), 15) == on_grid + timedelta(minutes=15)
    assert next_grid(datetime(2026, 11, 21, 9, 59, tzinfo=CHINA), 15).hour == 10
