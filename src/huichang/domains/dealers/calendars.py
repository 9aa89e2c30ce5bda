"""Working calendars: when a store is open, and which days count as working days.

A day is decided by the first that speaks: the store's special day, the public calendar (the editable table before the
library `chinesecalendar`), the ordinary week. Loading is one query for a store, four for any number of stores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import chinese_calendar
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.dealers.batch import days_and_values
from huichang.domains.dealers.models import Dealer, HolidayDay, OpeningPeriod, SpecialDay
from huichang.domains.dealers.policies import CLOSED_ON_HOLIDAYS, OPEN_ON_MAKE_UP_DAYS
from huichang.domains.dealers.queries import nearest_values, policies_by_dealer
from huichang.kernel.policies import Policy
from huichang.kernel.worktime import local_moment, step_working_days

LAST_KNOWN_YEAR: int = max(day.year for day in chinese_calendar.holidays)
FIRST_KNOWN_YEAR: int = min(day.year for day in chinese_calendar.holidays)
_RULES = (CLOSED_ON_HOLIDAYS, OPEN_ON_MAKE_UP_DAYS)
_SPAN = 400  # days loaded around a day when one is asked for alone
_NAMES = {
    "New Year's Day": gettext_noop("元旦"),
    "Spring Festival": gettext_noop("春节"),
    "Tomb-sweeping Day": gettext_noop("清明节"),
    "Labour Day": gettext_noop("劳动节"),
    "Dragon Boat Festival": gettext_noop("端午节"),
    "Mid-autumn Festival": gettext_noop("中秋节"),
    "National Day": gettext_noop("国庆节"),
    "Anti-Fascist 70th Day": gettext_noop("抗战胜利纪念日"),
}

Period = tuple[time, time]


@dataclass(frozen=True, slots=True)
class PublicDay:
    """What the public calendar says of a day that is not ordinary."""

    is_working: bool
    name: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a store: its open periods (empty when closed) and why it differs from the week, if it does."""

    day: date
    periods: tuple[Period, ...]
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.periods)

    @property
    def minutes(self) -> int:
        """Open minutes of the day."""
        return sum(_minutes(closes) - _minutes(opens) for opens, closes in self.periods)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A store's days between two dates, in memory. Days outside are decided without special days."""

    week: Mapping[int, tuple[Period, ...]]
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    public: Mapping[date, PublicDay] = field(default_factory=dict)
    closed_on_holidays: bool = True
    open_on_make_up_days: bool = True

    def on(self, day: date) -> Day:
        """The day with its periods and reason."""
        usual = self.week.get(day.weekday(), ())
        if day in self.special:
            return self._special(self.special[day], usual)
        public = self.public.get(day) or library_day(day)
        if public and not public.is_working and self.closed_on_holidays:
            return Day(day, (), public.name)
        if public and public.is_working and not usual and self.open_on_make_up_days:
            return Day(day, self._any_working_day(), _("{name}调休上班").format(name=public.name))
        return Day(day, usual, "" if usual else _("每周休息日"))

    def _special(self, row: SpecialDay, usual: tuple[Period, ...]) -> Day:
        if not row.is_open:
            return Day(row.day, (), row.reason)
        if row.opens_at and row.closes_at:
            return Day(row.day, ((row.opens_at, row.closes_at),), row.reason)
        return Day(row.day, usual or self._any_working_day(), row.reason)

    def _any_working_day(self) -> tuple[Period, ...]:
        return next((self.week[number] for number in sorted(self.week) if self.week[number]), ())

    def periods(self, day: date) -> tuple[Period, ...]:
        """The open periods of a day as wall-clock times, in order; empty when closed."""
        return self.on(day).periods

    def is_working(self, day: date) -> bool:
        return self.on(day).is_open

    def step(self, day: date, count: int) -> date:
        """The `count`-th working day after (or before) `day`: see `kernel.worktime.step_working_days`."""
        return step_working_days(day, count, self.is_working)

    def moments(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The open periods as aware datetimes."""
        return tuple(
            (local_moment(day, opens), local_moment(day, closes)) for opens, closes in self.periods(day)
        )


def library_day(day: date) -> PublicDay | None:
    """What `chinesecalendar` knows of a holiday or make-up day; None for ordinary days and unknown years."""
    if day in chinese_calendar.holidays:
        return PublicDay(is_working=False, name=_chinese(chinese_calendar.holidays[day]))
    if day in chinese_calendar.workdays:
        return PublicDay(is_working=True, name=_chinese(chinese_calendar.workdays[day]))
    return None


def _chinese(name: str) -> str:
    return _(_NAMES[str(name)]) if str(name) in _NAMES else str(name)


def load_many(dealers: Iterable[Dealer], first: date, last: date) -> dict[int, Calendar]:
    """Calendars of stores for the days `first` to `last` (inclusive) by dealer id; four queries in all.

    Needs a scope that reaches the stores.
    """
    stores = list(dealers)
    ids = [dealer.pk for dealer in stores]
    week: dict[int, dict[int, list[Period]]] = {pk: {} for pk in ids}
    for row in OpeningPeriod.objects.filter(dealer_id__in=ids).order_by("opens_at"):
        week[row.dealer_id].setdefault(row.weekday, []).append((row.opens_at, row.closes_at))
    special: dict[int, dict[date, SpecialDay]] = {pk: {} for pk in ids}
    for day in SpecialDay.objects.filter(dealer_id__in=ids, day__gte=first, day__lte=last):
        special[day.dealer_id][day.day] = day
    public = {
        row.day: PublicDay(row.is_working, row.name)
        for row in HolidayDay.objects.filter(day__gte=first, day__lte=last)
    }
    rules = policies_by_dealer("dealers.", stores, first)
    return {
        pk: Calendar(
            week={weekday: tuple(periods) for weekday, periods in week[pk].items()},
            special=special[pk],
            public=public,
            closed_on_holidays=bool(rules[pk][CLOSED_ON_HOLIDAYS.key]),
            open_on_make_up_days=bool(rules[pk][OPEN_ON_MAKE_UP_DAYS.key]),
        )
        for pk in ids
    }


def load(dealer: Dealer, first: date, last: date) -> Calendar:
    """One store's calendar for the days `first` to `last` (inclusive); one query."""
    return load_with_values(dealer, first, last, declared=(), on=first)[0]


def load_with_values(
    dealer: Dealer, first: date, last: date, *, declared: Iterable[Policy[Any]], on: date
) -> tuple[Calendar, dict[str, Any]]:
    """As `load`, with the values of some policies in force on the day `on` by key; one query, two with regions' values.

    Needs a scope that reaches the store.
    """
    wanted = tuple(declared)
    found = days_and_values(
        dealer=dealer, first=first, last=last, day_keys=[one.key for one in _RULES],
        keys=[one.key for one in wanted], on=on,
    )  # fmt: skip
    week: dict[int, list[Period]] = {}
    for weekday, opens, closes in found.week:
        week.setdefault(weekday, []).append((time.fromisoformat(opens), time.fromisoformat(closes)))
    special = [
        SpecialDay(
            dealer=dealer, day=date.fromisoformat(day), is_open=is_open, reason=reason,
            opens_at=opens and time.fromisoformat(opens), closes_at=closes and time.fromisoformat(closes),
        )
        for day, is_open, opens, closes, reason in found.special
    ]  # fmt: skip
    values = nearest_values((*_RULES, *wanted), found.settings, dealer)
    calendar = Calendar(
        week={weekday: tuple(periods) for weekday, periods in week.items()},
        special={row.day: row for row in special},
        public={date.fromisoformat(day): PublicDay(works, name) for day, works, name in found.public},
        closed_on_holidays=bool(values[CLOSED_ON_HOLIDAYS.key]),
        open_on_make_up_days=bool(values[OPEN_ON_MAKE_UP_DAYS.key]),
    )
    return calendar, values


def is_working(dealer: Dealer, day: date) -> bool:
    """Whether the store works on a day. For many days `load` once and ask the calendar."""
    return load(dealer, day, day).is_working(day)


def periods(dealer: Dealer, day: date) -> tuple[Period, ...]:
    """The open periods of one day. For many days `load` once and ask the calendar."""
    return load(dealer, day, day).periods(day)


def step(dealer: Dealer, day: date, count: int) -> date:
    """The `count`-th working day after (before when negative) `day`; raises ValueError when the store never opens."""
    reach = timedelta(days=_SPAN)
    return load(dealer, day - reach, day + reach).step(day, count)


def missing_years(first: date, last: date) -> tuple[int, ...]:
    """Years in the span for which neither the library nor the table knows the public holidays."""
    wanted = range(first.year, last.year + 1)
    unknown = [year for year in wanted if not FIRST_KNOWN_YEAR <= year <= LAST_KNOWN_YEAR]
    if not unknown:
        return ()
    entered = {
        day.year for day in HolidayDay.objects.filter(day__year__in=unknown).values_list("day", flat=True)
    }
    return tuple(year for year in unknown if year not in entered)


def warning(today: date, ahead_days: int) -> str:
    """One plain sentence when bookings and reminders reach a year without known holidays, else ''."""
    missing = missing_years(today, today + timedelta(days=ahead_days))
    if not missing:
        return ""
    years = "、".join(map(str, missing))
    return _("还不知道 {years} 年的法定节假日和调休。请按国务院通知录入,否则这些日子按平常一周计算。").format(
        years=years
    )


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A row of the public calendar's page; `row` is its entry in the table, None when the library says so."""

    day: date
    public: PublicDay
    row: HolidayDay | None


def public_days(year: int) -> list[ListedDay]:
    """The public calendar of a year in order."""
    table = {row.day: row for row in HolidayDay.objects.filter(day__year=year)}
    known = [*_of_year(chinese_calendar.holidays, year), *_of_year(chinese_calendar.workdays, year)]
    listed = [ListedDay(day, PublicDay(row.is_working, row.name), row) for day, row in table.items()]
    listed += [
        ListedDay(day, found, None) for day in known if day not in table and (found := library_day(day))
    ]
    return sorted(listed, key=lambda item: item.day)


def _of_year(days: Mapping[date, Any], year: int) -> Sequence[date]:
    return [day for day in days if day.year == year]


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
