"""A first import's backlog is spread over the days by what the agents can call: most urgent first, nothing lost."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Delegation, StorePost
from huichang.domains.dealers.operations import set_policy
from huichang.domains.reminders.capacity import capacities, overload_of
from huichang.domains.worklist.models import CallTask
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.domains.reminders.running import at, cases, make_car, run, visit
from tests.factories.world import (
    World,
    make_call,
    make_opt_out,
    make_schedule,
    make_user,
    make_world,
    owner_of,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 15)  # a Monday; 19 to 21 June is the Dragon Boat holiday
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    """东区店 with one agent, who makes two calls a day."""
    made = make_world()
    make_schedule(made.east, interval_months=6, interval_km=10_000)
    make_user("dcrc_agent", made.east, name="孙晓梅")
    calls_a_day(made, 2)
    return made


def calls_a_day(world: World, number: int) -> None:
    with dealer_scope(world.east.pk):
        set_policy(
            key="worklist.calls_per_agent", raw=str(number), effective_date=TODAY, dealer=world.east,
            actor=system("test"), now=at(TODAY),
        )  # fmt: skip


def insured(world: World, ends: date) -> Car:
    return make_car(world.east, compulsory_insurance_end_date=ends)


def overdue(world: World) -> Car:
    """A car whose service was due long ago."""
    car = make_car(world.east, sale_date=date(2024, 6, 1))
    visit(world.east, car, date(2025, 10, 1), 11_000)
    return car


def days(world: World) -> dict[int, date]:
    """On which day each car's call stands in the queue."""
    with dealer_scope(world.east.pk):
        return {
            task.car_id or 0: local_date(task.ready_at)
            for task in CallTask.objects.filter(status="open").order_by("pk")
        }


def test_a_backlog_is_spread_over_working_days(world: World) -> None:
    for _ in range(9):
        overdue(world)

    result = run(world.east, TODAY)

    assert result.tasks == 9
    assert Counter(days(world).values()) == {
        date(2026, 6, 15): 2, date(2026, 6, 16): 2, date(2026, 6, 17): 2, date(2026, 6, 18): 2,
        date(2026, 6, 22): 1,
    }  # fmt: skip


def test_the_same_run_again_moves_nothing(world: World) -> None:
    for _ in range(9):
        overdue(world)
    insured(world, TODAY + 20 * DAY)
    run(world.east, TODAY)
    before = days(world)

    for _ in range(3):
        run(world.east, TODAY)

    assert days(world) == before


def test_the_most_urgent_is_called_first(world: World) -> None:
    late = [insured(world, TODAY + number * DAY) for number in (24, 12, 20, 16, 9)]

    run(world.east, TODAY)

    found = days(world)
    assert [found[car.pk] - TODAY for car in late] == [2 * DAY, 0 * DAY, DAY, DAY, 0 * DAY]


def test_what_can_still_be_in_time_goes_before_what_is_late(world: World) -> None:
    stale = [overdue(world) for _ in range(6)]
    run(world.east, TODAY)
    fresh = insured(world, TODAY + 12 * DAY)

    run(world.east, TODAY + DAY)

    found = days(world)
    assert (
        found[fresh.pk] == TODAY + 2 * DAY
    )  # tomorrow is full already: two were ready, two stand ready from yesterday
    assert sum(found[car.pk] > TODAY + DAY for car in stale) == 2


def test_a_call_stands_in_the_queue_on_its_last_safe_day_however_full_it_is(world: World) -> None:
    for _ in range(7):
        insured(world, TODAY + 9 * DAY)

    run(world.east, TODAY)

    with dealer_scope(world.east.pk):
        for task in CallTask.objects.all():
            assert local_date(task.ready_at) <= task.last_safe_day
    assert len(days(world)) == 7


def test_calls_made_today_count_so_that_nothing_is_pulled_in_behind_them(world: World) -> None:
    for _ in range(4):
        overdue(world)
    run(world.east, TODAY)
    before = days(world)
    with dealer_scope(world.east.pk):
        done = CallTask.objects.select_related("car").order_by("ready_at", "pk")[0]
        CallTask.objects.filter(pk=done.pk).update(ready_at=at(TODAY + 30 * DAY), attempts=1)
    make_call(world.east, car=done.car, started_at=at(TODAY, 9), direction="out")

    run(world.east, TODAY)

    assert days(world) == before | {done.car_id: TODAY + 30 * DAY}


def test_room_that_becomes_free_is_used_by_those_who_wait(world: World) -> None:
    cars = [overdue(world) for _ in range(4)]
    run(world.east, TODAY)
    before = days(world)
    gone = [car for car in cars if before[car.pk] == TODAY]
    for car in gone:
        make_opt_out(world.east, customer=owner_of(world.east, car), purpose="all", channel="all")

    run(world.east, TODAY)

    assert set(days(world).values()) == {TODAY}


def test_what_an_agent_or_a_manager_arranged_stands(world: World) -> None:
    for _ in range(5):
        overdue(world)
    run(world.east, TODAY)
    agreed, given = TODAY + 10 * DAY, at(TODAY + 9 * DAY)
    with dealer_scope(world.east.pk):
        first, second = CallTask.objects.order_by("-ready_at", "pk")[:2]
        CallTask.objects.filter(pk=first.pk).update(attempts=1, ready_at=at(agreed))
        CallTask.objects.filter(pk=second.pk).update(assigned_to=world.li, ready_at=given)

    run(world.east, TODAY + DAY)

    with dealer_scope(world.east.pk):
        assert CallTask.objects.get(pk=first.pk).ready_at == at(agreed)
        assert CallTask.objects.get(pk=second.pk).ready_at == given


def test_more_agents_or_more_calls_bring_the_calls_forward(world: World) -> None:
    for _ in range(6):
        overdue(world)
    run(world.east, TODAY)
    assert max(days(world).values()) == TODAY + 2 * DAY
    make_user("dcrc_agent", world.east)
    make_user("dcrc_agent", world.east)

    run(world.east, TODAY)

    assert set(days(world).values()) == {TODAY}


def test_who_is_on_leave_makes_no_calls(world: World) -> None:
    sun = make_user("dcrc_agent", world.east)
    with dealer_scope(world.east.pk):
        assert capacities([world.east], TODAY)[0].agents == 2
        Delegation.objects.create(
            dealer=world.east,
            giver=sun,
            substitute=world.li,
            start_date=TODAY,
            end_date=TODAY + DAY,
            reason="休假",
        )
        assert [capacities([world.east], day)[0].agents for day in (TODAY, TODAY + DAY)] == [1, 2]


def test_a_store_without_a_call_desk_counts_those_who_may_call_and_at_least_one(world: World) -> None:
    with dealer_scope(world.west.pk):
        assert capacities([world.west], TODAY)[0].agents == 1  # 赵, the manager
        StorePost.objects.all().delete()
        assert capacities([world.west], TODAY)[0].agents == 1


def test_the_manager_is_told_whose_turn_comes_too_late(world: World) -> None:
    for _ in range(5):
        insured(world, TODAY + DAY)  # two days, two calls each
    insured(world, TODAY + 9 * DAY)
    run(world.east, TODAY)

    with dealer_scope(world.east.pk):
        load = overload_of(world.east, at(TODAY))
        urgent = list(CallTask.objects.filter(last_safe_day=TODAY + DAY).order_by("pk"))
        calls_a_day(world, 100)
        relieved = overload_of(world.east, at(TODAY))

    assert load.capacity.calls == 2
    assert load.task_ids == [urgent[-1].pk]
    assert relieved.task_ids == []
    assert len(cases(world.east, "open")) == 6
