"""Small random worlds of bays, people, absences, equipment and bookings, for what must hold in every one of them."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Equipment, EquipmentNeed, JobLimit
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.catalog.models import Absence, LabourOperation
from tests.factories.booking_store import Store, at

SKILLS = ("快保", "机修")
QUARTER = timedelta(minutes=15)


def furnish(store: Store, world: dict[str, Any]) -> list[LabourOperation]:
    """Build a world: bays, people, absences, equipment, limits; the two jobs of it."""
    for number, (skill, both) in enumerate(world["bays"]):
        bay = store.bay(f"工位{number}", skill)
        if both:
            bay.also_skills = [other for other in SKILLS if other != skill]
            bay.save()
    people = [store.technician(f"技师{number}", *skills) for number, skills in enumerate(world["people"])]
    store.advisor("顾问")
    jobs = [store.labour(f"项目{n}", skill, hours) for n, (skill, hours) in enumerate(world["jobs"])]
    for who, begins, lasts in world["away"]:
        start = at("08:30") + QUARTER * begins
        Absence.objects.create(
            dealer=store.dealer,
            staff=people[who % len(people)],
            starts_at=start,
            ends_at=start + QUARTER * lasts,
        )
    if world["equipment"]:
        Equipment.objects.create(dealer=store.dealer, name="定位仪", kind="定位")
        EquipmentNeed.objects.create(dealer=store.dealer, labour=jobs[0], kind="定位")
    if world["limit"]:
        JobLimit.objects.create(dealer=store.dealer, name="限", skill=world["limit"], per_day=2)
    for job, quarter in world["booked"]:
        with contextlib.suppress(SlotTaken):
            operations.hold(
                **store.visit(jobs[job % len(jobs)]) | {"starts_at": at("08:45") + QUARTER * quarter}
            )
    return jobs


WORLDS = st.fixed_dictionaries({
    "bays": st.lists(st.tuples(st.sampled_from(SKILLS), st.booleans()), min_size=1, max_size=3),
    "people": st.lists(st.sampled_from([("快保",), ("机修",), ("快保", "机修")]), min_size=1, max_size=3),
    "jobs": st.lists(st.tuples(st.sampled_from(SKILLS), st.sampled_from(["0.5", "0.8", "1.75", "3.0"])),
                     min_size=1, max_size=2),
    "away": st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(1, 20)), max_size=2),
    "booked": st.lists(st.tuples(st.integers(0, 1), st.integers(0, 34)), max_size=5),
    "equipment": st.booleans(),
    "limit": st.sampled_from(["", "", "快保"]),
})  # fmt: skip
