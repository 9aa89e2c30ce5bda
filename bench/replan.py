"""A day of sixty visits breaks: two technicians are ill and a bay stands still. CP-SAT against a greedy foreman.

The control takes the broken visits in the order of their time and puts each into the first place that is free from its
own time on, leaving the others alone: what a careful person does by hand. Both work on the same problem.
    .venv/bin/python -m bench.replan
"""

from __future__ import annotations

import sys
import time
from typing import Any

from bench.harness import scratch_database

VISITS, LIMIT_SECONDS = 60, 5.0


def main() -> int:
    with scratch_database():
        print("| what | CP-SAT | greedy | aim | |\n|---|---|---|---|---|")
        return 0 if _measure() else 1


def _store() -> Any:
    """A store big enough for sixty visits a day: 14 bays, 16 technicians of whom some hold two skills, 8 advisors."""
    from bench.slots import fill
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import make_store

    store = make_store()
    with dealer_scope(store.dealer.pk):
        for number in range(14):
            store.bay(f"{number}号", ("快保", "机修", "快保", "电器")[number % 4])
        for number in range(16):
            skills = (("快保",), ("机修",), ("快保", "机修"), ("电器",), ("快保", "电器"))[number % 5]
            store.technician(f"技师{number}", *skills)
        for number in range(8):
            store.advisor(f"顾问{number}")
        jobs = [store.labour("保养", "快保", "0.8"), store.labour("大保养", "快保", "1.5"),
                store.labour("制动", "机修", "1.2"), store.labour("电瓶", "电器", "0.6")]  # fmt: skip
    made = fill(store, jobs, days=1, visits=VISITS)
    assert made == VISITS, made
    return store


def _measure() -> bool:
    from huichang.domains.appointments.models import Booking, BookingBlock, BookingStatus
    from huichang.domains.appointments.planning import facts as planning
    from huichang.domains.appointments.planning.replan import problem
    from huichang.domains.appointments.planning.solving import solve
    from huichang.domains.appointments.queries import whole
    from huichang.domains.catalog.models import Absence
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import MONDAY, NOW, at

    store = _store()
    with dealer_scope(store.dealer.pk):
        keep = list(Booking.objects.order_by("pk").values_list("pk", flat=True)[:VISITS])
        BookingBlock.objects.exclude(booking__in=keep).update(is_active=False)
        Booking.objects.exclude(pk__in=keep).update(status=BookingStatus.CANCELLED)
        Booking.objects.filter(pk__in=keep).update(status=BookingStatus.CONFIRMED, hold_until=None)
        busiest = BookingBlock.objects.filter(kind="work", is_active=True).order_by("staff_id")
        ill = list(dict.fromkeys(busiest.values_list("staff_id", flat=True)))[:2]
        bay = busiest[0].bay_id
        for name, pk in (*(("staff_id", pk) for pk in ill), ("bay_id", bay)):
            Absence.objects.create(
                dealer=store.dealer, starts_at=at("08:00"), ends_at=at("18:00"), **{name: pk}
            )
        facts = planning.load(store.dealer, MONDAY, 1, NOW)
        bookings = list(whole().filter(pk__in=keep))
        began = time.monotonic()
        asked = problem(facts, bookings)
        found = solve(asked)
        taken = time.monotonic() - began
        assert found.placed
        moved = sum(one.is_moved or not one.places for one in found.placed)
        began = time.monotonic()
        by_hand = _greedy(asked)
        hand_taken = time.monotonic() - began
    good = [taken <= LIMIT_SECONDS, moved <= by_hand]
    print(
        f"| {VISITS} visits, seconds | {taken:.2f} | {hand_taken:.2f} | ≤ {LIMIT_SECONDS:g} | {_word(good[0])} |"
    )
    print(
        f"| promises moved or without room | {moved} | {by_hand} | ratio {moved / max(1, by_hand):.2f} ≤ 1 | {_word(good[1])} |"
    )
    print(f"| proven that fewer cannot be moved | {found.is_optimal} | | | |")
    return all(good)


def _greedy(asked: Any) -> int:
    """Promises moved by the careful person: each broken visit to the first free place from its own time on."""
    from huichang.domains.appointments.planning.taken import Busy

    taken = {
        "bay": {k: list(v) for k, v in asked.bays.items()},
        "staff": {k: list(v) for k, v in asked.staff.items()},
    }

    def is_free(kind: str, key: int, start: int, end: int) -> bool:
        return not Busy(taken[kind].get(key, ())).during(start, end)

    def keep(kind: str, key: int, start: int, end: int) -> None:
        taken[kind].setdefault(key, []).append((start, end))

    broken = []
    for task in asked.tasks:
        [part] = task.parts
        if is_free("bay", part.bay_id, part.start, part.end) and is_free(
            "staff", part.technician_id, part.start, part.end
        ):
            keep("bay", part.bay_id, part.start, part.end)
            keep("staff", part.technician_id, part.start, part.end)
        else:
            broken.append(task)
    moved = 0
    for task in sorted(broken, key=lambda one: one.start):
        [part] = task.parts
        own = task.start
        later = [s for _far, s in sorted((abs(s - own) + 10_000 * (s < own), s) for s in task.starts)]
        place = next((
            (start, end, bay.pk, person.pk)
            for start in later
            for bay in part.group.bays
            if (end := asked.search.end_of(part.group, bay, start, part.left)) and is_free("bay", bay.pk, start, end)
            for person in part.group.technicians if is_free("staff", person.pk, start, end)
        ), None)  # fmt: skip
        if place is None:
            moved += 1
            continue
        start, end, bay_id, staff_id = place
        keep("bay", bay_id, start, end)
        keep("staff", staff_id, start, end)
        moved += start != task.start
    return moved


def _word(good: bool) -> str:
    return "ok" if good else "OVER"


if __name__ == "__main__":
    sys.exit(main())
