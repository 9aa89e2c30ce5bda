"""The day as a constraint problem for OR-Tools CP-SAT: fewest moved promises first, then fewest changes at all.

OR-Tools is imported when a day is solved: it takes a second and most processes never need it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from huichang.domains.appointments.planning.replan import Part, Place, Placed, Problem, Task
from huichang.domains.appointments.planning.search import Search
from huichang.domains.appointments.planning.taken import DAY, Span
from huichang.domains.catalog.models import Bay

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# What a plan costs. A visit with no room today outweighs every move; a moved promise every change inside the store.
_NO_ROOM, _MOVED = 100_000, 1_000
_LIGHTEST = 10  # the weight of an ordinary promise (`replan`)
_ADVISOR, _BAY, _TECHNICIAN, _PIECE, _QUARTER = 60, 6, 10, 6, 2
_CLOSE = 20  # a plan this near to the best possible is good enough: two technicians, three bays
_LATE_EMERGENCY = 12  # a quarter of an hour that the emergency waits


@dataclass(frozen=True, slots=True)
class Solution:
    """Where everything goes; `is_optimal` when no plan moves fewer promises. `milliseconds` is wall time."""

    placed: tuple[Placed, ...]
    is_optimal: bool
    milliseconds: int


@dataclass(slots=True)
class _Vars:
    """The variables of one task."""

    task: Task
    placed: Any
    starts: list[Any]
    ends: list[Any]
    bays: list[dict[int, Any]]
    people: list[dict[int, Any]]
    pieces: list[dict[int, Any]]
    advisors: dict[int, Any]


def solve(problem: Problem, *, seconds: float = 3.5, workers: int = 2) -> Solution:
    """The best plan found in `seconds`: a task that fits nowhere today has no places. Nothing placed: none in time.

    First every promise keeps its time, which leaves bays and people to choose: as many as find no place then must move
    in any plan. Then only those may move; when that finds room for all of them, no plan moves fewer. Only else are
    all times free.
    """
    began = time.monotonic()

    def left() -> float:
        return seconds - (time.monotonic() - began)

    everybody = frozenset(range(len(problem.tasks)))
    found = first = _run(_moving(problem, frozenset()), 0.45 * seconds, workers, ())
    out = _without_place(first)
    if first.placed and out:
        second = _run(_moving(problem, out), 0.6 * left(), workers, first.placed)
        found = second if second.placed else first
    if _without_place(found):
        last = _run(_moving(problem, everybody), left(), workers, found.placed)
        found = last if last.placed else found
    placed = tuple(replace(one, task=task) for one, task in zip(found.placed, problem.tasks, strict=False))
    touched = sum(one.is_moved or not one.places for one in placed)
    return Solution(placed, first.is_optimal and touched <= len(out), int((time.monotonic() - began) * 1000))


def _moving(problem: Problem, free: frozenset[int]) -> Problem:
    """The problem in which only the tasks of these numbers (and the emergency) may have another time."""
    tasks = tuple(
        task if number in free or task.start is None else replace(task, starts=[task.start])
        for number, task in enumerate(problem.tasks)
    )
    return replace(problem, tasks=tasks)


def _without_place(found: Solution) -> frozenset[int]:
    return frozenset(number for number, one in enumerate(found.placed) if not one.places)


def _run(problem: Problem, seconds: float, workers: int, hints: Sequence[Placed]) -> Solution:
    from ortools.sat.python import cp_model

    model = _Model(problem, cp_model.CpModel())
    for one, hint in zip(model.tasks, hints, strict=False):
        model.hint(one, hint)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.5, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = 7
    solver.parameters.absolute_gap_limit = _CLOSE
    # Small problems against a clock: looking for symmetries would take the time of solving.
    solver.parameters.symmetry_level = 0
    status = solver.solve(model.model)
    if status == cp_model.MODEL_INVALID:
        raise ValueError(model.model.validate())
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Solution((), is_optimal=False, milliseconds=0)
    placed = tuple(model.read(one, solver) for one in model.tasks)
    # What is left to prove is worth less than one promise: fewer cannot be moved.
    proven = solver.objective_value - solver.best_objective_bound < _MOVED * _LIGHTEST
    return Solution(placed, proven, 0)


class _Model:
    """Builds the model and reads its solution."""

    def __init__(self, problem: Problem, model: cp_model.CpModel) -> None:
        self.problem = problem
        self.facts = problem.facts
        self.model = model
        self.intervals: dict[tuple[str, int], list[Any]] = {}
        self.costs: list[Any] = []
        self.tasks = [self._task(number, task) for number, task in enumerate(problem.tasks)]
        for kind, taken in (("bay", problem.bays), ("person", problem.staff), ("piece", problem.equipment)):
            for key, spans in taken.items():
                if (kind, key) in self.intervals:
                    self.intervals[kind, key] += [self._fixed(kind, key, span) for span in spans]
        for intervals in self.intervals.values():
            self.model.add_no_overlap(intervals)
        self.model.minimize(sum(self.costs))

    def _fixed(self, kind: str, key: int, span: Span) -> Any:
        return self.model.new_fixed_size_interval_var(span[0], span[1] - span[0], f"{kind}{key}@{span[0]}")

    def _task(self, number: int, task: Task) -> _Vars:
        model, name = self.model, f"t{number}"
        found = _Vars(task, model.new_bool_var(f"{name}.placed"), [], [], [], [], [], {})
        starts = task.starts
        for index, part in enumerate(task.parts):
            options = self._options(part, starts, is_first=index == 0)
            if not options:  # nowhere to go: the task is out, and says nothing about the rest
                model.add(found.placed == 0)
                self.costs.append(_NO_ROOM * task.weight * (1 - found.placed))
                return found
            self._part(found, f"{name}.{index}", part, options)
            starts = sorted({end for _start, end, _bay in options})
        for before, after in zip(found.ends, found.starts[1:], strict=False):
            model.add(after == before)
        self._advisor(found, name)
        self._cost(found, name)
        return found

    def _options(self, part: Part, starts: list[int], *, is_first: bool) -> list[tuple[int, int, int]]:
        """The (start, end, bay number) triples that fit the opening hours."""
        measure = self.problem.search
        group = part.group
        found = []
        for number, bay in enumerate(group.bays):
            for start in starts:
                end = self._end(part, bay, start, measure)
                if end is not None and end <= DAY and (not is_first or self._received(start, part)):
                    found.append((start, end, number))
        return found

    def _end(self, part: Part, bay: Bay, start: int, measure: Search) -> int | None:
        if part.start == start and part.bay_id == bay.pk and part.end > start:
            return part.end  # where it stands now is allowed as it is
        hours = part.left or part.group.hours
        return measure.end_of(part.group, bay, start, hours)

    def _received(self, start: int, part: Part) -> bool:
        return part.block_id is not None or self.problem.search.reception_at(start) is not None

    def _part(self, found: _Vars, name: str, part: Part, options: list[tuple[int, int, int]]) -> None:
        start: Any
        end: Any
        size: Any
        model = self.model
        keys = [bay.pk for bay in part.group.bays]
        here = {
            keys[number]: model.new_bool_var(f"{name}.bay{keys[number]}")
            for number in {o[2] for o in options}
        }
        if (
            len({(start, end) for start, end, _bay in options}) == 1
        ):  # one time only: nothing to choose but the bay
            start, end, size = options[0][0], options[0][1], options[0][1] - options[0][0]
        else:
            start = model.new_int_var_from_domain(_domain({o[0] for o in options}), f"{name}.start")
            end = model.new_int_var_from_domain(_domain({o[1] for o in options}), f"{name}.end")
            bay = model.new_int_var_from_domain(_domain({o[2] for o in options}), f"{name}.bay")
            size = model.new_int_var(0, DAY, f"{name}.size")
            model.add_allowed_assignments([start, end, bay], options)
            model.add(size == end - start)
            for key, chosen in here.items():
                model.add(bay == keys.index(key)).only_enforce_if(chosen)
        found.starts.append(start)
        found.ends.append(end)
        found.bays.append(self._one_of("bay", here, found.placed, (start, size, end)))
        people = {p.pk: model.new_bool_var(f"{name}.p{p.pk}") for p in part.group.technicians}
        found.people.append(self._one_of("person", people, found.placed, (start, size, end)))
        pieces: dict[int, Any] = {}
        for kind in part.group.kinds:
            of_kind = {
                e.pk: model.new_bool_var(f"{name}.e{e.pk}") for e in self.facts.equipment.get(kind, ())
            }
            pieces |= self._one_of("piece", of_kind, found.placed, (start, size, end))
        found.pieces.append(pieces)

    def _one_of(
        self, kind: str, choices: dict[int, Any], placed: Any, span: tuple[Any, Any, Any]
    ) -> dict[int, Any]:
        """Exactly one of the choices is taken for the span when the task is placed."""
        self.model.add(sum(choices.values()) == placed)
        for key, chosen in choices.items():
            interval = self.model.new_optional_interval_var(*span, chosen, f"{kind}{key}")
            self.intervals.setdefault((kind, key), []).append(interval)
        return choices

    def _advisor(self, found: _Vars, name: str) -> None:
        """Somebody receives the customer before the work."""
        if not found.task.needs_advisor:
            return
        measure, model = self.problem.search, self.model
        choices = {a.pk: model.new_bool_var(f"{name}.a{a.pk}") for a in self.facts.advisors}
        begin = found.starts[0] - measure.early
        model.add(sum(choices.values()) == found.placed)
        for key, chosen in choices.items():
            interval = model.new_optional_fixed_size_interval_var(
                begin, measure.reception, chosen, f"{name}.advisor{key}"
            )
            self.intervals.setdefault(("person", key), []).append(interval)
        found.advisors = choices

    def _cost(self, found: _Vars, name: str) -> None:
        task, model = found.task, self.model
        self.costs.append(_NO_ROOM * task.weight * (1 - found.placed))
        if task.start is None:
            first = min(task.starts)
            self.costs.append(_LATE_EMERGENCY * self._quarters(found.starts[0], first, name))
            return
        moved = model.new_bool_var(f"{name}.moved")
        if isinstance(found.starts[0], int):
            model.add(moved == int(found.starts[0] != task.start))
        else:
            model.add(found.starts[0] == task.start).only_enforce_if(~moved, found.placed)
        self.costs.append(_MOVED * task.weight * moved)
        self.costs.append(_QUARTER * self._quarters(found.starts[0], task.start, name))
        for part, bays, people, pieces in zip(
            task.parts, found.bays, found.people, found.pieces, strict=True
        ):
            self.costs += [_PIECE * chosen for key, chosen in pieces.items() if key not in part.equipment]
            self.costs += [_BAY * chosen for key, chosen in bays.items() if key != part.bay_id]
            self.costs += [
                _TECHNICIAN * chosen for key, chosen in people.items() if key != part.technician_id
            ]
        self.costs += [_ADVISOR * chosen for key, chosen in found.advisors.items() if key != task.advisor_id]

    def _quarters(self, start: Any, wanted: int, name: str) -> Any:
        """Quarters of an hour between a start and the wanted one."""
        distance = self.model.new_int_var(0, DAY // 15, f"{name}.quarters")
        self.model.add(15 * distance >= start - wanted)
        self.model.add(15 * distance >= wanted - start)
        return distance

    def hint(self, found: _Vars, placed: Placed) -> None:
        """Begin the search where a task already has its place; one without stays out."""
        self.model.add_hint(found.placed, bool(placed.places))
        for index, place in enumerate(placed.places):
            if not isinstance(found.starts[index], int):
                self.model.add_hint(found.starts[index], place.start)
            for choices, chosen in ((found.bays, place.bay_id), (found.people, place.technician_id)):
                for key, one in choices[index].items():
                    self.model.add_hint(one, key == chosen)
            for key, one in found.pieces[index].items():
                self.model.add_hint(one, key in place.equipment)
        for key, one in found.advisors.items():
            self.model.add_hint(one, bool(placed.places) and key == placed.advisor_id)

    def read(self, found: _Vars, solver: cp_model.CpSolver) -> Placed:
        """What the solver says of a task."""
        if not solver.boolean_value(found.placed):
            return Placed(found.task, ())

        def chosen(choices: dict[int, Any]) -> list[int]:
            return [key for key, one in choices.items() if solver.boolean_value(one)]

        places = tuple(
            Place(
                chosen(found.bays[index])[0], chosen(found.people[index])[0], solver.value(found.starts[index]),
                solver.value(found.ends[index]), tuple(chosen(found.pieces[index])),
            )
            for index in range(len(found.task.parts))
        )  # fmt: skip
        return Placed(found.task, places, next(iter(chosen(found.advisors)), None))


def _domain(values: set[int]) -> Any:
    from ortools.sat.python import cp_model

    return cp_model.Domain.from_values(sorted(values))
