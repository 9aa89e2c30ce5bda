"""Owners on their phones and agents at the desk, all at once on one store's week: what they did, and what must be true.

Everybody acts as the pages do: slots are looked for in one transaction and taken in the next, by an actor with exactly the
rights of a binding or of a role. Connections are dealt to the people as a web server deals its own.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import PROMISED, Booking, Equipment, EquipmentNeed
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.contacts import operations as contacts
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import reach_of
from huichang.domains.owners import limits as owner_limits
from huichang.domains.owners.queries import actor_for
from huichang.domains.parts.models import PartUse
from huichang.interfaces.portal.limits import check_book
from huichang.interfaces.sessions import actor_in
from huichang.kernel.actors import Actor, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.booking_store import MONDAY, NOW, Store, make_store
from tests.factories.owners import bind_owner, make_owner_car, make_sms
from tests.factories.parts_store import Room
from tests.factories.world import make_user

SKILLS = ("快保", "机修", "电器")


@dataclass(frozen=True, slots=True)
class Act:
    """A write that was acknowledged: the booking as the operation gave it back."""

    kind: str  # booked | changed | cancelled
    booking_id: int
    round: int
    starts_at: Any
    labour_ids: frozenset[int]


@dataclass
class Crowd:
    """One store's week, its people, and what was acknowledged to them."""

    dealer: Dealer
    jobs: list[int]
    days: int = 6  # of the week, from Monday: the fewer, the more everybody wants the same
    people: list[Person] = field(default_factory=list)
    visits: list[tuple[Car, Customer]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=dict)
    proposed: int = 0  # alternatives to slots that were gone
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, kind: str, booking: Booking, labour_ids: frozenset[int]) -> None:
        with self.lock:
            self.acts.append(Act(kind, booking.pk, booking.times_moved, booking.starts_at, labour_ids))
            self.outcomes[kind] += 1

    def refused(self, refusal: OperationRefused) -> None:
        with self.lock:
            self.outcomes[type(refusal).__name__] += 1

    @contextmanager
    def proposing(self) -> Iterator[None]:
        """Look for the alternatives to a slot that is gone, as every page does that shows the refusal."""
        try:
            yield
        except SlotTaken as refusal:
            with dealer_scope(self.dealer.pk):
                self.proposed += len(refusal.alternatives)
            raise

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        with self.lock:
            self.took.setdefault(what, []).append(time.perf_counter() - start)

    def p95(self, what: str) -> float:
        found = sorted(self.took.get(what, [0.0]))
        return found[int(len(found) * 0.95)]


class Person:
    """Somebody who looks at the week and then acts on what was seen, which may be out of date by then."""

    source = "call"

    def __init__(self, crowd: Crowd, actor: Actor, seed: int) -> None:
        self.crowd, self.actor, self.dice = crowd, actor, random.Random(seed)

    def act(self) -> None:
        with dealer_scope(self.crowd.dealer.pk):
            mine = list(self.bookings())
        chance = self.dice.random()
        if not mine or chance < 0.4:
            self.book()
        elif chance < 0.8:
            self.change(self.dice.choice(mine))
        else:
            self.cancel(self.dice.choice(mine))

    def seen(self, labour_ids: list[int], moving: Booking | None = None) -> Any:
        """A free start that the page shows, mostly an early one, as everybody wants; None when the week is full."""
        with self.crowd.timed("offers"), dealer_scope(self.crowd.dealer.pk):
            day = MONDAY + timedelta(days=self.dice.randrange(self.crowd.days))
            found = queries.offers(
                dealer=self.crowd.dealer, labour_ids=labour_ids, now=NOW, day=day, channel=self.source,
                ignore_booking=moving, days=7,
            )  # fmt: skip
        free = [slot.starts_at for slot in found.slots if slot.is_free]
        return self.dice.choice(free[: self.dice.choice((2, 6, 40))]) if free else None

    def wanted(self) -> list[int]:
        return self.dice.sample(self.crowd.jobs, self.dice.choice((1, 1, 2)))

    def bookings(self) -> Any:
        raise NotImplementedError

    def book(self) -> None:
        raise NotImplementedError

    def change(self, booking: Booking) -> None:
        raise NotImplementedError

    def cancel(self, booking: Booking) -> None:
        raise NotImplementedError


class Owner(Person):
    """Books as `interfaces.portal` does: one turn a car, its limits, then the operations of an owner."""

    source = "portal"

    def __init__(self, crowd: Crowd, binding: Any, seed: int) -> None:
        super().__init__(crowd, actor_for(binding), seed)
        self.binding = binding

    def bookings(self) -> Any:
        rows = Booking.objects.filter(car_id=self.binding.car_id, status__in=PROMISED)
        return rows.select_related("dealer", "car__vehicle", "customer")

    def book(self) -> None:
        labour_ids = self.wanted()
        starts_at = self.seen(labour_ids)
        if starts_at is None:
            return
        with self.crowd.timed("book"), self.crowd.proposing(), dealer_scope(self.crowd.dealer.pk):
            owner_limits.take_turn(f"book {self.binding.car_id}")
            check_book(self.binding, NOW)
            booking = operations.book(
                dealer=self.crowd.dealer, car=self.binding.car, customer=self.binding.customer,
                labour_ids=labour_ids, starts_at=starts_at, actor=self.actor, now=NOW, source=self.source,
                waits=self.dice.random() < 0.3,
            )  # fmt: skip
        self.crowd.acknowledge("booked", booking, frozenset(labour_ids))

    def change(self, booking: Booking) -> None:
        with dealer_scope(self.crowd.dealer.pk):
            labour_ids = list(booking.items.values_list("labour_id", flat=True))
        starts_at = self.seen(labour_ids, booking)
        if starts_at is None:
            return
        with dealer_scope(self.crowd.dealer.pk):
            operations.change_own(booking=booking, starts_at=starts_at, actor=self.actor, now=NOW)
            kept = frozenset(booking.items.values_list("labour_id", flat=True))
        self.crowd.acknowledge("changed", booking, kept)

    def cancel(self, booking: Booking) -> None:
        with dealer_scope(self.crowd.dealer.pk):
            operations.cancel_own(booking=booking, actor=self.actor, now=NOW, reason="时间不合适")
        self.crowd.acknowledge("cancelled", booking, frozenset())


class Agent(Person):
    """Holds while talking, books for any car, moves and cancels any booking, gives it other jobs at the same time."""

    def bookings(self) -> Any:
        rows = Booking.objects.filter(status__in=PROMISED).select_related(
            "dealer", "car__vehicle", "customer"
        )
        return rows.order_by("-pk")[:20]

    def book(self) -> None:
        labour_ids = self.wanted()
        starts_at = self.seen(labour_ids)
        if starts_at is None:
            return
        car, customer = self.dice.choice(self.crowd.visits)
        visit = {
            "dealer": self.crowd.dealer, "car": car, "customer": customer, "labour_ids": labour_ids,
            "starts_at": starts_at, "actor": self.actor, "now": NOW, "source": self.source,
        }  # fmt: skip
        held = None
        if self.dice.random() < 0.5:
            with dealer_scope(self.crowd.dealer.pk):
                held = operations.hold(**visit)
        with self.crowd.timed("book"), self.crowd.proposing(), dealer_scope(self.crowd.dealer.pk):
            booking = operations.book(**visit, hold=held)
        self.crowd.acknowledge("booked", booking, frozenset(labour_ids))

    def change(self, booking: Booking) -> None:
        others = self.dice.random() < 0.4
        with dealer_scope(self.crowd.dealer.pk):
            labour_ids = list(booking.items.values_list("labour_id", flat=True))
        if others:
            labour_ids = self.wanted()
        starts_at = booking.starts_at if others else self.seen(labour_ids, booking)
        if starts_at is None:
            return
        with dealer_scope(self.crowd.dealer.pk):
            operations.change(
                booking=booking, starts_at=starts_at, labour_ids=labour_ids, actor=self.actor, now=NOW,
                reason="客户要求",
            )  # fmt: skip
            kept = frozenset(booking.items.values_list("labour_id", flat=True))
        self.crowd.acknowledge("changed", booking, kept)

    def cancel(self, booking: Booking) -> None:
        with dealer_scope(self.crowd.dealer.pk):
            operations.cancel(booking=booking, actor=self.actor, now=NOW, reason="客户要求")
        self.crowd.acknowledge("cancelled", booking, frozenset())


def make_crowd(owners: int, agents: int, *, bays: int = 6, days: int = 6) -> Crowd:
    """A store open on six days, jobs that take parts of which there are too few, and one that needs the only rig."""
    store = make_store()
    dealer = store.dealer
    make_sms(dealer)
    with dealer_scope(dealer.pk):
        contacts.seed_messages(actor=system("test"))
        crowd = Crowd(dealer, _furnish(store, bays, owners), days)
    for number in range(owners):
        binding = bind_owner(make_owner_car(dealer, mobile=f"139{number:08d}", name=f"车主{number}"))
        crowd.people.append(Owner(crowd, binding, number))
        crowd.visits.append((binding.car, binding.customer))
    for number in range(agents):
        user = make_user("dcrc_agent", dealer)
        crowd.people.append(Agent(crowd, actor_in(user, reach_of(user, NOW.date()), dealer), 10_000 + number))
    return crowd


def _furnish(store: Store, bays: int, owners: int) -> list[int]:
    dealer, room = store.dealer, Room(store.dealer, now=NOW)
    for number in range(bays):
        store.bay(f"{number + 1}号", SKILLS[number % 3])
        store.technician(f"技师{number + 1}", SKILLS[number % 3])
    for number in range(max(2, bays // 2)):
        store.advisor(f"顾问{number + 1}")
    service, pads, rig = (
        store.labour("保养", "快保", "0.8"), store.labour("制动片", "机修", "0.7"),
        store.labour("定位", "电器", "0.5"),
    )  # fmt: skip
    Equipment.objects.create(dealer=dealer, name="定位仪1", kind="定位仪")
    EquipmentNeed.objects.create(dealer=dealer, labour=rig, kind="定位仪")
    for labour, code, stock, each in ((service, "FILTER", owners // 2, 1), (pads, "PAD", owners // 4, 2)):
        part = room.part(code, stock, lead_days=3)
        PartUse.objects.create(dealer=dealer, labour=labour, part=part, share=1, quantity=each)
        room.ordered(part, owners // 4 + 1, expected=MONDAY + timedelta(days=2))
    return [service.pk, pads.pk, rig.pk]


def run(crowd: Crowd, *, connections: int, acts: int) -> float:
    """Let everybody act in turn on so many connections until so many acts were tried; the seconds it took."""
    turns: queue.Queue[Person] = queue.Queue()
    desk = [person for person in crowd.people if isinstance(person, Agent)]
    people = [*crowd.people, *desk, *desk]  # at the desk one call follows the other
    for person in random.Random(1).sample(people, len(people)):
        turns.put(person)
    left = iter(range(acts))
    begun = time.monotonic()
    workers = [threading.Thread(target=_serve, args=(crowd, turns, left)) for _ in range(connections)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.monotonic() - begun


def _serve(crowd: Crowd, turns: queue.Queue[Person], left: Iterator[int]) -> None:
    for _ in left:
        person = turns.get()
        try:
            person.act()
        except OperationRefused as refusal:
            crowd.refused(refusal)
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must say so
            with crowd.lock:
                crowd.errors.append(f"{type(person).__name__}: {error!r}")
        finally:
            turns.put(person)
    connection.close()


WEEK: tuple[date, ...] = tuple(MONDAY + timedelta(days=number) for number in range(6))
