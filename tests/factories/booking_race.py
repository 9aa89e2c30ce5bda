"""Agents that race for the slots of one store, for the gate's short race and the bench's long one."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.operations import SlotTaken
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.booking_store import MONDAY, NOW, Store, at, make_store

CONNECTIONS = 16
CLOCKS = [f"{hour:02}:{minute:02}" for hour in (9, 10, 11, 13, 14, 15, 16) for minute in (0, 15, 30, 45)]


@dataclass
class Race:
    """What the connections met."""

    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, outcome: str) -> None:
        with self.lock:
            self.outcomes[outcome] += 1


def busy_store() -> tuple[Store, list[Any], list[dict[str, Any]]]:
    """Two quick bays, two general bays, five technicians, two advisors; jobs of one and two skills."""
    store = make_store()
    with dealer_scope(store.dealer.pk):
        for name, skill in (
            ("快保1号", "快保"),
            ("快保2号", "快保"),
            ("机修1号", "机修"),
            ("机修2号", "机修"),
        ):
            store.bay(name, skill)
        for name, skills in (
            ("张", ("快保",)), ("王", ("快保",)), ("何", ("机修",)), ("韩", ("机修", "变速箱")), ("李", ("快保", "机修")),
        ):  # fmt: skip
            store.technician(name, *skills)
        for name in ("吴", "江"):
            store.advisor(name)
        jobs = [
            store.labour("保养", "快保", "0.8"),
            store.labour("制动片", "机修", "0.7"),
            store.labour("变速箱", "变速箱", "5.0"),
        ]
        visits = [{"car": store.car(), "customer": store.customer()} for _ in range(CONNECTIONS)]
    return store, jobs, visits


def one_agent(
    number: int, store: Store, jobs: list[Any], visit: dict[str, Any], race: Race, until: float
) -> None:
    """Book, hold, move and cancel at random until the time is over."""
    dice = random.Random(number)
    mine: list[Booking] = []
    while time.monotonic() < until:
        try:
            with dealer_scope(store.dealer.pk):
                race.count(_one_move(dice, store, jobs, visit, mine))
        except (SlotTaken, TransitionRefused) as refusal:
            race.count(type(refusal).__name__)
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must say so
            race.errors.append(repr(error))
    connection.close()


def _one_move(
    dice: random.Random, store: Store, jobs: list[Any], visit: dict[str, Any], mine: list[Booking]
) -> str:
    wish = {
        "dealer": store.dealer, "actor": store.actor, "now": NOW, "starts_at": at(dice.choice(CLOCKS)),
        "labour_ids": [job.pk for job in dice.sample(jobs, dice.choice((1, 1, 2)))], **visit,
    }  # fmt: skip
    move = dice.random()
    if mine and move < 0.35:
        operations.cancel(
            booking=mine.pop(dice.randrange(len(mine))), actor=store.actor, now=NOW, reason="改主意"
        )
        return "cancelled"
    if mine and move < 0.5:
        booking = mine[dice.randrange(len(mine))]
        operations.change(
            booking=booking, starts_at=wish["starts_at"], actor=store.actor, now=NOW, reason="改时间"
        )
        return "moved"
    held = operations.hold(**wish) if move < 0.75 else None
    mine.append(operations.book(**wish, hold=held))
    return "booked"


def run(store: Store, jobs: list[Any], visits: list[dict[str, Any]], seconds: float) -> Race:
    """All agents at once for some seconds; what they met."""
    race, until = Race(), time.monotonic() + seconds
    agents = [
        threading.Thread(target=one_agent, args=(number, store, jobs, visit, race, until))
        for number, visit in enumerate(visits)
    ]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()
    return race


def overlaps(store: Store) -> int:
    """Pairs of active blocks that share a bay or a person at the same time, counted without any index."""
    with dealer_scope(store.dealer.pk), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM appointments_bookingblock a JOIN appointments_bookingblock b ON a.id < b.id"
            " AND a.is_active AND b.is_active AND (a.bay_id = b.bay_id OR a.staff_id = b.staff_id)"
            " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def over_capacity(store: Store) -> list[str]:
    """The skills whose day is promised beyond the reserve."""
    with dealer_scope(store.dealer.pk):
        return [
            f"{day.day} {load.skill}: {load.booked_hours} of {load.limit_hours}"
            for day in queries.overview(dealer=store.dealer, first=MONDAY, days=7, now=NOW)
            for load in day.skills
            if load.booked_hours > load.limit_hours + 1e-6
        ]
