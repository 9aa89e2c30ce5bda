"""Records that look like one customer are found with their signs; what is known apart is not."""

from __future__ import annotations

import pytest

from huichang.domains.customers import operations as do
from huichang.domains.customers.duplicates import duplicates, twins
from huichang.domains.customers.models import (
    Customer,
    CustomerPhone,
    KnownApart,
)
from huichang.kernel.actors import Actor
from tests.factories.merging import merge
from tests.factories.world import (
    NOW,
    World,
    make_customer,
)

pytestmark = pytest.mark.django_db
ID, OTHER_ID = "11010519491231002X", "440524188001010014"


def test_likely_duplicates_come_with_their_signs_the_surest_first(world: World, kept: Customer) -> None:
    same_id = make_customer(world.east, name="周建国", id_number_index="x" * 64)
    Customer.objects.filter(pk=kept.pk).update(id_number_index="x" * 64)
    namesake = make_customer(world.east, name="周建国", address="渝北区")
    wife = make_customer(world.east, name="李梅", mobile="13912344418")
    make_customer(world.east, name="周建国", mobile="13700000009")  # a name alone is no sign
    found = duplicates(dealer=world.east, most=10)
    assert [(pair.first_id, pair.second_id, pair.signs) for pair in found] == [
        (kept.pk, same_id.pk, ["id_number", "name"]),
        (kept.pk, namesake.pk, ["address", "name"]),
        (kept.pk, wife.pk, ["phone"]),
    ]
    assert [(pair.second_id, pair.signs) for pair in twins(kept)] == [
        (pair.second_id, pair.signs) for pair in found
    ]
    assert [pair.second_id for pair in twins(wife)] == [kept.pk]


def test_a_household_a_wrong_number_and_what_is_known_apart_are_no_duplicates(
    world: World, kept: Customer, wang: Actor
) -> None:
    wife = make_customer(world.east, name="李梅", mobile="13912344418")
    do.call_through(customer=wife, other=kept, actor=wang)
    other = make_customer(world.east, name="王五", mobile="13912344418")
    do.mark_phone(phone=CustomerPhone.objects.get(customer=other), is_wrong=True, actor=wang)
    namesake = make_customer(world.east, name="周建国", address="渝北区")
    do.keep_apart(one=namesake, other=kept, actor=wang, now=NOW)
    assert duplicates(dealer=world.east, most=10) == []
    assert [pair for customer in (kept, wife, other, namesake) for pair in twins(customer)] == []


def test_what_is_known_apart_from_a_merged_record_is_apart_from_the_kept_one(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    third = make_customer(world.east)
    do.keep_apart(one=third, other=dropped, actor=wang, now=NOW)
    merge(kept, dropped, wang)
    pair = KnownApart.objects.get()
    assert {pair.first_id, pair.second_id} == {kept.pk, third.pk}


def test_merged_records_are_suggested_no_more(world: World, kept: Customer, wang: Actor) -> None:
    twin = make_customer(world.east, name="周建国", mobile="13912344418")
    merge(kept, twin, wang)
    assert duplicates(dealer=world.east, most=10) == []
    assert twins(kept) == []


def test_another_stores_customers_are_never_compared(world: World, kept: Customer) -> None:
    make_customer(world.west, name="周建国", mobile="13912344418", address="渝北区")
    assert duplicates(dealer=world.east, most=10) == []
    assert twins(kept) == []
