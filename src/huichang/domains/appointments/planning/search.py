"""Looking for a plan: which bay, technician, equipment and advisor keep a slot."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations
from math import ceil

from huichang.domains.appointments import policies
from huichang.domains.appointments.models import BookingBand, Equipment, ReservePurpose
from huichang.domains.appointments.planning.facts import Facts, Job
from huichang.domains.appointments.planning.limits import Counted
from huichang.domains.appointments.planning.masks import Added, Masks, with_hours
from huichang.domains.appointments.planning.plans import ORDINARY, Ask, Group, Plan, PlannedBlock
from huichang.domains.appointments.planning.reserve import Cell, Reserve
from huichang.domains.appointments.planning.taken import DAY, NEVER, Span
from huichang.domains.catalog.models import Bay, StaffMember
from huichang.domains.catalog.queries import bays_for

ROUNDING = 1e-6
_FEW = 3  # skills of a visit for which every cut is tried


class Search:
    """Looks for plans of the same jobs at any start."""

    def __init__(self, facts: Facts, jobs: Sequence[Job], ask: Ask = ORDINARY) -> None:
        self.facts = facts
        self.jobs = tuple(jobs)
        self.ask = ask
        self.reserve = Reserve(facts)
        self.counted = Counted(facts, jobs, waits=ask.waits)
        self.advisors = [a for a in facts.advisors if ask.advisor_id in {None, a.id}]
        self.has_advisors = bool(facts.advisors)
        whole = bool(ask.priority) and bool(facts.rule(policies.PRIORITY_USES_RESERVE))
        self.purposes = tuple(dict.fromkeys(("", ask.purpose, ReservePurpose.URGENT if whole else "")))
        self.peaks_open = (
            bool(ask.priority)
            or ask.walks_in
            or (ask.first_service and bool(facts.rule(policies.FIRST_SERVICE_ANY_TIME)))
        )
        # The order of preference is the same for every start of a day.
        self._advisor_order: dict[int, list[StaffMember]] = {}
        self._bay_order: dict[tuple[frozenset[str], int], list[Bay]] = {}
        self._people_order: dict[tuple[frozenset[str], int], list[StaffMember]] = {}
        self._plans: dict[int, Plan | None] = {}
        self._crowding: dict[int, int] = {}
        self._rooms: dict[tuple[Cell, str, float, float], float] = {}
        self._kinds = {person.id: tuple(sorted(person.skills)) for person in facts.technicians}
        self.early = int(facts.rule(policies.ARRIVE_EARLY))
        self.reception = int(facts.rule(policies.RECEPTION))
        soon = self.early if ask.walks_in else int(facts.rule(policies.NOTICE))
        self.notice = facts.now + soon
        self.uninterrupted = float(facts.rule(policies.UNINTERRUPTED))
        until, since = facts.rule(policies.RUSH_MORNING), facts.rule(policies.RUSH_EVENING)
        self._rush = (until.hour * 60 + until.minute, since.hour * 60 + since.minute)
        # The first service is offered when the car is delivered: months ahead.
        self.ahead = int(facts.rule(policies.FIRST_AHEAD if ask.first_service else policies.AHEAD))
        self.horizon = (facts.now // DAY + self.ahead + 1) * DAY
        self.ready = (ask.ready - facts.first).days * DAY if ask.ready else None

    @property
    def hours(self) -> float:
        return sum(job.hours for job in self.jobs)

    @cached_property
    def variants(self) -> tuple[tuple[Group, ...], ...]:
        """The ways to cut the jobs into blocks, the best first: few people, then the order asked."""
        by_skill: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs:
            by_skill[job.skill].append(job)
        found = []
        for parts in _cuts(tuple(by_skill)):
            groups = tuple(
                self.group_of([job for skill in part for job in by_skill[skill]]) for part in parts
            )
            if all(group.technicians and group.bays for group in groups):
                found.append(groups)
        return tuple(found)

    @cached_property
    def apart(self) -> tuple[Group, ...]:
        """The jobs skill after skill as asked: what reasons are told for."""
        by_skill: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs:
            by_skill[job.skill].append(job)
        return tuple(self.group_of(jobs) for jobs in by_skill.values())

    def group_of(self, jobs: Sequence[Job]) -> Group:
        facts, ask = self.facts, self.ask
        skills = frozenset(job.skill for job in jobs)
        people = tuple(
            sorted(
                (
                    person
                    for person in facts.technicians
                    if skills <= set(person.skills) and ask.technician_id in {None, person.id}
                ),
                # specialists are kept for their specialty
                key=lambda person: (len(person.skills), person.id),
            )
        )
        fitting = [
            {bay.id for bay in bays_for(skill, facts.bays, facts.technicians)} for skill in sorted(skills)
        ]
        bays = tuple(
            bay
            for bay in facts.bays
            if all(bay.id in fit for fit in fitting) and ask.bay_id in {None, bay.id}
        )
        labour = {job.labour_id for job in jobs}
        kinds = dict.fromkeys(need.kind for need in facts.resources.needs if need.labour_id in labour)
        return Group(skills, sum(job.hours for job in jobs), tuple(jobs), people, bays, tuple(kinds))

    def starts(self, day_number: int) -> Iterator[int]:
        """The grid's starts of a day: those before which a customer can be received while the store is open."""
        grid = self.facts.grid
        for opens, closes in self.facts.open_of_day.get(day_number, ()):
            yield from range(ceil((opens + self.early) / grid) * grid, closes, grid)

    @cached_property
    def masks(self) -> Masks:
        return Masks(self)

    def keeps(self, start: int) -> bool:
        """Whether there is a plan for a start of the grid on one of the days, without looking for it one by one."""
        return bool(self.masks.kept >> start & 1) or (not self.masks.is_complete and bool(self.plan(start)))

    def free_starts(self, day_number: int) -> int:
        """How many starts of a day can be kept."""
        if self.masks.is_complete:
            return self.masks.of_day(day_number)
        return sum(map(self.keeps, self.starts(day_number)))

    def plan(self, start: int) -> Plan | None:
        """A plan that keeps `start`, or None."""
        if start not in self._plans:
            self._plans[start] = None if self.barred(start) else self._plan(start)
        return self._plans[start]

    @cached_property
    def span(self) -> Span:
        """The minutes [first, last) in which starts are for this customer at all."""
        first = max(0, self.facts.now + 1)
        if self.ask.override:
            return first, self.facts.days * DAY
        return max(first, self.notice, self.ready or 0), min(self.horizon, self.facts.days * DAY)

    def is_day_barred(self, number: int) -> bool:
        """Whether the day has enough of these jobs."""
        return not self.ask.override and self.counted.limit_reached(number) is not None

    @cached_property
    def some_starts_barred(self) -> bool:
        """Whether some moments may be barred beside days and what is too early or too late."""
        only = self.facts.rule(policies.ONLY_IN_BANDS)
        peaks = not self.peaks_open and (only or any(band.is_peak for band in self.facts.resources.bands))
        return not self.ask.override and (peaks or self.counted.counts_arrivals)

    def barred(self, start: int) -> bool:
        """Whether the moment itself is not for this customer, whatever is free."""
        if start <= self.facts.now:
            return True
        if self.ask.override:
            return False
        return (
            start < self.notice
            or start >= self.horizon
            or (self.ready is not None and start < self.ready)
            or (self.peak_at(start) is not None and not self.peaks_open)
            or self.counted.limit_reached(start // DAY) is not None
            or self.counted.too_many_arrive(start - self.early)
        )

    def _plan(self, start: int) -> Plan | None:
        reception = self.reception_at(start)
        if reception is None:
            return None
        advisor = self.free_advisor(reception)
        if advisor is None and self.has_advisors:
            return None
        arrive = start - self.early
        for groups in self.variants:
            for blocks in self.ways(groups, start, (), {}):
                if self.ask.override or not self.counted.too_many_wait(arrive, blocks[-1].end):
                    return Plan(start, arrive, reception, advisor, blocks)
        return None

    def peak_at(self, start: int) -> BookingBand | None:
        band = self.facts.band_at(start)
        return band if band is not None and band.is_peak else None

    def reception_at(self, start: int) -> Span | None:
        """When the advisor is needed; None when the store is not open for it."""
        begin = start - self.early
        end = begin + self.reception
        for opens, closes in self.facts.open_of_day.get(begin // DAY, ()):
            if opens <= begin and end <= closes:
                return begin, end
        return None

    def free_advisor(self, span: Span) -> StaffMember | None:
        """The free advisor with the fewest receptions of the day."""
        busy = self.facts.staff_busy
        for advisor in self._advisors_of(span[0] // DAY):
            if not busy.get(advisor.id, NEVER).during(*span):
                return advisor
        return None

    def _advisors_of(self, day: int) -> list[StaffMember]:
        """The advisors, those with the fewest receptions of the day first."""
        if day not in self._advisor_order:

            def receptions(person: StaffMember) -> tuple[int, int]:
                busy = self.facts.staff_busy.get(person.id, NEVER)
                return sum(start // DAY == day for start in busy.starts), person.id

            self._advisor_order[day] = sorted(self.advisors, key=receptions)
        return self._advisor_order[day]

    def ways(
        self, groups: Sequence[Group], start: int, before: tuple[PlannedBlock, ...], added: Added
    ) -> Iterator[tuple[PlannedBlock, ...]]:
        """Every way to do the groups one after another from `start`, the best first.

        Bays that end the work at the same time are alike, and so are idle people of the same skills: one of each kind
        is tried, so that the search is complete and short.
        """
        if not groups:
            yield before
            return
        for block, split in self._block(groups[0], start, added, before):
            if len(groups) == 1:
                yield (*before, block)
                continue
            more = with_hours(added, block.technician.skills, split, block.purpose)
            yield from self.ways(groups[1:], block.end, (*before, block), more)

    def _block(
        self, group: Group, start: int, added: Added, before: Sequence[PlannedBlock]
    ) -> Iterator[tuple[PlannedBlock, dict[int, float]]]:
        """The free bays with idle technicians, the best first; `added` hours of earlier blocks count."""
        tried: set[tuple[int, tuple[str, ...]]] = set()
        ends: set[int] = set()
        for bay in self._bays_by_preference(group, start, before):
            end = self.end_of(group, bay, start)
            if end is None or end in ends or self.facts.bay_busy.get(bay.id, NEVER).during(start, end):
                continue
            ends.add(end)
            equipment = self.free_equipment(group, start, end)
            if equipment is None:
                continue
            split = self.facts.by_day(start, end, group.hours)
            for person in self._people_by_load(group, start):
                kind = (end, self._kinds[person.id])
                if kind in tried or self.facts.staff_busy.get(person.id, NEVER).during(start, end):
                    continue
                tried.add(kind)
                purpose = self.purpose_of(person.skills, split, added)
                if purpose is not None:
                    yield PlannedBlock(group, bay, person, start, end, purpose, equipment), split

    def free_equipment(self, group: Group, start: int, end: int) -> tuple[Equipment, ...] | None:
        """A free piece of every kind the group needs, or None."""
        found = []
        for kind in group.kinds:
            for piece in self.facts.equipment.get(kind, ()):
                if not self.facts.equipment_busy.get(piece.id, NEVER).during(start, end):
                    found.append(piece)
                    break
            else:
                return None
        return tuple(found)

    def purpose_of(self, skills: Sequence[str], split: dict[int, float], added: Added) -> str | None:
        """The part of the day the hours come from: promised hours first, then the seats this customer may take."""
        if self.ask.override:
            return ""
        return next((p for p in self.purposes if self.exceeds(skills, split, added, p) is None), None)

    def _bays_by_preference(self, group: Group, start: int, before: Sequence[PlannedBlock]) -> list[Bay]:
        """The bay the car already stands in, then bays named for the skill, the least used of the day first."""
        day = start // DAY
        if (group.skills, day) not in self._bay_order:
            self._bay_order[group.skills, day] = sorted(
                group.bays, key=lambda bay: self._rank_of_bay(group, bay, day)
            )
        ordered = self._bay_order[group.skills, day]
        stands = before[-1].bay.id if before else None
        if stands is not None and any(bay.id == stands for bay in ordered):
            return [before[-1].bay, *(bay for bay in ordered if bay.id != stands)]
        return ordered

    def _rank_of_bay(self, group: Group, bay: Bay, day: int) -> tuple[bool, int, str]:
        busy = self.facts.bay_busy.get(bay.id, NEVER)
        used = sum(e - s for s, e in zip(busy.starts, busy.ends, strict=True) if s // DAY == day)
        return bay.skill not in group.skills, used, bay.name

    def _people_by_load(self, group: Group, start: int) -> list[StaffMember]:
        day = start // DAY
        if (group.skills, day) not in self._people_order:
            load = self.facts.load_of_person
            self._people_order[group.skills, day] = sorted(
                group.technicians, key=lambda p: (len(p.skills), load.get((p.id, day), 0.0), p.id)
            )
        return self._people_order[group.skills, day]

    def length_of(self, hours: float) -> int:
        """Minutes that short work takes, rounded up to the grid."""
        return ceil(hours * 60 / self.facts.grid - ROUNDING) * self.facts.grid

    def end_of(self, group: Group, bay: Bay, start: int, hours: float = 0.0) -> int | None:
        """When the group's work in `bay` ends, rounded up to the grid; None when it does not fit.

        Short work lies within one open period; long work goes over breaks and nights at the promised share. `hours`
        when only so much of it is left.
        """
        facts, grid, hours = self.facts, self.facts.grid, hours or group.hours
        if hours <= self.uninterrupted:
            end = start + self.length_of(hours)
            for opens, closes in facts.open_of_bay_and_day.get((bay.id, start // DAY), ()):
                if opens <= start and end <= closes:
                    return end
            return None
        spans = facts.open_of_bay[bay.id]
        left = hours * 60 / facts.share
        if not any(opens <= start < closes for opens, closes in spans):
            return None
        for opens, closes in spans:
            if closes <= start:
                continue
            begin = max(opens, start)
            if closes - begin >= left - ROUNDING:
                return min(begin + ceil(left / grid - ROUNDING) * grid, closes)
            left -= closes - begin
        return None

    def limit(self, skill: str, day: int) -> float:
        """The hours of a skill on a day that ordinary bookings may use."""
        return self.reserve.limit((skill, day))

    def exceeds(
        self, skills: Sequence[str], split: dict[int, float], added: Added, purpose: str
    ) -> Cell | None:
        """The first skill whose day would be over-booked."""
        for day, hours in split.items():
            for skill in skills:
                cell = (skill, day)
                if hours > self._room(cell, purpose, *added.get(cell, (0.0, 0.0))) + ROUNDING:
                    return cell
        return None

    def _room(self, cell: Cell, purpose: str, promised: float, eaten: float) -> float:
        """`Reserve.room` for who asks; the same for every start of a day, so it is worked out once."""
        key = (cell, purpose, promised, eaten)
        if key not in self._rooms:
            self._rooms[key] = self.reserve.room(cell, purpose, self.ask.channel, promised, eaten)
        return self._rooms[key]

    def crowding(self, start: int) -> int:
        """How crowded the store is at a start, 0 (idle) to 100: bays in use, customers arriving, the rush (CAP-04)."""
        if start not in self._crowding:
            self._crowding[start] = self._crowding_at(start)
        return self._crowding[start]

    def _crowding_at(self, start: int) -> int:
        facts = self.facts
        bays = facts.open_of_bay_and_day
        here = [bay.id for bay in facts.bays if bays.get((bay.id, start // DAY))]
        used = sum(facts.bay_busy.get(bay, NEVER).during(start, start + 30) for bay in here)
        arrive = start - self.early
        arrivals = bisect_left(facts.receptions, arrive + 30) - bisect_right(facts.receptions, arrive - 30)
        share = used / len(here) if here else 1.0
        received = min(1.0, arrivals / (2 * len(facts.advisors) or 1))
        return round(45 * share + 25 * received + 30 * self.in_rush(start))

    def in_rush(self, start: int) -> bool:
        """Whether customers would come in the busy morning or the early evening."""
        until, since = self._rush
        return not until <= start % DAY < since


def _cuts(skills: tuple[str, ...]) -> list[tuple[tuple[str, ...], ...]]:
    """The ordered ways to divide skills into blocks, fewest blocks first, then in the order asked."""
    if len(skills) > _FEW:
        return [(skills,), tuple((skill,) for skill in skills)]
    found: list[tuple[tuple[str, ...], ...]] = [()] if not skills else []
    for size in range(len(skills), 0, -1):
        for first in combinations(skills, size):
            rest = tuple(skill for skill in skills if skill not in first)
            found += [(first, *others) for others in _cuts(rest)]
    return sorted(found, key=len)
