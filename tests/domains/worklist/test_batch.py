"""Planning by the thousand: idempotent, and what an agent arranged stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from huichang.domains.worklist import operations
from huichang.domains.worklist.batch import NewTask, cancel_call_tasks, open_call_tasks
from huichang.domains.worklist.models import CallTask
from huichang.kernel.models import StatusChange
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import NOW, TODAY, actor_of, make_car, make_world, owner_of

pytestmark = pytest.mark.django_db
SOURCE = "reminders.case"


def test_the_same_plan_twice_is_one_task_and_a_new_date_moves_it() -> None:
    world = make_world()
    car = make_car(world.east)
    wanted = NewTask(world.east.pk, owner_of(world.east, car).pk, car.pk, 7, "first_call", NOW, TODAY)
    with dealer_scope(world.east.pk):
        first = open_call_tasks(SOURCE, [wanted], now=NOW)
        assert open_call_tasks(SOURCE, [wanted], now=NOW) == first
        assert list(first) == [7]
        open_call_tasks(SOURCE, [replace(wanted, last_safe_day=TODAY + timedelta(days=5))], now=NOW)
        task = CallTask.objects.get()
        assert task.last_safe_day == TODAY + timedelta(days=5)


def test_an_agreed_time_and_a_finished_task_are_left_alone() -> None:
    world = make_world()
    car = make_car(world.east)
    wanted = NewTask(world.east.pk, owner_of(world.east, car).pk, car.pk, 7, "first_call", NOW, TODAY)
    with dealer_scope(world.east.pk):
        li = actor_of(world.li, world.east)
        open_call_tasks(SOURCE, [wanted], now=NOW)
        task = CallTask.objects.get()
        operations.postpone(task=task, ready_at=NOW + timedelta(days=2), step="call_later", actor=li, now=NOW)
        open_call_tasks(SOURCE, [replace(wanted, ready_at=NOW + timedelta(hours=1))], now=NOW)
        task.refresh_from_db()
        assert (task.step, task.ready_at) == ("call_later", NOW + timedelta(days=2))
        operations.finish(task=task, actor=li, now=NOW)
        open_call_tasks(SOURCE, [wanted], now=NOW)
        assert CallTask.objects.get().status == "done"


def test_cancelled_tasks_say_who_and_why() -> None:
    world = make_world()
    car = make_car(world.east)
    wanted = NewTask(world.east.pk, owner_of(world.east, car).pk, car.pk, 7, "first_call", NOW, TODAY)
    with dealer_scope(world.east.pk):
        open_call_tasks(SOURCE, [wanted], now=NOW)
        assert cancel_call_tasks(SOURCE, [7, 8], reason="已回厂", now=NOW) == 1
        assert cancel_call_tasks(SOURCE, [7], reason="已回厂", now=NOW) == 0
        assert CallTask.objects.get().status == "cancelled"
        change = StatusChange.objects.get(table_name="worklist_calltask", after="cancelled")
        assert (change.before, change.reason) == ("open", "已回厂")
