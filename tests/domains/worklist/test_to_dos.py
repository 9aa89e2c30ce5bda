"""To-dos: asked for by any domain, seen by those whose duty it is, ended by the act or by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huichang.domains.appointments.permissions import P as Bookings
from huichang.domains.parts.permissions import P as Parts
from huichang.domains.worklist import operations, queries
from huichang.domains.worklist.models import ToDo
from huichang.kernel.actors import Actor, Permission, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import NOW, World, make_user, make_world

pytestmark = pytest.mark.django_db
RULE = system("test")


def person(world: World, *held: Permission, user_id: int | None = None) -> Actor:
    rights = frozenset({"worklist.to_dos", *(one.value for one in held)})
    return Actor("某人", user_id=user_id, dealer_id=world.east.pk, permissions=rights)


def ask(world: World, reference: str = "A1", **given: Any) -> ToDo:
    about: dict[str, Any] = {
        "kind": "parts.put_back",
        "text": "机油滤清器×1",
        "needs": Parts.DRAW,
        "due_at": NOW,
    } | given
    return operations.ask(dealer=world.east, reference=reference, actor=RULE, now=NOW, **about)


def test_everybody_with_the_duty_sees_it_and_the_soonest_is_on_top() -> None:
    world = make_world()
    with dealer_scope(world.east.pk):
        late = ask(world, "A1", due_at=NOW + timedelta(hours=3))
        soon = ask(world, "A2")
        ask(world, "A3", needs=Bookings.PREPARE)

        assert list(queries.to_dos(person(world, Parts.DRAW))) == [soon, late]
        assert not queries.to_dos(person(world)).exists()


def test_what_is_given_to_one_person_is_nobody_elses() -> None:
    world = make_world()
    li = make_user("service_advisor", world.east)
    with dealer_scope(world.east.pk):
        mine = ask(world, assigned_to_id=li.pk, by_hand=True)
        colleague = person(world, Parts.DRAW)

        assert list(queries.to_dos(person(world, user_id=li.pk))) == [mine]
        assert not queries.to_dos(colleague).exists()
        with pytest.raises(OperationRefused, match="不在您的待办里"):
            operations.tick(todo=mine, actor=colleague, now=NOW)
        operations.tick(todo=mine, actor=person(world, user_id=li.pk), now=NOW)
        assert ToDo.objects.get().status == "done"


def test_asked_twice_it_is_one_and_after_its_end_it_is_open_again() -> None:
    world = make_world()
    about: dict[str, Any] = {"dealer": world.east, "kind": "parts.put_back", "reference": "A1"}
    with dealer_scope(world.east.pk):
        first = ask(world)
        assert ask(world, text="机油滤清器×2") == first
        assert ToDo.objects.get().text == "机油滤清器×2"
        with pytest.raises(OperationRefused, match="自动划掉"):
            operations.tick(todo=first, actor=RULE, now=NOW)

        assert operations.settle(**about, actor=RULE, now=NOW)
        assert not operations.call_off(**about, actor=RULE, now=NOW)  # ended already
        assert [row.status for row in queries.ended_to_dos(person(world, Parts.DRAW), NOW)] == ["done"]

        ask(world)
        row = ToDo.objects.get()
        assert (row.status, row.ended_at, row.ended_by_name) == ("open", None, "")
