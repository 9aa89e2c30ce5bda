"""Re-planning the rest of a day: the plan that breaks the fewest promises after something went wrong.

Visits that have not begun may move in time, bay and people; work that runs stays where it is unless its bay
or technician is gone. `solving` finds the plan; here it is put into words that can be kept and shown (docs/adr/0016).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from huichang.domains.appointments.away import hits
from huichang.domains.appointments.models import Away, BlockKind, Booking, BookingBlock, BookingStatus
from huichang.domains.appointments.planning.facts import Facts, Job
from huichang.domains.appointments.planning.plans import Ask, Group
from huichang.domains.appointments.planning.search import Search
from huichang.domains.appointments.planning.taken import DAY, Busy, Span, Taken


@dataclass(slots=True)
class Part:
    """One block of work of a task: what it needs, and where it stands now (None: nowhere yet)."""

    group: Group
    bay_id: int | None = None
    technician_id: int | None = None
    start: int = 0
    end: int = 0
    left: float = 0.0  # hours still to do
    purpose: str = ""
    block_id: int | None = None
    equipment: tuple[int, ...] = ()


@dataclass(slots=True)
class Task:
    """A visit that may move. `start` is its promised start (None for the emergency), in minutes of the facts.

    `starts` are the starts it may have; `is_running` work keeps its start and goes on from now.
    """

    booking: Booking | None
    parts: list[Part]
    starts: list[int]
    start: int | None = None
    advisor_id: int | None = None
    needs_advisor: bool = True
    is_running: bool = False
    weight: int = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where the solver put one part."""

    bay_id: int
    technician_id: int
    start: int
    end: int
    equipment: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """What the solver says of a task: its places, or none when the day has no room for it."""

    task: Task
    places: tuple[Place, ...]
    advisor_id: int | None = None

    @property
    def start(self) -> int | None:
        return self.places[0].start if self.places else None

    @property
    def is_moved(self) -> bool:
        """Whether the customer's time changes."""
        return bool(self.places) and self.task.start is not None and self.start != self.task.start

    @property
    def is_changed(self) -> bool:
        """Whether anything changes."""
        before = [(one.bay_id, one.technician_id, one.start, set(one.equipment)) for one in self.task.parts]
        after = [(one.bay_id, one.technician_id, one.start, set(one.equipment)) for one in self.places]
        return before != after or (self.task.needs_advisor and self.task.advisor_id != self.advisor_id)


@dataclass(frozen=True, slots=True)
class Problem:
    """A day to re-plan: the tasks, and what stays as it is on every bay, person and piece of equipment."""

    facts: Facts
    search: Search  # of no jobs: for its measures of time
    tasks: tuple[Task, ...]
    bays: dict[int, list[Span]]
    staff: dict[int, list[Span]]
    equipment: dict[int, list[Span]]
    stuck: tuple[Booking, ...] = ()  # what needs a person's own decision


def problem(
    facts: Facts,
    bookings: Iterable[Booking],
    *,
    emergency: Sequence[Job] = (),
    emergency_starts: Sequence[int] = (),
    notice: int = 60,
) -> Problem:
    """The day's visits as tasks. `facts` are one day's; `notice` is how long before a customer can be told, minutes."""
    measure = Search(facts, (), Ask(override=True))
    tasks, stuck, moving = [], [], set()
    for booking in bookings:
        blocks = [block for block in booking.blocks.all() if block.is_active]
        task = _task(facts, booking, blocks, notice)
        if task is not None:
            tasks.append(task)
            moving |= {block.pk for block in blocks if block.ends_at > facts.moment(facts.now)}
        elif _is_broken(facts, blocks):
            stuck.append(booking)
    if emergency:
        tasks.append(_emergency(facts, emergency, emergency_starts))
    fixed: tuple[dict[int, list[Span]], ...] = ({}, {}, {})
    rows: list[tuple[Taken | Away, int, int]] = [
        (b, b.start, b.end) for b in facts.blocks if b.pk not in moving
    ]
    rows += [(away, facts.minute(away.starts_at), facts.minute(away.ends_at)) for away in facts.absences]
    for row, begins, ends in rows:
        span = (max(0, begins), min(DAY, ends))
        if span[0] >= span[1]:  # another day's
            continue
        keys = (row.bay_id, row.staff_id, getattr(row, "equipment_id", None))
        for taken, key in zip(fixed, keys, strict=True):
            if key:
                taken.setdefault(key, []).append(span)
    merged = [{key: _merged(spans) for key, spans in taken.items()} for taken in fixed]
    return Problem(facts, measure, tuple(tasks), merged[0], merged[1], merged[2], tuple(stuck))


def _merged(spans: list[Span]) -> list[Span]:
    busy = Busy(spans)
    return list(zip(busy.starts, busy.ends, strict=True))


def _task(facts: Facts, booking: Booking, blocks: Sequence[BookingBlock], notice: int) -> Task | None:
    """The booking as a task; None when it stays as it is: over, held, longer than the day, or fine while it runs."""
    work = sorted(
        (b for b in blocks if b.kind == BlockKind.WORK and not b.finished_at), key=lambda b: b.starts_at
    )
    if not work or booking.status == BookingStatus.HELD:
        return None
    first, last = facts.minute(work[0].starts_at), facts.minute(work[-1].ends_at)
    if first < 0 or last > DAY or last <= facts.now:
        return None
    if first <= facts.now:
        needed = [b for b in blocks if b.kind != BlockKind.RECEPTION and not b.finished_at]
        return _running(facts, booking, work) if _is_broken(facts, needed) else None
    arrived = booking.status == BookingStatus.ARRIVED
    advisor = next((b.staff_id for b in blocks if b.kind == BlockKind.RECEPTION), None)
    parts = [_part(facts, booking, block) for block in work]
    if not all(part.group.bays and part.group.technicians for part in parts):
        return None
    measure = Search(facts, (), Ask(override=True))
    soonest = facts.now if arrived else facts.now + notice + measure.early
    starts = [start for start in measure.starts(0) if start >= soonest or start == first]
    return Task(
        booking, parts, starts or [first], first, advisor, needs_advisor=not arrived and advisor is not None,
        weight=_weight(booking),
    )  # fmt: skip


def _weight(booking: Booking) -> int:
    """How bad it is to move this promise."""
    base = {"confirmed": 14, "prepared": 12, "arrived": 16}.get(booking.status, 10)
    return base + (6 if booking.priority else 0) + (3 if booking.waits else 0)


def _is_broken(facts: Facts, blocks: Iterable[BookingBlock]) -> bool:
    """Whether a bay, person or piece of equipment of some block is away while it is needed."""
    now = facts.moment(facts.now)
    return any(hits(away, block, now) for block in blocks for away in facts.absences)


def _running(facts: Facts, booking: Booking, work: Sequence[BookingBlock]) -> Task | None:
    """Work that has begun and lost its bay or technician: the rest of it goes on from the next grid point."""
    begin = -(-facts.now // facts.grid) * facts.grid
    parts = []
    for block in work:
        part = _part(facts, booking, block)
        start, end = part.start, part.end
        if end <= begin:
            continue
        if start < begin:
            part.left = part.left * (end - begin) / (end - start)
        part.start = max(start, begin)
        parts.append(part)
    if not parts or not all(part.group.bays and part.group.technicians for part in parts):
        return None
    starts = list(range(begin, DAY, facts.grid))
    return Task(
        booking, parts, starts, parts[0].start, needs_advisor=False, is_running=True, weight=_weight(booking)
    )


def _part(facts: Facts, booking: Booking, block: BookingBlock) -> Part:
    hours = float(block.planned_hours)
    skills = _skills(booking, block)
    known = [
        Job(item.labour_id, item.labour.name, item.labour.skill, float(item.hours))
        for item in booking.items.all()
    ]
    jobs = [job for job in known if job.skill in skills] or [Job(0, block.skill, block.skill, hours)]
    group = Search(facts, jobs, Ask(override=True)).group_of(jobs)
    return Part(
        group, block.bay_id, block.staff_id, facts.minute(block.starts_at), facts.minute(block.ends_at), hours,
        block.purpose, block.pk, _equipment(booking, block),
    )  # fmt: skip


def _equipment(booking: Booking, work: BookingBlock) -> tuple[int, ...]:
    """The pieces that a block of work has with it."""
    return tuple(
        b.equipment_id
        for b in booking.blocks.all()
        if b.equipment_id and b.is_active and b.position == work.position
    )


def _skills(booking: Booking, block: BookingBlock) -> set[str]:
    """The skills of the jobs done in a block: its own, and those that no block is named for and that fit its hours."""
    work = {
        b.skill: float(b.planned_hours)
        for b in booking.blocks.all()
        if b.kind == BlockKind.WORK and b.is_active
    }
    found: dict[str, set[str]] = {skill: {skill} for skill in work}
    left = dict(work)
    items = [(item.labour.skill, float(item.hours)) for item in booking.items.all()]
    for skill, hours in items:
        if skill in left:
            left[skill] -= hours
    for skill, hours in items:
        if skill not in work and left:
            host = max(left, key=lambda one: left[one])
            found[host].add(skill)
            left[host] -= hours
    return found.get(block.skill, {block.skill})


def _emergency(facts: Facts, jobs: Sequence[Job], starts: Sequence[int]) -> Task:
    search = Search(facts, jobs, Ask(override=True))
    groups = search.variants[0] if search.variants else search.apart
    parts = [Part(group, left=group.hours, purpose="urgent") for group in groups]
    return Task(None, parts, list(starts), None, needs_advisor=bool(facts.advisors), weight=60)
