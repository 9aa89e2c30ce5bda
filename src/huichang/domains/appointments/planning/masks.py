"""Which starts can be kept, for all days at once: a minute is a bit of a whole number, so that one AND asks thousands.

It says of short work exactly what `Search.plan` says of each start by itself (held equal by a test), without saying how.
Work that may lie over breaks and nights is left to `Search.plan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from huichang.domains.appointments.planning.plans import Group
from huichang.domains.appointments.planning.reserve import Cell
from huichang.domains.appointments.planning.taken import DAY, NEVER, Busy, Span

if TYPE_CHECKING:
    from huichang.domains.appointments.planning.search import Search

Added = dict[Cell, tuple[float, float]]  # hours of the visit's earlier blocks: promised, eaten
Kind = tuple[str, ...]  # the skills of a person


class Masks:
    """The starts of the days of a search's facts that short work can be kept from."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.facts = search.facts
        self._free: dict[int, int] = {}
        self._days = [((1 << DAY) - 1) << number * DAY for number in range(self.facts.days)]
        self._whole = (1 << self.facts.days * DAY) - 1

    @cached_property
    def is_complete(self) -> bool:
        """Whether a start that is not in `kept` can certainly not be kept."""
        return self.search.reception > 0 and all(map(self._is_short, self.search.variants))

    def _is_short(self, groups: Sequence[Group]) -> bool:
        return all(0 < group.hours <= self.search.uninterrupted for group in groups)

    @cached_property
    def kept(self) -> int:
        """Starts that can be kept."""
        asked, found = self._asked, 0
        if not asked or self.search.reception <= 0:
            return 0
        for groups in self.search.variants:
            if self._is_short(groups):
                days: dict[int, Added] = {number: {} for number in range(self.facts.days)}
                found |= self._not_too_many_wait(self._chain(groups, 0, asked & ~found, days), groups)
        return found

    def of_day(self, number: int) -> int:
        """How many starts of a day can be kept."""
        return (self.kept & self._days[number]).bit_count()

    @cached_property
    def _asked(self) -> int:
        """The starts of the grid that are not barred and at which an advisor can receive the customer."""
        search, found = self.search, 0
        for number in range(self.facts.days):
            starts = list(search.starts(number))
            if starts and not search.is_day_barred(number):
                found |= sum(1 << start - starts[0] for start in starts) << starts[0]
        first, last = search.span
        found &= ((1 << max(0, last - first)) - 1) << first
        if search.some_starts_barred:
            found = reduce(or_, (1 << start for start in _bits(found) if not search.barred(start)), 0)
        length = search.reception
        received = _fits(self.facts.open, length, self.facts.days)
        if search.has_advisors:
            received &= self._any_free(length, (self.facts.staff_busy.get(a.id) for a in search.advisors))
        return found & received << search.early

    def _chain(self, groups: Sequence[Group], after: int, starts: int, days: dict[int, Added]) -> int:
        """Of `starts` those from which the groups can follow one another, the first `after` minutes later.

        `days` are the days not excluded yet, with the hours that the visit's earlier blocks took there.
        """
        if not groups or not starts:
            return starts
        group, length, found = groups[0], self._length(groups[0]), 0
        starts &= self._places(group) >> after
        for kind, people in self._people(group):
            ready = starts & ~found & people >> after
            if ready:
                able = dict(self._hours(group, kind, ready, days))
                ready &= reduce(or_, (self._days[number] for number in able), 0)
                found |= self._chain(groups[1:], after + length, ready, able)
        return found

    def _hours(
        self, group: Group, kind: Kind, starts: int, days: dict[int, Added]
    ) -> Iterator[tuple[int, Added]]:
        """The days of `starts` that have the hours, with what is then taken of them."""
        for number, added in days.items():
            if starts & self._days[number]:
                purpose = self.search.purpose_of(kind, {number: group.hours}, added)
                if purpose is not None:
                    yield number, with_hours(added, kind, {number: group.hours}, purpose)

    def _places(self, group: Group) -> int:
        """Starts of the group's work with a free bay and its equipment."""
        facts, length, found = self.facts, self._length(group), 0
        by_hours: dict[int, int] = {}  # bays that keep the same hours share their list
        for bay in group.bays:
            spans = facts.open_of_bay[bay.id]
            if id(spans) not in by_hours:
                by_hours[id(spans)] = _fits(spans, length, facts.days)
            found |= by_hours[id(spans)] & self._any_free(length, [facts.bay_busy.get(bay.id)])
        for kind in group.kinds:
            pieces = facts.equipment.get(kind, ())
            found &= self._any_free(length, (facts.equipment_busy.get(piece.id) for piece in pieces))
        return found

    def _people(self, group: Group) -> Iterator[tuple[Kind, int]]:
        """Starts of the group's work by the skills of somebody idle."""
        kinds: dict[Kind, list[Busy | None]] = {}
        for person in group.technicians:
            kinds.setdefault(tuple(sorted(person.skills)), []).append(self.facts.staff_busy.get(person.id))
        for kind, busy in kinds.items():
            yield kind, self._any_free(self._length(group), busy)

    def _not_too_many_wait(self, starts: int, groups: Sequence[Group]) -> int:
        search = self.search
        if not starts or not search.ask.waits or search.ask.override:
            return starts
        lasts = sum(map(self._length, groups))
        crowded = (
            start
            for start in _bits(starts)
            if search.counted.too_many_wait(start - search.early, start + lasts)
        )
        return starts & ~reduce(or_, (1 << start for start in crowded), 0)

    def _length(self, group: Group) -> int:
        return self.search.length_of(group.hours)

    def _any_free(self, length: int, busy: Iterable[Busy | None]) -> int:
        """Starts from which one of these is free for so many minutes."""
        return reduce(or_, (_windows(self._free_minutes(one or NEVER), length) for one in busy), 0)

    def _free_minutes(self, busy: Busy) -> int:
        if id(busy) not in self._free:
            taken, last = 0, self.facts.days * DAY
            for start, end in zip(busy.starts, busy.ends, strict=True):
                length = min(end, last) - max(start, 0)
                if length > 0:
                    taken |= ((1 << length) - 1) << max(start, 0)
            self._free[id(busy)] = self._whole & ~taken
        return self._free[id(busy)]


def with_hours(added: Added, skills: Iterable[str], split: dict[int, float], purpose: str) -> Added:
    """What a visit took of the days when one more block of it takes `split` hours by someone of these skills."""
    more = dict(added)
    for day, hours in split.items():
        for skill in skills:
            promised, eaten = more.get((skill, day), (0.0, 0.0))
            more[skill, day] = (promised, eaten + hours) if purpose else (promised + hours, eaten)
    return more


def _fits(spans: Iterable[Span], length: int, days: int) -> int:
    """Starts from which so many minutes lie within one of the spans of the days."""
    found = 0
    for opens, closes in spans:
        if 0 <= opens < days * DAY and closes - opens >= length:
            found |= ((1 << closes - opens - length + 1) - 1) << opens
    return found


def _windows(minutes: int, length: int) -> int:
    """The bits from which `length` bits are set."""
    have = 1
    while have * 2 <= length:
        minutes &= minutes >> have
        have *= 2
    return minutes & minutes >> length - have


def _bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
