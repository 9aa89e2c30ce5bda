"""Looking for a plan: which bay, technician and advisor keep a slot, or everything that stands against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

from huichang.domains.appointments import policies
from huichang.domains.appointments.models import BookingBand
from huichang.domains.appointments.planning.facts import DAY, NEVER, Facts, Job, Span
from huichang.domains.catalog.models import Bay, StaffMember
from huichang.domains.catalog.queries import bays_for

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs done in one block: by one person who holds `skills`, in a bay that fits them all."""

    skills: frozenset[str]
    hours: float
    jobs: tuple[Job, ...]
    technicians: tuple[StaffMember, ...]
    bays: tuple[Bay, ...]

    @property
    def label(self) -> str:
        return "、".join(dict.fromkeys(job.skill for job in self.jobs))


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A bay and a technician from `start` to `end` (minutes of the facts) for `group`."""

    group: Group
    bay: Bay
    technician: StaffMember
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a slot would be kept. `advisor` is None only at a store without advisors."""

    start: int
    arrive: int
    reception: Span
    advisor: StaffMember | None
    blocks: tuple[PlannedBlock, ...]

    @property
    def end(self) -> int:
        return self.blocks[-1].end


@dataclass(slots=True)
class Obstacles:
    """What stands against a start; empty when it can be kept. Filled by `Search.obstacles`."""

    closed: str = ""
    past: bool = False
    notice: bool = False
    beyond: bool = False
    overruns: bool = False
    peak: BookingBand | None = None
    hours: tuple[str, float, float] | None = None  # skill, hours that may be booked, hours booked
    bay: Group | None = None
    technician: Group | None = None
    advisor: bool = False
    span: Span = field(default=(0, 0))

    def any(self) -> bool:
        return bool(
            self.closed or self.past or self.notice or self.beyond or self.overruns or self.peak
            or self.hours or self.bay or self.technician or self.advisor
        )  # fmt: skip


class Search:
    """Looks for plans of the same jobs at any start. `advisor_id` insists on one advisor."""

    def __init__(
        self,
        facts: Facts,
        jobs: Sequence[Job],
        *,
        priority: str = "",
        first_service: bool = False,
        advisor_id: int | None = None,
    ) -> None:
        self.facts = facts
        self.jobs = tuple(jobs)
        self.advisors = [a for a in facts.advisors if advisor_id in {None, a.pk}]
        self.has_advisors = bool(facts.advisors)
        self.whole = bool(priority) and bool(facts.rule(policies.PRIORITY_USES_RESERVE))
        self.peaks_open = bool(priority) or (
            first_service and bool(facts.rule(policies.FIRST_SERVICE_ANY_TIME))
        )
        # The order of preference is the same for every start of a day.
        self._advisor_order: dict[int, list[StaffMember]] = {}
        self._bay_order: dict[tuple[frozenset[str], int], list[Bay]] = {}
        self._people_order: dict[tuple[frozenset[str], int], list[StaffMember]] = {}
        self._early = int(facts.rule(policies.ARRIVE_EARLY))
        self._reception = int(facts.rule(policies.RECEPTION))
        self._notice = facts.now + int(facts.rule(policies.NOTICE))
        self._uninterrupted = float(facts.rule(policies.UNINTERRUPTED))
        self._horizon = (facts.now // DAY + int(facts.rule(policies.AHEAD)) + 1) * DAY

    @property
    def hours(self) -> float:
        return sum(job.hours for job in self.jobs)

    @cached_property
    def variants(self) -> tuple[tuple[Group, ...], ...]:
        """The ways to cut the jobs into blocks, the best first: one person for all, else skill after skill."""
        together = self._group(self.jobs)
        if len({job.skill for job in self.jobs}) == 1:
            return ((together,),)
        by_skill: dict[str, list[Job]] = defaultdict(list)
        for job in self.jobs:
            by_skill[job.skill].append(job)
        apart = tuple(self._group(jobs) for jobs in by_skill.values())
        return ((together,), apart) if together.technicians and together.bays else (apart,)

    def _group(self, jobs: Sequence[Job]) -> Group:
        facts = self.facts
        skills = frozenset(job.skill for job in jobs)
        people = tuple(
            sorted(
                (person for person in facts.technicians if skills <= set(person.skills)),
                key=lambda person: (
                    len(person.skills),
                    person.pk,
                ),  # specialists are kept for their specialty
            )
        )
        fitting = [
            {bay.pk for bay in bays_for(skill, facts.bays, facts.technicians)} for skill in sorted(skills)
        ]
        bays = tuple(bay for bay in facts.bays if all(bay.pk in fit for fit in fitting))
        return Group(skills, sum(job.hours for job in jobs), tuple(jobs), people, bays)

    def starts(self, day_number: int) -> Iterator[int]:
        """The grid's starts of a day: those before which a customer can be received while the store is open."""
        grid = self.facts.grid
        for opens, closes in self.facts.open_of_day.get(day_number, ()):
            yield from range(ceil((opens + self._early) / grid) * grid, closes, grid)

    def plan(self, start: int) -> Plan | None:
        """A plan that keeps `start`, or None."""
        if start < self._notice or start >= self._horizon or (self._peak(start) and not self.peaks_open):
            return None
        reception = self._reception_at(start)
        if reception is None:
            return None
        advisor = self._free_advisor(reception)
        if advisor is None and self.has_advisors:
            return None
        for groups in self.variants:
            blocks = self._blocks(groups, start)
            if blocks:
                return Plan(start, start - self._early, reception, advisor, blocks)
        return None

    def _peak(self, start: int) -> BookingBand | None:
        band = self.facts.band_at(start)
        return band if band is not None and band.is_peak else None

    def _reception_at(self, start: int) -> Span | None:
        """When the advisor is needed; None when the store is not open for it."""
        span = (start - self._early, start - self._early + self._reception)
        periods = self.facts.open_of_day.get(span[0] // DAY, ())
        inside = any(opens <= span[0] and span[1] <= closes for opens, closes in periods)
        return span if inside else None

    def _free_advisor(self, span: Span) -> StaffMember | None:
        """The free advisor with the fewest receptions of the day."""
        busy = self.facts.staff_busy
        return next(
            (a for a in self._advisors_of(span[0] // DAY) if not busy.get(a.pk, NEVER).during(*span)), None
        )

    def _advisors_of(self, day: int) -> list[StaffMember]:
        """The advisors, those with the fewest receptions of the day first."""
        if day not in self._advisor_order:

            def receptions(person: StaffMember) -> tuple[int, int]:
                busy = self.facts.staff_busy.get(person.pk, NEVER)
                return sum(start // DAY == day for start in busy.starts), person.pk

            self._advisor_order[day] = sorted(self.advisors, key=receptions)
        return self._advisor_order[day]

    def _blocks(self, groups: Sequence[Group], start: int) -> tuple[PlannedBlock, ...] | None:
        blocks: list[PlannedBlock] = []
        added: dict[tuple[str, int], float] = defaultdict(float)
        for group in groups:
            block = self._block(group, start, added, blocks)
            if block is None:
                return None
            blocks.append(block)
            start = block.end
        return tuple(blocks)

    def _block(
        self, group: Group, start: int, added: dict[tuple[str, int], float], before: Sequence[PlannedBlock]
    ) -> PlannedBlock | None:
        """The best free bay with the best free technician; `added` hours of earlier blocks count."""
        for bay in self._bays_by_preference(group, start, before):
            end = self.end_of(group, bay, start)
            if end is None or self.facts.bay_busy.get(bay.pk, NEVER).during(start, end):
                continue
            split = self.facts.by_day(start, end, group.hours)
            for person in self._people_by_load(group, start):
                if self.facts.staff_busy.get(person.pk, NEVER).during(start, end):
                    continue
                if self._exceeds(person.skills, split, added) is None:
                    for day, hours in split.items():
                        for skill in person.skills:
                            added[skill, day] += hours
                    return PlannedBlock(group, bay, person, start, end)
        return None

    def _bays_by_preference(self, group: Group, start: int, before: Sequence[PlannedBlock]) -> list[Bay]:
        """The bay the car already stands in, then bays named for the skill, the least used of the day first."""
        day = start // DAY
        if (group.skills, day) not in self._bay_order:
            self._bay_order[group.skills, day] = sorted(
                group.bays, key=lambda bay: self._rank_of_bay(group, bay, day)
            )
        ordered = self._bay_order[group.skills, day]
        if before and before[-1].bay in ordered:
            return [before[-1].bay, *(bay for bay in ordered if bay.pk != before[-1].bay.pk)]
        return ordered

    def _rank_of_bay(self, group: Group, bay: Bay, day: int) -> tuple[bool, int, str]:
        busy = self.facts.bay_busy.get(bay.pk, NEVER)
        used = sum(e - s for s, e in zip(busy.starts, busy.ends, strict=True) if s // DAY == day)
        return bay.skill not in group.skills, used, bay.name

    def _people_by_load(self, group: Group, start: int) -> list[StaffMember]:
        day = start // DAY
        if (group.skills, day) not in self._people_order:
            load = self.facts.load_of_person
            self._people_order[group.skills, day] = sorted(
                group.technicians, key=lambda p: (len(p.skills), load.get((p.pk, day), 0.0), p.pk)
            )
        return self._people_order[group.skills, day]

    def end_of(self, group: Group, bay: Bay, start: int) -> int | None:
        """When the group's work in `bay` ends, rounded up to the grid; None when it does not fit.

        Short work lies within one open period; long work goes over breaks and nights at the promised share.
        """
        facts, grid = self.facts, self.facts.grid
        spans = facts.open_of_bay[bay.pk]
        if group.hours <= self._uninterrupted:
            end = start + ceil(group.hours * 60 / grid - _ROUNDING) * grid
            today = facts.open_of_bay_and_day.get((bay.pk, start // DAY), ())
            return end if any(opens <= start and end <= closes for opens, closes in today) else None
        left = group.hours * 60 / facts.share
        if not any(opens <= start < closes for opens, closes in spans):
            return None
        for opens, closes in spans:
            if closes <= start:
                continue
            begin = max(opens, start)
            if closes - begin >= left - _ROUNDING:
                return min(begin + ceil(left / grid - _ROUNDING) * grid, closes)
            left -= closes - begin
        return None

    def limit(self, skill: str, day: int) -> float:
        """The hours of a skill that may be promised on a day to this customer."""
        whole = self.facts.capacity.get((skill, day), 0.0)
        return whole if self.whole else whole * self.facts.share

    def _exceeds(
        self, skills: Sequence[str], split: dict[int, float], added: dict[tuple[str, int], float]
    ) -> tuple[str, float, float] | None:
        """The first skill whose day would be over-booked, with its limit and what is booked."""
        for day, hours in split.items():
            for skill in skills:
                booked = self.facts.booked.get((skill, day), 0.0)
                if booked + added.get((skill, day), 0.0) + hours > self.limit(skill, day) + _ROUNDING:
                    return skill, self.limit(skill, day), booked
        return None

    def obstacles(self, start: int) -> Obstacles:
        """Everything that stands against `start`, each looked at by itself."""
        facts = self.facts
        found = Obstacles(past=start <= facts.now, notice=facts.now < start < self._notice)
        found.beyond = start >= self._horizon
        number = start // DAY
        if 0 <= number < len(facts.calendar) and not facts.calendar[number].is_open:
            found.closed = facts.calendar[number].reason
        found.peak = None if self.peaks_open else self._peak(start)
        reception = self._reception_at(start)
        if reception is None:
            found.overruns = True
        elif self.has_advisors and self._free_advisor(reception) is None:
            found.advisor = True
        self._obstacles_of_work(found, start)
        return found

    def _obstacles_of_work(self, found: Obstacles, start: int) -> None:
        """The obstacles of the last way to cut the jobs: the one with the fewest conditions on people."""
        facts = self.facts
        for group in self.variants[-1]:
            ends = {bay.pk: self.end_of(group, bay, start) for bay in group.bays}
            fitting = [end for end in ends.values() if end is not None]
            if group.bays and not fitting:
                found.overruns = True
                return
            end = min(fitting, default=start + ceil(group.hours * 60 / facts.grid) * facts.grid)
            found.span = (start, end)
            free = [
                pk
                for pk, e in ends.items()
                if e is not None and not facts.bay_busy.get(pk, NEVER).during(start, e)
            ]
            if not free and found.bay is None:
                found.bay = group
            idle = [p for p in group.technicians if not facts.staff_busy.get(p.pk, NEVER).during(start, end)]
            if not idle and found.technician is None:
                found.technician = group
            split = facts.by_day(start, end, group.hours)
            over = [self._exceeds(person.skills, split, {}) for person in idle or group.technicians]
            if over and all(over) and found.hours is None:
                found.hours = over[0]
            start = end
