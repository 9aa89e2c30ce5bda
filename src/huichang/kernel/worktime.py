"""Time, passed in and never read: days, working days, the clock's grid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHINA_TIME_ZONE = "Asia/Shanghai"
CHINA = ZoneInfo(CHINA_TIME_ZONE)
_FAR = 400  # no store is shut for more than a year: a search that goes further has a broken calendar


def local_date(moment: datetime) -> date:
    """The calendar day in China of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return moment.astimezone(CHINA).date()


def local_moment(day: date, clock: time) -> datetime:
    """The aware datetime of a wall-clock time on a day in China."""
    return datetime.combine(day, clock, tzinfo=CHINA)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Start (inclusive) and end (exclusive) of a day in China."""
    return local_moment(day, time.min), local_moment(day + timedelta(days=1), time.min)


def add_months(day: date, months: int) -> date:
    """The same day some months away, or that month's last day (31 January + 1 month = 28 or 29 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def step_working_days(day: date, count: int, is_working: Callable[[date], bool]) -> date:
    """The `count`-th working day after `day` (before it when negative); `day` itself is not counted.

    With count 0: `day` if it works, else the next one that does. Raises ValueError on an endless closure.
    """
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    if count == 0 and is_working(day):
        return day
    left = max(left, 1)
    for _ in range(_FAR + 3 * left):
        day += step
        if is_working(day):
            left -= 1
            if left == 0:
                return day
    raise ValueError(f"no working day found near {day}")


def next_grid(moment: datetime, minutes: int) -> datetime:
    """`moment` rounded up to the clock's grid of `minutes` (divides 60)."""
    floor = moment.replace(minute=moment.minute - moment.minute % minutes, second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=minutes)
