"""Work that goes on: where unfinished work finds a place on another day, where a car may be put by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from huichang.domains.appointments.planning.facts import Facts, Job
from huichang.domains.appointments.planning.plans import Ask, PlannedBlock
from huichang.domains.appointments.planning.search import Search


def work_at(search: Search, start: int) -> tuple[PlannedBlock, ...] | None:
    """The work from `start` without a reception and whatever the moment: for cars that are here already."""
    for groups in search.variants:
        for blocks in search.ways(groups, start, (), {}):
            return blocks
    return None


def next_place(
    facts: Facts, jobs: Sequence[Job], day: date, *, bay_id: int | None, technician_id: int | None
) -> tuple[PlannedBlock, ...] | None:
    """The first place for unfinished work on a day: in its bay by its technician, else by anyone who can.

    Carried-over work is a fact, so nothing that is only counted stands against it.
    """
    number = (day - facts.first).days
    wishes = (
        Ask(bay_id=bay_id, technician_id=technician_id, override=True),
        Ask(bay_id=bay_id, override=True),
        Ask(override=True),
    )
    for ask in wishes:
        search = Search(facts, jobs, ask)
        for start in _grid(facts, number):
            if blocks := work_at(search, start):
                return blocks
    return None


def _grid(facts: Facts, number: int) -> Iterable[int]:
    for opens, closes in facts.open_of_day.get(number, ()):
        yield from range(-(-opens // facts.grid) * facts.grid, closes, facts.grid)
