"""Everything that stands against a slot that cannot be kept, each looked at by itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from huichang.domains.appointments.planning.plans import Group, Obstacles
from huichang.domains.appointments.planning.search import ROUNDING, Search
from huichang.domains.appointments.planning.taken import DAY, NEVER, Span
from huichang.domains.catalog.models import StaffMember


def obstacles(search: Search, start: int) -> Obstacles:
    """Everything that stands against `start`, each looked at by itself."""
    facts = search.facts
    found = Obstacles(past=start <= facts.now, notice=facts.now < start < search.notice)
    found.beyond = start >= search.horizon
    number = start // DAY
    if 0 <= number < len(facts.calendar) and not facts.calendar[number].is_open:
        found.closed = facts.calendar[number].reason
    found.peak = None if search.peaks_open else search.peak_at(start)
    found.parts = search.ready is not None and start < search.ready
    found.kind_limit = search.counted.limit_reached(number)
    found.arrivals = search.counted.too_many_arrive(start - search.early)
    reception = search.reception_at(start)
    if reception is None:
        found.overruns = True
    elif search.has_advisors and search.free_advisor(reception) is None:
        found.advisor = True
    _of_work(search, found, start)
    found.waiters = search.counted.too_many_wait(start - search.early, max(found.span[1], start + 1))
    return found


def _of_work(search: Search, found: Obstacles, start: int) -> None:
    """The obstacles of the jobs done skill after skill: the way with the fewest conditions on people."""
    facts = search.facts
    for group in search.apart:
        ends = _ends(search, group, start)
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
        idle = [p for p in group.technicians if not facts.staff_busy.get(p.id, NEVER).during(start, end)]
        if not idle and found.technician is None:
            found.technician = group
        if not found.equipment and search.free_equipment(group, start, end) is None:
            found.equipment = "、".join(group.kinds)
        _of_hours(search, found, group, idle or group.technicians, (start, end))
        start = end


def _ends(search: Search, group: Group, start: int) -> dict[int, int | None]:
    """When the group's work ends in each bay, by its id; bays that keep the same hours share their list."""
    spans = search.facts.open_of_bay
    by_hours: dict[int, int | None] = {}
    ends: dict[int, int | None] = {}
    for bay in group.bays:
        hours = id(spans[bay.id])
        if hours not in by_hours:
            by_hours[hours] = search.end_of(group, bay, start)
        ends[bay.id] = by_hours[hours]
    return ends


def _of_hours(
    search: Search, found: Obstacles, group: Group, people: Sequence[StaffMember], span: Span
) -> None:
    split = search.facts.by_day(*span, group.hours)
    kinds = dict.fromkeys(tuple(person.skills) for person in people)  # in the order of the people
    over = [search.exceeds(kind, split, {}, search.purposes[-1]) for kind in kinds]
    if not over or found.hours is not None or not all(over) or over[0] is None:
        return
    cell = over[0]
    booked = search.facts.booked.get(cell, 0.0)
    if len(search.purposes) > 1:  # reserve and all
        booked += sum(search.reserve.eaten[cell].values()) if cell in search.reserve.eaten else 0.0
        found.hours = (cell[0], search.facts.capacity.get(cell, 0.0), booked)
        return
    found.is_online = search.reserve.room(cell, "") + ROUNDING >= split.get(cell[1], 0.0)
    found.hours = (cell[0], search.limit(*cell), booked)
