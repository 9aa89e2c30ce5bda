"""Who speaks for whom after a merge, and what is refused."""

from __future__ import annotations

import pytest

from huichang.domains.customers import operations as do
from huichang.domains.customers.models import (
    Customer,
)
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.merging import merge
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    actor_of,
    make_car,
    make_customer,
)

pytestmark = pytest.mark.django_db
ID, OTHER_ID = "11010519491231002X", "440524188001010014"


# --- households and chains ------------------------------------------------------------------------------------------


def test_members_of_either_are_called_through_the_kept_one(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    son = make_customer(world.east)
    do.call_through(customer=son, other=dropped, actor=wang)
    do.call_through(customer=dropped, other=kept, actor=wang)
    merge(kept, dropped, wang)
    for one in (son, kept, dropped):
        one.refresh_from_db()
    assert (son.called_through_id, kept.called_through_id, dropped.called_through_id) == (kept.pk, None, None)


def test_a_member_that_takes_in_its_spokesperson_speaks_for_the_rest(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    son = make_customer(world.east)
    do.call_through(customer=kept, other=dropped, actor=wang)
    do.call_through(customer=son, other=dropped, actor=wang)
    merge(kept, dropped, wang)
    for one in (son, kept):
        one.refresh_from_db()
    assert (son.called_through_id, kept.called_through_id) == (kept.pk, None)


def test_pointers_are_one_step_long(world: World, kept: Customer, dropped: Customer, wang: Actor) -> None:
    last = make_customer(world.east)
    merge(kept, dropped, wang)
    merge(last, kept, wang)
    assert set(
        Customer.objects.filter(pk__in=(kept.pk, dropped.pk)).values_list("merged_into", flat=True)
    ) == {last.pk}


# --- refusals -------------------------------------------------------------------------------------------------------


def test_a_merged_record_takes_no_more_writes(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    car = make_car(world.east)
    merge(kept, dropped, wang)
    dropped.refresh_from_db()
    for write in (
        lambda: do.edit_customer(customer=dropped, facts={}, actor=wang),
        lambda: do.set_tags(customer=dropped, names=["x"], actor=wang),
        lambda: do.change_owner(car=car, customer=dropped, since=TODAY, actor=wang),
        lambda: do.call_through(customer=kept, other=dropped, actor=wang),
        lambda: do.add_need(customer=dropped, kind="other", text="x", actor=wang, now=NOW),
        lambda: merge(make_customer(world.east), dropped, wang),
    ):
        with pytest.raises(OperationRefused, match=dropped.number):
            write()


def test_who_may_not_merge_does_not_and_a_reason_is_asked(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    with pytest.raises(PermissionRefused):
        merge(kept, dropped, actor_of(world.li, world.east))
    with pytest.raises(OperationRefused, match="为什么"):
        merge(kept, dropped, wang, reason=" ")
    with pytest.raises(OperationRefused, match="同一份"):
        merge(kept, kept, wang)
