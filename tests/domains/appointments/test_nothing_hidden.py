"""What is offered can be booked, and no slot that is free is hidden.

`possible` says for itself, by trying everything, whether a start can be kept: it shares no code with the search beyond
the rows of the database and the opening hours.
"""

from __future__ import annotations

import contextlib
import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import (
    BookingBlock,
    BookingItem,
    Equipment,
    EquipmentNeed,
    JobLimit,
)
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.catalog.models import Absence, Bay, LabourOperation, StaffMember
from huichang.domains.catalog.queries import bays_for
from huichang.kernel.worktime import local_date
from tests.factories.booking_store import MONDAY, NOW, Store, at

SKILLS = ("快保", "机修")
PERIODS = (("08:30", "12:00"), ("13:00", "17:30"))
QUARTER = timedelta(minutes=15)
SHARE = Decimal("0.8")


def starts(day: date) -> list[datetime]:
    """Every quarter of the opening hours."""
    found = []
    for opens, closes in PERIODS:
        moment = at(opens, day)
        while moment < at(closes, day):
            found.append(moment)
            moment += QUARTER
    return found


def _inside(start: datetime, end: datetime) -> bool:
    """Within one opening period of its day."""
    day = local_date(start)
    return any(at(opens, day) <= start and end <= at(closes, day) for opens, closes in PERIODS)


def _clear(column: str, pk: int, start: datetime, end: datetime) -> bool:
    taken = {f"{column}_id": pk, "starts_at__lt": end, "ends_at__gt": start}
    return not (
        BookingBlock.objects.filter(is_active=True, **taken).exists()
        or (column != "equipment" and Absence.objects.filter(**taken).exists())
    )


def _hours_of(skill: str, day: date) -> tuple[Decimal, Decimal]:
    """Hours that may be promised of a skill on a day, and hours promised (every world's work lies within a day)."""
    people = StaffMember.objects.filter(duty="technician", skills__contains=[skill])
    away = list(Absence.objects.filter(staff__in=people))
    whole = sum(
        not any(a.staff_id == person.pk and a.starts_at <= quarter < a.ends_at for a in away)
        for person in people
        for quarter in starts(day)
    )
    work = BookingBlock.objects.filter(is_active=True, kind="work", staff__in=people)
    used = sum((b.planned_hours for b in work if local_date(b.starts_at) == day), Decimal(0))
    return Decimal(whole) / 4 * SHARE, used


def possible(jobs: list[LabourOperation], start: datetime) -> bool:
    """Whether somebody could do the jobs from `start`: every order of every way to share them out is tried."""
    arrive = start - QUARTER
    if start < NOW + timedelta(hours=1) or not _inside(arrive, start):
        return False
    advisors = StaffMember.objects.filter(duty="advisor")
    if advisors and not any(_clear("staff", a.pk, arrive, start) for a in advisors):
        return False
    for limit in JobLimit.objects.all():
        concerned = [
            job for job in jobs if job.pk == limit.labour_id or (limit.skill and job.skill == limit.skill)
        ]
        items = BookingItem.objects.filter(booking__status__in=("tentative", "held"))
        booked = {
            item.booking_id for item in items.select_related("booking", "labour")
            if local_date(item.booking.starts_at) == local_date(start)
            and (item.labour_id == limit.labour_id or (limit.skill and item.labour.skill == limit.skill))
        }  # fmt: skip
        if concerned and len(booked) >= limit.per_day:
            return False
    return any(_done(order, start, {}) for order in _shares(jobs))


def _shares(jobs: list[LabourOperation]) -> list[list[list[LabourOperation]]]:
    """The ways to do the jobs: all at once, or the work of one skill after that of the other, in either order."""
    by_skill = {skill: [job for job in jobs if job.skill == skill] for skill in {job.skill for job in jobs}}
    return [[jobs], *(list(order) for order in itertools.permutations(by_skill.values()))]


def _done(groups: list[list[LabourOperation]], start: datetime, used: dict[str, Decimal]) -> bool:
    if not groups:
        return True
    group, *rest = groups
    skills = {job.skill for job in group}
    hours = sum((job.standard_hours for job in group), Decimal(0))
    end = start + QUARTER * -(-int(hours * 60) // 15)
    if not _inside(start, end):
        return False
    kinds = set(EquipmentNeed.objects.filter(labour__in=group).values_list("kind", flat=True))
    pieces = Equipment.objects.filter(is_active=True)
    if any(
        not any(_clear("equipment", p.pk, start, end) for p in pieces if p.kind == kind) for kind in kinds
    ):
        return False
    bays, people = list(Bay.objects.all()), list(StaffMember.objects.filter(duty="technician"))
    fitting = [set(bays_for(skill, bays, people)) for skill in skills]
    if not any(_clear("bay", bay.pk, start, end) for bay in set.intersection(*fitting)):
        return False
    for person in StaffMember.objects.filter(duty="technician"):
        if not skills <= set(person.skills) or not _clear("staff", person.pk, start, end):
            continue
        more = dict(used)
        for skill in person.skills:
            more[skill] = more.get(skill, Decimal(0)) + hours
        limits = {skill: _hours_of(skill, local_date(start)) for skill in person.skills}
        if all(limits[s][1] + more[s] <= limits[s][0] for s in person.skills) and _done(rest, end, more):
            return True
    return False


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


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(world=WORLDS)
def test_exactly_what_is_free_is_offered_and_all_of_it_can_be_booked(
    store: Store, world: dict[str, Any]
) -> None:
    with transaction.atomic():
        jobs = furnish(store, world)
        found = queries.offers(dealer=store.dealer, labour_ids=[job.pk for job in jobs], now=NOW, day=MONDAY)
        offered = {slot.starts_at for slot in found.slots if slot.is_free}

        assert offered == {start for start in starts(MONDAY) if possible(jobs, start)}
        for start in sorted(offered)[::4]:
            assert _can_be_booked(store, jobs, start)
        for start in sorted(set(starts(MONDAY)) - offered)[::8]:
            assert not _can_be_booked(store, jobs, start)
        transaction.set_rollback(True)


def _can_be_booked(store: Store, jobs: list[LabourOperation], start: datetime) -> bool:
    """Whether a booking is accepted; it is undone again."""
    with transaction.atomic():
        try:
            operations.hold(**store.visit(*jobs) | {"starts_at": start})
        except SlotTaken:
            return False
        finally:
            transaction.set_rollback(True)
    return True
