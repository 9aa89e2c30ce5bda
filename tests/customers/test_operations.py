"""Customers and cars of a store: what the writes keep, refuse and record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from huichang.domains.customers import operations as do
from huichang.domains.customers.models import Car, Customer, CustomerPhone, Disclosure, Ownership
from huichang.domains.customers.operations import Phone
from huichang.domains.customers.queries import owner_of, version
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.audit import history
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    actor_of,
    make_car,
    make_customer,
    make_vehicle,
    make_world,
)

pytestmark = pytest.mark.django_db
ID = "11010519491231002X"


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    with dealer_scope(made.east.pk):
        yield made


@pytest.fixture
def wang(world: World) -> Actor:
    return actor_of(world.wang, world.east)


def add(world: World, actor: Actor, **given: object) -> Customer:
    facts = {"name": "周建国"} | dict(given.pop("facts", {}))  # type: ignore[call-overload]
    return do.add_customer(dealer=world.east, facts=facts, actor=actor, now=NOW, **given)  # type: ignore[arg-type]


def test_a_new_customer_has_a_number_and_is_found_by_pinyin(world: World, wang: Actor) -> None:
    customer = add(world, wang)
    assert customer.number == "K260616-0001"
    assert (customer.name_pinyin, customer.name_initials) == ("zhoujianguo", "zjg")


def test_a_name_is_needed(world: World, wang: Actor) -> None:
    with pytest.raises(OperationRefused) as refusal:
        add(world, wang, facts={"name": "  "})
    assert refusal.value.field == "name"


def test_phones_are_cleaned_and_the_first_is_dialled_first(world: World, wang: Actor) -> None:
    customer = add(world, wang, phones=[Phone("139-1234 4418"), Phone("023-67818800")])
    found = (
        CustomerPhone.objects.filter(customer=customer)
        .order_by("id")
        .values_list("number", "kind", "is_primary")
    )
    assert list(found) == [("13912344418", "mobile", True), ("02367818800", "landline", False)]


def test_a_phone_with_a_digit_missing_is_refused_with_its_length(world: World, wang: Actor) -> None:
    with pytest.raises(OperationRefused, match="10位"):
        add(world, wang, phones=[Phone("1391234441")])


def test_changing_the_primary_phone_keeps_one_primary(world: World, wang: Actor) -> None:
    customer = add(world, wang, phones=[Phone("13912344418"), Phone("13800000001")])
    do.edit_customer(
        customer=customer,
        facts={},
        actor=wang,
        phones=[Phone("13912344418"), Phone("13800000001", is_primary=True)],
    )
    assert CustomerPhone.objects.get(customer=customer, is_primary=True).number == "13800000001"


def test_an_identity_number_is_hidden_found_and_gives_the_birthday(world: World, wang: Actor) -> None:
    customer = add(world, wang, id_number=ID)
    assert customer.birthday == date(1949, 12, 31)
    changed = do.edit_customer(customer=customer, facts={}, id_number="", actor=wang)
    assert changed.id_number == ""
    assert history([customer])[0].changes["id_number"] == [None, None]


def test_an_edit_of_something_else_is_no_change_of_the_identity_number(world: World, wang: Actor) -> None:
    customer = add(world, wang, id_number=ID)
    do.edit_customer(customer=customer, facts={"address": "江北区"}, id_number=ID, actor=wang)
    assert history([customer])[0].changes == {"address": ["", "江北区"]}


def test_a_wrong_identity_number_says_what_the_last_character_should_be(world: World, wang: Actor) -> None:
    with pytest.raises(OperationRefused, match="应为“X”"):
        add(world, wang, id_number="110105194912310021")


def test_revealing_needs_permission_and_a_reason_and_is_kept(world: World, wang: Actor) -> None:
    customer = add(world, wang, id_number=ID)
    with pytest.raises(OperationRefused):
        do.reveal_id_number(customer=customer, reason=" ", actor=wang, now=NOW)
    assert do.reveal_id_number(customer=customer, reason="核对三包资料", actor=wang, now=NOW) == ID
    assert Disclosure.objects.get().reason == "核对三包资料"
    with pytest.raises(PermissionRefused):
        do.reveal_id_number(customer=customer, reason="好奇", actor=actor_of(world.li, world.east), now=NOW)


def test_somebody_elses_change_in_between_is_shown_not_overwritten(world: World, wang: Actor) -> None:
    customer = add(world, wang)
    seen = version(customer)
    do.edit_customer(
        customer=customer, facts={"address": "江北区"}, seen=seen, actor=actor_of(world.li, world.east)
    )
    with pytest.raises(do.ChangedMeanwhile, match="李伟") as refusal:
        do.edit_customer(customer=customer, facts={"address": "渝中区"}, seen=seen, actor=wang)
    assert refusal.value.changes[0].changes["address"] == ["", "江北区"]
    assert Customer.objects.get(pk=customer.pk).address == "江北区"


def test_one_car_one_file(world: World, wang: Actor) -> None:
    vehicle = make_vehicle()
    car = do.add_car(dealer=world.east, vehicle=vehicle, facts={"plate": "渝b·62d81"}, actor=wang, now=NOW)
    assert (car.plate, car.plate_reversed, car.vin_reversed) == ("渝B62D81", "18D26B渝", vehicle.vin[::-1])
    with pytest.raises(OperationRefused, match="已有"):
        do.add_car(dealer=world.east, vehicle=vehicle, facts={}, actor=wang, now=NOW)


def test_a_new_owner_ends_the_old_ownership(world: World, wang: Actor) -> None:
    old, new = make_customer(world.east, name="旧主"), make_customer(world.east, name="新主")
    car = make_car(world.east, owner=old)
    do.change_owner(car=car, customer=new, since=TODAY, actor=wang)
    assert owner_of(Car.objects.get(pk=car.pk)) == new
    assert Ownership.objects.get(car=car, customer=old).end_date == TODAY


def test_an_owner_cannot_follow_before_the_present_one_began(world: World, wang: Actor) -> None:
    car = make_car(world.east)
    with pytest.raises(OperationRefused) as refusal:
        do.change_owner(car=car, customer=make_customer(world.east), since=date(2020, 1, 1), actor=wang)
    assert refusal.value.field == "since"


def test_a_scrapped_car_does_not_come_back(world: World, wang: Actor) -> None:
    car = make_car(world.east)
    do.move_car(car=car, to="scrapped", reason="事故全损", actor=wang, now=NOW)
    with pytest.raises(OperationRefused):
        do.move_car(car=car, to="active", reason="", actor=wang, now=NOW)


def test_a_household_is_called_once(world: World, wang: Actor) -> None:
    mother, son = make_customer(world.east), make_customer(world.east)
    do.call_through(customer=son, other=mother, actor=wang)
    with pytest.raises(OperationRefused):
        do.call_through(customer=mother, other=son, actor=wang)


def test_tags_are_the_words_given(world: World, wang: Actor) -> None:
    customer = make_customer(world.east)
    do.set_tags(customer=customer, names=["大客户", "爱喝茶"], actor=wang)
    do.set_tags(customer=customer, names=["大客户"], actor=wang)
    assert [one.tag.name for one in customer.tags.select_related("tag")] == ["大客户"]
