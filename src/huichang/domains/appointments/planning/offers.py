"""What people see of the search: slots with a checklist in words, days with their load, alternatives with a why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from django.utils.translation import gettext

from huichang.domains.appointments import policies
from huichang.domains.appointments.planning.facts import OUTSIDE, Facts, Job
from huichang.domains.appointments.planning.obstacles import obstacles
from huichang.domains.appointments.planning.plans import Obstacles, Plan
from huichang.domains.appointments.planning.search import Search
from huichang.domains.appointments.planning.taken import DAY


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist “can this slot be kept”. `tone` is ok, warn or bad."""

    kind: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class BlockOffer:
    """A bay and a technician the slot would set aside."""

    bay_id: int
    bay: str
    technician_id: int
    technician: str
    skill: str
    hours: Decimal
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A start on the grid: its plan when it can be kept, or what stands against it."""

    starts_at: datetime
    ends_at: datetime | None
    arrive_at: datetime
    is_free: bool
    checks: tuple[Check, ...]
    blocks: tuple[BlockOffer, ...] = ()
    advisor_id: int | None = None
    advisor: str = ""
    discount_percent: int = 0
    crowding: int = 0  # 0 (idle) to 100
    is_recommended: bool = False

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why it cannot be kept; empty when it can."""
        return tuple(check.text for check in self.checks if check.tone == "bad")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A slot that can be kept and why it is proposed."""

    slot: Slot
    why: str


@dataclass(frozen=True, slots=True)
class DaySummary:
    """One day of the strip: how many starts can be kept, how full the jobs' skills are."""

    day: date
    is_open: bool
    why_closed: str
    free: int
    load_percent: int


@dataclass(frozen=True, slots=True)
class Offers:
    """The answer of `queries.offers`."""

    jobs: tuple[Job, ...]
    hours: Decimal
    days: tuple[DaySummary, ...]
    day: date | None
    slots: tuple[Slot, ...]
    wanted_slot: Slot | None
    alternatives: tuple[Alternative, ...]

    @property
    def minutes(self) -> int:
        """Planned work in minutes."""
        return round(float(self.hours) * 60)


def hours_text(hours: float) -> str:
    return f"{hours:.1f}".removesuffix(".0")


class Presenter:
    """Turns minutes and plans of one search into slots and sentences."""

    def __init__(self, search: Search, parts_ready: date | None = None) -> None:
        self.search = search
        self.facts: Facts = search.facts
        self.parts_ready = parts_ready
        self._recommended: dict[int, frozenset[int]] = {}
        self._say = cache(gettext)  # a page shows the same sentence many times

    def slot(self, start: int) -> Slot:
        """The slot at `start` with its whole checklist."""
        plan = self.search.plan(start) if self._may_be_kept(start) else None
        return self._kept(plan) if plan else self._refused(start)

    def _may_be_kept(self, start: int) -> bool:
        """What all starts of the grid are asked at once; others are looked at one by one."""
        on_grid = start % self.facts.grid == 0 and 0 <= start < self.facts.days * DAY
        return not on_grid or self.search.keeps(start)

    def _kept(self, plan: Plan) -> Slot:
        moment = self.facts.moment
        return Slot(
            starts_at=moment(plan.start),
            ends_at=moment(plan.end),
            arrive_at=moment(plan.arrive),
            is_free=True,
            checks=tuple(self._good(plan)),
            blocks=tuple(
                BlockOffer(
                    bay_id=block.bay.pk, bay=block.bay.name, technician_id=block.technician.pk,
                    technician=block.technician.name, skill=block.group.jobs[0].skill,
                    hours=Decimal(str(round(block.group.hours, 2))),
                    starts_at=moment(block.start), ends_at=moment(block.end),
                )
                for block in plan.blocks
            ),
            advisor_id=plan.advisor.pk if plan.advisor else None,
            advisor=plan.advisor.name if plan.advisor else "",
            discount_percent=self.facts.discount(plan.start, self.search.ask.channel),
            crowding=self.search.crowding(plan.start),
            is_recommended=plan.start in self.recommended(plan.start // DAY),
        )  # fmt: skip

    def recommended(self, number: int) -> frozenset[int]:
        """The idlest starts of a day that can be kept, outside the rush (CAP-04)."""
        if number not in self._recommended:
            free = [
                s for s in self.search.starts(number) if self.search.keeps(s) and not self.search.in_rush(s)
            ]
            count = int(self.facts.rule(policies.RECOMMENDED))
            best = sorted(free, key=lambda start: (self.search.crowding(start), start))[:count]
            self._recommended[number] = frozenset(best)
        return self._recommended[number]

    def _good(self, plan: Plan) -> Iterator[Check]:
        _ = self._say
        for block in plan.blocks:
            span = self._span(block.start, block.end)
            yield Check("bay", "ok", _("工位 {bay} {span}").format(bay=block.bay.name, span=span))
            yield Check(
                "technician", "ok",
                _("技师 {name}({skill}资质)").format(name=block.technician.name, skill=block.group.label),
            )  # fmt: skip
            for piece in block.equipment:
                yield Check("equipment", "ok", _("设备 {name} {span}").format(name=piece.name, span=span))
        if plan.advisor:
            text = _("服务顾问 {name} {time} 接待").format(
                name=plan.advisor.name, time=self._clock(plan.reception[0])
            )
            yield Check("advisor", "ok", text)
        else:
            yield Check("advisor", "warn", _("本店没有登记服务顾问,接待没有安排人"))
        if self.parts_ready is not None:
            yield self._parts(plan)
        yield self._hours_left(plan)

    def _parts(self, plan: Plan) -> Check:
        _ = self._say
        ready = f"{self.parts_ready:%m-%d}"
        if self.parts_ready is not None and self.facts.day(plan.start) < self.parts_ready:
            return Check("parts", "warn", _("没有库存的配件最早 {day} 备齐,请先问配件部").format(day=ready))
        return Check("parts", "ok", _("来得及备件(最慢 {day} 到货)").format(day=ready))

    def _hours_left(self, plan: Plan) -> Check:
        _ = self._say
        if self.search.ask.override:
            return Check("hours", "warn", _("超出规则,需要授权并写明原因"))
        if any(block.purpose for block in plan.blocks):
            text = _("优先客户:使用预留产能") if self.search.ask.priority else _("直接到店:使用预留产能")
            return Check("hours", "warn", text)
        skill, day = plan.blocks[0].group.jobs[0].skill, plan.start // DAY
        left = self.search.reserve.room((skill, day), "") - plan.blocks[0].group.hours
        return Check(
            "hours", "ok",
            _("不占用 {reserve}% 预留产能({skill}当天还剩 {left} 工时可约)").format(
                reserve=self.facts.rule(policies.RESERVE), skill=skill, left=hours_text(left)
            ),
        )  # fmt: skip

    def _refused(self, start: int) -> Slot:
        _ = self._say
        found = obstacles(self.search, start)
        checks = tuple(self._bad(found, start)) or (
            Check("bay", "bad", _("这些项目需要几个工位或技师接着做,这个时间接不上")),
        )
        return Slot(
            starts_at=self.facts.moment(start),
            ends_at=None,
            arrive_at=self.facts.moment(start - int(self.facts.rule(policies.ARRIVE_EARLY))),
            is_free=False,
            checks=checks,
        )

    def _bad(self, found: Obstacles, start: int) -> Iterator[Check]:
        _ = self._say
        if found.closed:
            yield Check("open", "bad", _("当天不营业:{reason}").format(reason=found.closed))
            return
        if found.past:
            yield Check("notice", "bad", _("这个时间已经过去"))
            return
        if found.notice:
            minutes = self.facts.rule(policies.NOTICE)
            yield Check("notice", "bad", _("离现在不到 {minutes} 分钟,来不及准备").format(minutes=minutes))
        if found.beyond:
            yield Check("notice", "bad", _("最多提前 {days} 天预约").format(days=self.search.ahead))
        if found.peak is OUTSIDE:
            yield Check("peak", "bad", _("只在预约时段里接受预约"))
        elif found.peak:
            yield Check("peak", "bad", _("高峰时段“{name}”不接受预约").format(name=found.peak.name))
        if found.parts and self.search.ask.ready:
            day = f"{self.search.ask.ready:%m-%d}"
            yield Check("parts", "bad", _("配件最早 {day} 备齐").format(day=day))
        yield from self._bad_counts(found, start)
        if found.overruns:
            yield Check("fit", "bad", _("接待或作业不在营业时间内"))
        yield from self._bad_resources(found, start)

    def _bad_counts(self, found: Obstacles, start: int) -> Iterator[Check]:
        _ = self._say
        if limit := found.kind_limit:
            text = _("“{name}”当天最多 {count} 台,已约满").format(name=limit.name, count=limit.per_day)
            yield Check("kind", "bad", text)
        if found.arrivals:
            time = self._clock(start - int(self.facts.rule(policies.ARRIVE_EARLY)))
            yield Check("arrivals", "bad", _("{time} 到店的预约客户已经够多").format(time=time))
        if found.waiters:
            count = self.facts.rule(policies.WAITERS)
            yield Check("waiters", "bad", _("在店等候的客户同时最多 {count} 位").format(count=count))

    def _bad_resources(self, found: Obstacles, start: int) -> Iterator[Check]:
        _ = self._say
        span = self._span(*found.span)
        if group := found.bay:
            text = _("{skill}工位 {span} 都已占用") if group.bays else _("本店没有能做“{skill}”的工位")
            yield Check("bay", "bad", text.format(skill=group.label, span=span))
        if group := found.technician:
            text = (
                _("有“{skill}”资质的技师 {span} 都已排满")
                if group.technicians
                else _("本店没有“{skill}”资质的在岗技师")
            )
            yield Check("technician", "bad", text.format(skill=group.label, span=span))
        if found.equipment:
            yield Check(
                "equipment", "bad", _("设备“{kind}” {span} 不空").format(kind=found.equipment, span=span)
            )
        if found.hours:
            skill, limit, booked = found.hours
            text = (
                _("{skill}当天线上可约的工时已约满,电话预约还可以")
                if found.is_online
                else _("{skill}当天可约 {limit} 工时,已约 {booked},再约会占用预留")
            )
            yield Check(
                "hours", "bad", text.format(skill=skill, limit=hours_text(limit), booked=hours_text(booked))
            )
        if found.advisor:
            time = self._clock(start - int(self.facts.rule(policies.ARRIVE_EARLY)))
            yield Check("advisor", "bad", _("{time} 服务顾问都在接待").format(time=time))

    def summary(self, number: int) -> DaySummary:
        """One day of the strip."""
        info = self.facts.calendar[number]
        return DaySummary(
            info.day, info.is_open, info.reason, self.search.free_starts(number), self._load(number)
        )

    def _load(self, number: int) -> int:
        """The fullest of the jobs' skills, in percent of what may be promised."""
        loads = [0]
        for skill in {job.skill for job in self.search.jobs}:
            limit = self.search.limit(skill, number)
            booked = self.facts.booked.get((skill, number), 0.0)
            loads.append(round(100 * booked / limit) if limit else 100)
        return max(loads)

    def alternatives(self, wanted: int, count: int) -> tuple[Alternative, ...]:
        """The nearest starts that can be kept: around the wish on its day, at its hour on others, then the earliest.

        One a day after the first day, so that the customer has days to choose from.
        """
        found: dict[int, str] = {}
        for start, why in self._candidates(wanted):
            found.setdefault(start, why)
            if len(found) == count:
                break
        return tuple(Alternative(self.slot(start), why) for start, why in found.items())

    def _candidates(self, wanted: int) -> Iterator[tuple[int, str]]:
        """Starts that can be kept, the best first; searched only as far as they are taken."""
        today = wanted // DAY
        same_day = [(start, self._why_same_day(start - wanted)) for start in self._near(today, wanted)]
        yield from same_day[:1]
        for number in sorted(range(self.facts.days), key=lambda n: (abs(n - today), n)):
            clock = number * DAY + wanted % DAY
            if number != today:
                best = next(self._near(number, clock), None)
                if best is not None:
                    yield best, self._why_other_day(best - clock, number - today)
        yield from same_day[1:]  # a store with one good day: more of that day

    def _near(self, number: int, clock: int) -> Iterator[int]:
        """The starts of a day that can be kept, the nearest to `clock` first."""
        for start in sorted(self.search.starts(number), key=lambda start: (abs(start - clock), start)):
            if self.search.keeps(start):
                yield start

    def _why_same_day(self, minutes: int) -> str:
        _ = self._say
        text = _("同一天,晚 {minutes} 分钟") if minutes > 0 else _("同一天,早 {minutes} 分钟")
        return text.format(minutes=abs(minutes))

    def _why_other_day(self, minutes: int, days: int) -> str:
        _ = self._say
        when = _("晚 {days} 天") if days > 0 else _("早 {days} 天")
        when = when.format(days=abs(days))
        if minutes == 0:
            return _("{when},同一时间").format(when=when)
        return _("{when},时间最接近的空档").format(when=when)

    def _clock(self, minute: int) -> str:
        return f"{minute % DAY // 60:02}:{minute % 60:02}"

    def _span(self, start: int, end: int) -> str:
        if start // DAY == end // DAY:
            return f"{self._clock(start)}–{self._clock(end)}"
        return f"{self._clock(start)}–{self.facts.day(end):%m-%d} {self._clock(end)}"


def present(
    facts: Facts,
    search: Search,
    *,
    day: date | None,
    wanted: datetime | None,
    strip: int,
    parts_ready: date | None = None,
) -> Offers:
    """The days of the strip, the slots of one day, the wanted slot and the alternatives near it."""
    show = Presenter(search, parts_ready)
    jobs: Sequence[Job] = search.jobs
    days = tuple(show.summary(number) for number in range(min(strip, facts.days))) if jobs else ()
    shown = day or (wanted and facts.day(facts.minute(wanted))) or next((d.day for d in days if d.free), None)
    number = (shown - facts.first).days if shown else -1
    slots = tuple(show.slot(start) for start in search.starts(number)) if jobs and number >= 0 else ()
    wanted_slot = show.slot(facts.minute(wanted)) if wanted and jobs else None
    refused = wanted_slot is not None and not wanted_slot.is_free
    alternatives = (
        show.alternatives(facts.minute(wanted), int(facts.rule(policies.ALTERNATIVES)))
        if wanted and refused
        else ()
    )
    return Offers(
        jobs=tuple(jobs),
        hours=Decimal(str(round(search.hours, 2))),
        days=days,
        day=shown,
        slots=slots,
        wanted_slot=wanted_slot,
        alternatives=alternatives,
    )
