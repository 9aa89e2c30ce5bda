"""A solved day in words and JSON: what moves, from where to where, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Away, BlockKind, Booking, BookingBlock
from huichang.domains.appointments.planning.facts import Facts
from huichang.domains.appointments.planning.replan import Part, Place, Placed, Problem


class Names:
    """The names of a store's bays, people and equipment by id."""

    def __init__(self, facts: Facts) -> None:
        self.bays = {bay.pk: bay.name for bay in facts.bays}
        self.people = {person.pk: person.name for person in (*facts.technicians, *facts.advisors)}
        self.equipment = {piece.pk: piece.name for pieces in facts.equipment.values() for piece in pieces}


def moves(problem: Problem, placed: Sequence[Placed], early: int) -> list[dict[str, Any]]:
    """One entry for every visit that changes, the customers' times first. `early`: minutes of arrival before work.

    kind: `new` (the emergency), `out` (no room today), `time` (the customer's time changes), `people` (only inside).
    """
    names = Names(problem.facts)
    changed = [one for one in placed if not one.places or one.is_changed]
    found = [move(problem, one, placed, names, early) for one in changed]
    order = {"new": 0, "out": 1, "time": 2, "people": 3}
    return sorted(
        found, key=lambda row: (order[row["kind"]], row["will"].get("start") or row["was"].get("start"))
    )


def move(problem: Problem, one: Placed, placed: Sequence[Placed], names: Names, early: int) -> dict[str, Any]:
    """What becomes of one visit, as JSON."""
    facts, booking = problem.facts, one.task.booking
    if booking is None:
        kind = "new" if one.places else "out"
    else:
        kind = "out" if not one.places else "time" if one.is_moved else "people"
    return {
        "kind": kind,
        "booking": booking.pk if booking else None,
        "number": booking.number if booking else "",
        "plate": booking.car.plate if booking else "",
        "customer": booking.customer.name if booking else "",
        "status": booking.status if booking else "",
        "was": _was(booking, names, is_running=one.task.is_running) if booking else {},
        "will": _will(facts, one, names, early) if one.places else {},
        "why": _why(problem, one, placed, names) if booking else _("急修插入"),
    }


def _was(booking: Booking, names: Names, *, is_running: bool) -> dict[str, Any]:
    blocks = active(booking)
    work = [block for block in blocks if block.kind == BlockKind.WORK]
    advisor = next((b.staff_id for b in blocks if b.kind == BlockKind.RECEPTION), None)
    return {
        "start": work[0].starts_at.isoformat(),
        "end": work[-1].ends_at.isoformat(),
        "places": [
            " · ".join(
                (
                    names.bays.get(b.bay_id or 0, ""),
                    names.people.get(b.staff_id or 0, ""),
                    *_pieces(b, blocks),
                )
            )
            for b in work
        ],
        "advisor": names.people.get(advisor or 0, ""),
        "blocks": sorted(block.pk for block in blocks),
        "is_running": is_running,
    }


def _pieces(work: BookingBlock, blocks: Sequence[BookingBlock]) -> list[str]:
    """The names of the equipment a block of work has with it."""
    return [str(b.equipment) for b in blocks if b.equipment_id and b.position == work.position]


def active(booking: Booking) -> list[BookingBlock]:
    """A booking's blocks in force, in order of time (prefetched)."""
    return sorted((b for b in booking.blocks.all() if b.is_active), key=lambda b: (b.starts_at, b.pk))


def _will(facts: Facts, one: Placed, names: Names, early: int) -> dict[str, Any]:
    start, end = one.places[0].start, one.places[-1].end
    return {
        "start": facts.moment(start).isoformat(),
        "end": facts.moment(end).isoformat(),
        "arrive": facts.moment(start - early).isoformat(),
        "places": [
            " · ".join(
                (
                    names.bays[p.bay_id],
                    names.people[p.technician_id],
                    *map(names.equipment.__getitem__, p.equipment),
                )
            )
            for p in one.places
        ],
        "advisor_id": one.advisor_id,
        "advisor": names.people.get(one.advisor_id or 0, ""),
        "parts": [_part(facts, part, place) for part, place in zip(one.task.parts, one.places, strict=True)],
    }


def _part(facts: Facts, part: Part, place: Place) -> dict[str, Any]:
    return {
        "block": part.block_id, "bay_id": place.bay_id, "technician_id": place.technician_id,
        "start": facts.moment(place.start).isoformat(), "end": facts.moment(place.end).isoformat(),
        "skill": part.group.jobs[0].skill, "hours": round(part.left or part.group.hours, 2), "purpose": part.purpose,
        "equipment": list(place.equipment),
    }  # fmt: skip


def _why(problem: Problem, one: Placed, placed: Sequence[Placed], names: Names) -> str:
    """What made the visit move: its own bay or people are gone, or it makes room for others."""
    gone = list(dict.fromkeys(_gone(problem.facts, one, names)))
    if gone:
        return ";".join(gone)
    takers = list(dict.fromkeys(_takers(one, placed)))
    if takers:
        return _("把位置让给 {plates}").format(plates="、".join(takers))
    return _("随其他车辆的调整而变动")


def _gone(facts: Facts, one: Placed, names: Names) -> Iterator[str]:
    now = facts.moment(facts.now)
    for part in one.task.parts:
        start, end = facts.moment(part.start), facts.moment(part.end)
        for away in facts.absences:
            if away.starts_at < end and max(start, now) < away.ends_at:
                if away.bay_id and away.bay_id == part.bay_id:
                    yield _absence(_("工位 {name}").format(name=names.bays.get(away.bay_id, "")), away)
                if away.staff_id and away.staff_id == part.technician_id:
                    yield _absence(_("技师 {name}").format(name=names.people.get(away.staff_id, "")), away)
                if (gone := getattr(away, "equipment_id", None)) in part.equipment:
                    yield _absence(_("设备 {name}").format(name=names.equipment.get(gone, "")), away)


def _absence(who: str, away: Away) -> str:
    reason = f"({away.reason})" if away.reason else ""
    return _("{who}不可用{reason}").format(who=who, reason=reason)


def _takers(one: Placed, placed: Sequence[Placed]) -> Iterator[str]:
    """The visits that now stand where this one stood."""
    for part in one.task.parts:
        for other in placed:
            if other is one or not other.places:
                continue
            for place in other.places:
                shared = place.bay_id == part.bay_id or place.technician_id == part.technician_id
                if shared and place.start < part.end and part.start < place.end:
                    yield other.task.booking.car.plate if other.task.booking else _("急修车")


def grid_starts(facts: Facts, now: datetime, within: int) -> list[int]:
    """The starts of an emergency that must begin within so many minutes."""
    first = -(-facts.minute(now + timedelta(minutes=1)) // facts.grid) * facts.grid
    return list(range(first, first + within + 1, facts.grid))
