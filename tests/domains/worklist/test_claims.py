"""Two agents never get the same customer, and nobody keeps one for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import OutcomeCode
from huichang.domains.dealers.models import Delegation
from huichang.domains.worklist import operations
from huichang.domains.worklist.models import CallTask
from huichang.domains.worklist.operations import ClaimedByOther
from huichang.domains.worklist.queries import Place, counts, nearly_late, queue_page
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    actor_of,
    make_call,
    make_car,
    make_user,
    make_world,
    owner_of,
)

LATER = NOW + timedelta(minutes=11)  # a claim lasts ten


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = make_world()
    with dealer_scope(made.east.pk):
        yield made


@pytest.fixture
def li(world: World) -> Actor:
    return actor_of(world.li, world.east)


@pytest.fixture
def wang(world: World) -> Actor:
    return actor_of(world.wang, world.east)


def make_task(world: World, **given: Any) -> CallTask:
    car = given.pop("car", None) or make_car(world.east)
    values: dict[str, Any] = {
        "dealer": world.east, "customer": owner_of(world.east, car), "car": car, "source": "reminders.case",
        "source_id": car.pk, "ready_at": NOW, "last_safe_day": TODAY + timedelta(days=3), "created_at": NOW,
    } | given  # fmt: skip
    return CallTask.objects.create(**values)


def claim_next(world: World, actor: Actor, now: datetime = NOW) -> CallTask | None:
    found: CallTask | None = operations.claim_next(dealer=world.east, actor=actor, now=now)
    return found


def test_the_first_that_becomes_too_late_is_given_first(world: World, li: Actor, wang: Actor) -> None:
    relaxed = make_task(world, last_safe_day=TODAY + timedelta(days=9))
    urgent = make_task(world, last_safe_day=TODAY - timedelta(days=1))
    assert claim_next(world, li) == urgent
    assert claim_next(world, wang) == relaxed
    assert claim_next(world, li) == urgent  # one's own claim is given again, not lost


def test_another_agents_customer_is_refused_by_name_and_time(world: World, li: Actor, wang: Actor) -> None:
    task = make_task(world)
    operations.claim(task=task, dealer=world.east, actor=li, now=NOW)
    with pytest.raises(ClaimedByOther, match="李伟.*10:10") as refusal:
        operations.claim(task=task, dealer=world.east, actor=wang, now=NOW)
    assert refusal.value.holder == "李伟"


def test_a_claim_lapses_and_renews_while_working(world: World, li: Actor, wang: Actor) -> None:
    task = make_task(world)
    operations.claim(task=task, dealer=world.east, actor=li, now=NOW)
    operations.renew(task=task, dealer=world.east, actor=li, now=NOW + timedelta(minutes=9))
    with pytest.raises(ClaimedByOther):
        operations.claim(task=task, dealer=world.east, actor=wang, now=LATER)
    operations.claim(task=task, dealer=world.east, actor=wang, now=NOW + timedelta(minutes=19))
    with pytest.raises(ClaimedByOther, match="王建国"):
        operations.renew(task=task, dealer=world.east, actor=li, now=NOW + timedelta(minutes=20))


def test_a_released_customer_is_free_at_once_but_only_by_who_has_them(
    world: World, li: Actor, wang: Actor
) -> None:
    task = make_task(world)
    operations.claim(task=task, dealer=world.east, actor=li, now=NOW)
    operations.release(task=task, actor=wang, now=NOW)
    assert claim_next(world, wang) is None
    operations.release(task=task, actor=li, now=NOW)
    assert claim_next(world, wang) == task


def test_a_finished_task_is_gone_for_whoever_comes_late(world: World, li: Actor, wang: Actor) -> None:
    task = make_task(world)
    stale = CallTask.objects.get(pk=task.pk)
    operations.finish(task=task, actor=li, now=NOW)
    with pytest.raises(OperationRefused):
        operations.claim(task=stale, dealer=world.east, actor=wang, now=NOW)
    with pytest.raises(OperationRefused):
        operations.finish(task=stale, actor=wang, now=NOW)
    with pytest.raises(OperationRefused):
        operations.postpone(task=stale, ready_at=LATER, actor=wang, now=NOW)


def test_what_was_put_off_comes_back_on_the_minute(world: World, li: Actor) -> None:
    task = make_task(world)
    operations.postpone(task=task, ready_at=LATER, step="call_later", actor=li, now=NOW)
    assert claim_next(world, li, LATER - timedelta(minutes=1)) is None
    assert claim_next(world, li, LATER) == task
    assert (task.step, CallTask.objects.get().attempts) == ("call_later", 1)
    with pytest.raises(OperationRefused):
        operations.postpone(task=task, ready_at=LATER, actor=li, now=LATER)


def test_customers_at_the_contact_cap_are_skipped_unless_they_asked(world: World, li: Actor) -> None:
    contacts.seed_codes(actor=actor_of(world.wang, world.east))
    spoke = OutcomeCode.objects.get(code="undecided")
    pressed = make_task(world, last_safe_day=TODAY)
    for _ in range(4):
        make_call(world.east, car=pressed.car, outcome=spoke)
    other = make_task(world)
    assert claim_next(world, li) == other
    CallTask.objects.filter(pk=pressed.pk).update(step="call_later")
    assert claim_next(world, li) == pressed


def test_assigned_tasks_go_to_their_agent_and_to_who_stands_in(world: World, li: Actor, wang: Actor) -> None:
    task = make_task(world)
    assert operations.assign(task_ids=[task.pk], to=world.wang, actor=wang, now=NOW) == 1
    assert claim_next(world, li) is None
    Delegation.objects.create(
        dealer=world.east, giver=world.wang, substitute=world.li, start_date=TODAY,
        end_date=TODAY + timedelta(days=2), reason="休假",
    )  # fmt: skip
    assert claim_next(world, actor_of(world.li, world.east)) == task


def test_work_is_given_only_to_people_who_call_here(world: World, wang: Actor) -> None:
    task = make_task(world)
    for stranger in (world.zhao, make_user("technician", world.east)):
        with pytest.raises(OperationRefused):
            operations.assign(task_ids=[task.pk], to=stranger, actor=wang, now=NOW)
    operations.claim(task=task, dealer=world.east, actor=wang, now=NOW)
    assert operations.release_claims(task_ids=[task.pk], actor=wang) == 1
    assert operations.assign(task_ids=[task.pk], to=None, actor=wang, now=NOW) == 1


def test_another_stores_tasks_cannot_be_assigned(world: World, wang: Actor) -> None:
    task = make_task(world)
    with dealer_scope(world.west.pk):
        zhao = actor_of(world.zhao, world.west)
        assert operations.assign(task_ids=[task.pk], to=world.zhao, actor=zhao, now=NOW) == 0


def test_tabs_count_what_they_show(world: World, li: Actor) -> None:
    make_task(world)
    make_task(world, last_safe_day=TODAY - timedelta(days=1))
    make_task(world, step="second_call")
    make_task(world, ready_at=NOW + timedelta(days=2), assigned_to=world.li)
    made = make_task(world)
    operations.finish(task=made, actor=li, now=NOW)
    found = counts(world.east, actor=li, now=NOW)
    assert found == {"today": 3, "overdue": 1, "second": 1, "later": 1, "mine": 1}
    for tab, number in found.items():
        assert len(queue_page(world.east, tab, actor=li, now=NOW)) == number
    assert len(nearly_late(world.east, now=NOW, days=3)) == 4


def test_pages_follow_one_another_without_gap_or_repetition(world: World, li: Actor) -> None:
    days = [5, 1, 3, 3, 3, 2, 9]
    made = [make_task(world, last_safe_day=TODAY + timedelta(days=day)) for day in days]
    expected = sorted(made, key=lambda task: (task.last_safe_day, task.pk))
    seen: list[CallTask] = []
    after = None
    while True:
        page = queue_page(world.east, "today", actor=li, now=NOW, after=after, size=3)
        seen += page[:3]
        if len(page) <= 3:
            break
        after = Place.parse(str(Place(page[2].last_safe_day, page[2].pk)))
    assert seen == expected
    assert Place.parse("nonsense") is None


@pytest.mark.django_db(transaction=True)
def test_agents_at_the_same_instant_get_different_customers() -> None:
    """Eight agents, each with a connection of their own, press "next" together on ten customers."""
    world = make_world()
    with dealer_scope(world.east.pk):
        tasks = [make_task(world) for _ in range(10)]
        people = [actor_of(make_user("dcrc_agent", world.east), world.east) for _ in range(8)]
    barrier = threading.Barrier(8)
    got: list[int | None] = []

    def press(actor: Actor) -> None:
        try:
            barrier.wait()
            with dealer_scope(world.east.pk):
                task = operations.claim_next(dealer=world.east, actor=actor, now=NOW)
            got.append(task.pk if task else None)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(actor,)) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in got
    assert len(set(got)) == 8
    assert set(got) <= {task.pk for task in tasks}


def test_on_its_last_safe_day_a_call_is_everybodys(world: World, li: Actor, wang: Actor) -> None:
    given = make_task(world, assigned_to=world.wang, last_safe_day=TODAY + timedelta(days=1))
    wished = make_task(world, assigned_to=world.wang, step="call_later", last_safe_day=TODAY)
    assert claim_next(world, li) is None
    assert claim_next(world, li, NOW + timedelta(days=1)) == given
    assert wished.assigned_to == world.wang
