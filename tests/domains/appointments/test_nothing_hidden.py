"""What is offered can be booked, and no slot that is free is hidden.

`Seen` says for itself, by trying everything, whether a start can be kept: it shares no code with the search beyond
the rows of the database, the opening hours and which bays fit a skill.
"""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings

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
from tests.factories.booking_worlds import QUARTER, WORLDS, furnish

PERIODS = (("08:30", "12:00"), ("13:00", "17:30"))
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


class Seen:
    """A world's rows, read once; everything is asked of these lists."""

    def __init__(self) -> None:
        self.blocks = list(BookingBlock.objects.filter(is_active=True))
        self.absences = list(Absence.objects.all())
        self.bays = list(Bay.objects.all())
        self.technicians = list(StaffMember.objects.filter(duty="technician"))
        self.advisors = list(StaffMember.objects.filter(duty="advisor"))
        self.limits = list(JobLimit.objects.all())
        self.needs = list(EquipmentNeed.objects.all())
        self.equipment = list(Equipment.objects.filter(is_active=True))
        held = BookingItem.objects.filter(booking__status="held")
        self.items = list(held.select_related("booking", "labour"))

    def clear(self, column: str, pk: int, start: datetime, end: datetime) -> bool:
        """Whether nothing takes the bay, person or piece between start and end."""
        rows: list[Any] = [*self.blocks] if column == "equipment_id" else [*self.blocks, *self.absences]
        return not any(getattr(r, column) == pk and r.starts_at < end and r.ends_at > start for r in rows)

    def hours(self, skill: str, day: date) -> tuple[Decimal, Decimal]:
        """Hours that may be promised of a skill on a day, and hours promised (all work lies within a day)."""
        people = [person for person in self.technicians if skill in person.skills]
        whole = sum(self.clear_of_absence(p.pk, quarter) for p in people for quarter in starts(day))
        ids = {person.pk for person in people}
        work = [b for b in self.blocks if b.kind == "work" and b.staff_id in ids]
        used = sum((b.planned_hours for b in work if local_date(b.starts_at) == day), Decimal(0))
        return Decimal(whole) / 4 * SHARE, used

    def clear_of_absence(self, pk: int, moment: datetime) -> bool:
        return not any(a.staff_id == pk and a.starts_at <= moment < a.ends_at for a in self.absences)

    def possible(self, jobs: list[LabourOperation], start: datetime) -> bool:
        """Whether somebody could do the jobs from `start`: every order of every way to share them out is tried."""
        arrive = start - QUARTER
        if start < NOW + timedelta(hours=1) or not _inside(arrive, start):
            return False
        if not any(self.clear("staff_id", a.pk, arrive, start) for a in self.advisors):
            return False
        if any(self.is_full(limit, jobs, local_date(start)) for limit in self.limits):
            return False
        return any(self.done(order, start, {}) for order in _shares(jobs))

    def is_full(self, limit: JobLimit, jobs: list[LabourOperation], day: date) -> bool:
        if not any(job.skill == limit.skill for job in jobs):
            return False
        same = [
            i for i in self.items if i.labour.skill == limit.skill and local_date(i.booking.starts_at) == day
        ]
        return len({item.booking_id for item in same}) >= limit.per_day

    def done(self, groups: list[list[LabourOperation]], start: datetime, used: dict[str, Decimal]) -> bool:
        """Whether the groups can follow one another from `start`."""
        if not groups:
            return True
        group, *rest = groups
        skills = {job.skill for job in group}
        hours = sum((job.standard_hours for job in group), Decimal(0))
        end = start + QUARTER * -(-int(hours * 60) // 15)
        kinds = {need.kind for need in self.needs if need.labour_id in {job.pk for job in group}}
        bays = set.intersection(*(set(bays_for(skill, self.bays, self.technicians)) for skill in skills))
        if (
            not _inside(start, end)
            or not any(self.clear("bay_id", bay.pk, start, end) for bay in bays)
            or any(
                not any(
                    self.clear("equipment_id", p.pk, start, end) for p in self.equipment if p.kind == kind
                )
                for kind in kinds
            )
        ):
            return False
        for person in self.technicians:
            if not skills <= set(person.skills) or not self.clear("staff_id", person.pk, start, end):
                continue
            more = {skill: used.get(skill, Decimal(0)) + hours for skill in person.skills}
            limits = {skill: self.hours(skill, local_date(start)) for skill in person.skills}
            if all(limits[s][1] + more[s] <= limits[s][0] for s in person.skills) and self.done(
                rest, end, used | more
            ):
                return True
        return False


def _shares(jobs: list[LabourOperation]) -> list[list[list[LabourOperation]]]:
    """The ways to do the jobs: all at once, or the work of one skill after that of the other, in either order."""
    by_skill = {skill: [job for job in jobs if job.skill == skill] for skill in {job.skill for job in jobs}}
    return [[jobs], *(list(order) for order in itertools.permutations(by_skill.values()))]


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

        seen = Seen()
        assert offered == {start for start in starts(MONDAY) if seen.possible(jobs, start)}
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
