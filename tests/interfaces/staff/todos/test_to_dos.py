"""My to-dos by page: the reversal of a booking reaches the parts clerk, and what was done is crossed off."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.test import Client

from huichang.domains.parts import operations as parts
from huichang.domains.worklist import operations
from huichang.domains.worklist.models import ToDo
from huichang.domains.worklist.permissions import P
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make
from tests.factories.parts_store import Room

if TYPE_CHECKING:
    from tests.factories.world import World

ACTOR = system("test")


def called_off(world: World, reference: str = "A1") -> None:
    """A visit whose parts lie in a basket does not take place."""
    with dealer_scope(world.east.pk):
        room = Room(world.east, now=make.NOW)
        part = room.part(f"F-{reference}", 2, name="机油滤清器")
        room.reserve(reference, (part, 2))
        room.do("draw", reference=reference, technician="张伟")
        room.do("release", reference=reference, reason="客户取消")


def test_a_basket_to_put_back_waits_for_the_parts_clerk_until_it_is_done(world: World) -> None:
    called_off(world)
    clerk = make.signed_in(make.make_user("parts_clerk", world.east))

    page = clerk.get("/todos").content.decode()
    assert "配件退回货架" in page
    assert "A1 机油滤清器×2" in page
    assert "配件退回货架" not in make.signed_in(world.li).get("/todos").content.decode()

    with dealer_scope(world.east.pk):
        slip = ToDo.objects.get().target_id
    assert f'href="/parts/slips/{slip}"' in page
    clerk.post(f"/parts/slips/{slip}/act", {"step": "put_back"})

    page = clerk.get("/todos").content.decode()
    assert "没有等您办的事" in page
    assert "最近七天办完的" in page


def test_a_to_do_by_hand_is_ticked_and_the_others_are_not(world: World) -> None:
    called_off(world)
    clerk = make.signed_in(make.make_user("parts_clerk", world.east))
    with dealer_scope(world.east.pk):
        by_act = ToDo.objects.get()
        by_hand = operations.ask(
            dealer=world.east, kind="appointments.names", reference="A2", text="告知客户", needs=P.TO_DOS, by_hand=True,
            due_at=make.NOW, actor=ACTOR, now=make.NOW,
        )  # fmt: skip
    answer = clerk.post(f"/todos/{by_act.pk}/done", follow=True)
    assert "办完后会自动划掉" in answer.content.decode()
    clerk.post(f"/todos/{by_hand.pk}/done")
    with dealer_scope(world.east.pk):
        assert set(ToDo.objects.values_list("kind", "status")) == {
            ("parts.put_back", "open"), ("appointments.names", "done"),
        }  # fmt: skip


def test_another_stores_to_do_is_not_there(world: World) -> None:
    called_off(world)
    with dealer_scope(world.east.pk):
        todo = ToDo.objects.get()
    assert make.signed_in(world.zhao).post(f"/todos/{todo.pk}/done").status_code == 404


def test_the_page_asks_as_much_for_three_as_for_one(
    world: World, queries: Callable[[Client, str], int]
) -> None:
    clerk = make.signed_in(make.make_user("parts_clerk", world.east))
    called_off(world, "A1")
    one = queries(clerk, "/todos")
    called_off(world, "A2")
    called_off(world, "A3")
    assert queries(clerk, "/todos") <= one


def test_what_is_left_of_a_basket_is_told_with_its_quantity(world: World) -> None:
    """A visit that needs less has only that much to be put back."""
    with dealer_scope(world.east.pk):
        room = Room(world.east, now=make.NOW)
        part = room.part("F9", 5, name="雨刮")
        room.reserve("A9", (part, 3))
        room.do("draw", reference="A9", technician="张伟")
        room.reserve("A9", (part, 2))
        assert ToDo.objects.get().text == "A9 雨刮×1"
        parts.put_back(dealer=world.east, reference="A9", actor=ACTOR, now=make.NOW)
        assert ToDo.objects.get().status == "done"
        assert Decimal(2) == sum(row.quantity for row in part.reservations.filter(status="drawn"))
