"""Accounts and cars of owners: what holds, what ends, what is forgotten; links that carry no secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huichang.domains.contacts.models import Message
from huichang.domains.customers.events import CarChanged
from huichang.domains.customers.operations import move_car
from huichang.domains.owners import batch, links, operations, queries
from huichang.domains.owners.limits import limits
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, OwnerCode, OwnerSession, OwnerTry
from huichang.domains.owners.rights import Right
from huichang.domains.owners.subscribers import end_bindings_of_former_owners
from huichang.kernel.actors import PermissionRefused, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope, unscoped
from tests.factories.owners import (
    bind_owner,
    make_account,
    make_id_number,
    make_owner_car,
    make_sms,
    owner_of_car,
)
from tests.factories.world import NOW, World, actor_of, make_world

DAY = timedelta(days=1)
numbers = st.integers(min_value=1, max_value=2**40)


@given(numbers, numbers, st.sampled_from(["", "scheduled_service", "123"]), st.integers(0, 400))
def test_a_link_says_what_it_was_made_for_until_it_ends(dealer: int, car: int, value: str, days: int) -> None:
    subject = {"": "any", "scheduled_service": "kind", "123": "booking"}[value]
    token = links.make(
        dealer_id=dealer, car_id=car, expires_at=NOW + days * DAY, subject=subject, value=value
    )
    found = links.read(token, NOW)
    assert found is not None
    assert (found.dealer_id, found.car_id, found.subject, found.value) == (dealer, car, subject, value)
    assert links.read(token, NOW + days * DAY + timedelta(hours=1)) is None


@given(st.integers(0, 200), st.sampled_from("0az._-~/%"))
def test_a_link_with_one_character_changed_opens_nothing(place: int, other: str) -> None:
    token = links.make(dealer_id=7, car_id=4711, expires_at=NOW + DAY, subject="kind", value="first_service")
    place %= len(token)
    spoiled = token[:place] + other + token[place + 1 :]
    assert spoiled == token or links.read(spoiled, NOW) is None


@given(st.text(max_size=80))
def test_what_is_no_link_opens_nothing(text: str) -> None:
    assert links.read(text, NOW) is None


def test_a_link_carries_only_what_fits() -> None:
    with pytest.raises(ValueError, match="no link can carry"):
        links.make(dealer_id=1, car_id=1, expires_at=NOW, subject="kind", value="<script>")


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    make_sms(world.east)
    return world


def in_force(account: OwnerAccount) -> list[int]:
    return [binding.car_id for binding in queries.bindings_of(account)]


@pytest.mark.django_db
def test_a_car_that_leaves_the_base_leaves_the_phone_and_the_record_says_why(world: World) -> None:
    car = make_owner_car(world.east)
    binding = bind_owner(car)
    with dealer_scope(world.east.pk):
        move_car(car=car, to="scrapped", reason="事故报废", actor=system("test"), now=NOW)
    assert in_force(binding.account) == []
    with dealer_scope(world.east.pk):
        end_bindings_of_former_owners(CarChanged(dealer_id=world.east.pk, car_id=car.pk))
        binding.refresh_from_db()
    assert binding.ended_at is not None
    assert binding.end_reason == "车辆已换车主"


@pytest.mark.django_db
def test_when_the_owner_leaves_those_invited_leave_too(world: World) -> None:
    car = make_owner_car(world.east)
    owner, driver = bind_owner(car), bind_owner(car, make_account(), right=Right.DRIVER)
    with dealer_scope(world.east.pk):
        operations.leave(binding=owner, reason="", actor=queries.actor_for(owner), now=NOW)
    assert in_force(owner.account) == in_force(driver.account) == []


@pytest.mark.django_db
def test_closing_an_account_erases_who_it_was_in_every_store(world: World) -> None:
    account = make_account("15900001111")
    for dealer in (world.east, world.west):
        bind_owner(make_owner_car(dealer), account)
    operations.begin_session(account=account, device="", bounds=limits(NOW), now=NOW)
    operations.close_account(account=account, actor=queries.actor_of_account(account), now=NOW)
    account.refresh_from_db()
    assert (account.mobile, account.mobile_index, account.openid) == ("", "", "")
    assert in_force(account) == []
    assert not OwnerSession.objects.filter(ended_at=None).exists()


@pytest.mark.django_db
def test_so_many_people_may_be_invited_and_no_more(world: World) -> None:
    owner = bind_owner(make_owner_car(world.east))
    actor = queries.actor_for(owner)
    with dealer_scope(world.east.pk):
        for _ in range(4):
            operations.invite_driver(binding=owner, label="家人", actor=actor, now=NOW)
        with pytest.raises(OperationRefused, match="最多邀请 4 位"):
            operations.invite_driver(binding=owner, label="家人", actor=actor, now=NOW)
        driver = bind_owner(owner.car, make_account(), right=Right.DRIVER)
        with pytest.raises(PermissionRefused):
            operations.invite_driver(binding=driver, label="朋友", actor=queries.actor_for(driver), now=NOW)


@pytest.mark.django_db
def test_an_invitation_ends(world: World) -> None:
    owner = bind_owner(make_owner_car(world.east))
    with dealer_scope(world.east.pk):
        token = operations.invite_driver(binding=owner, label="家人", actor=queries.actor_for(owner), now=NOW)
    assert queries.invite_of(token, NOW + timedelta(hours=47)) is not None
    assert queries.invite_of(token, NOW + timedelta(hours=49)) is None
    assert queries.invite_of(token.replace(f"{world.east.pk}.", f"{world.west.pk}.", 1), NOW) is None
    assert queries.invite_of("nonsense", NOW) is None


@pytest.mark.django_db
def test_an_empty_or_short_identity_matches_nobody(world: World) -> None:
    car = make_owner_car(world.east)
    with dealer_scope(world.east.pk):
        owner_of_car(car).__class__.objects.update(id_number="", id_number_index="")
    for number in ("", "1", make_id_number()):
        assert queries.matches(vin_tail=car.vehicle.vin[-8:], id_number=number) == []
    assert queries.matches(vin_tail="", id_number=make_id_number()) == []


@pytest.mark.django_db
def test_a_new_mobile_is_told_to_the_one_on_file(world: World) -> None:
    number = make_id_number()
    car = make_owner_car(world.east, id_number=number, mobile="13800000001")
    account = make_account("13900000009")
    operations.add_car(
        account=account, vin_tail=car.vehicle.vin[-8:], id_number=number, address=None, bounds=limits(NOW),
        actor=queries.actor_of_account(account), now=NOW,
    )  # fmt: skip
    with dealer_scope(world.east.pk):
        message = Message.objects.get(template_name="owner.registered")
    assert message.customer_id == owner_of_car(car).pk
    assert "139****0009" in str(message.values)


@pytest.mark.django_db
def test_an_owner_is_invited_once_a_day(world: World) -> None:
    car = make_owner_car(world.east)
    actor = actor_of(world.li, world.east)
    with dealer_scope(world.east.pk):
        for _ in range(2):
            operations.invite_owner(
                dealer=world.east, customer=owner_of_car(car), car=car, actor=actor, now=NOW
            )
        [message] = Message.objects.filter(template_name="owner.invite")
    assert "/m/register?store=E01" in str(message.values)


@pytest.mark.django_db
def test_what_is_over_is_forgotten_and_what_holds_is_kept(world: World) -> None:
    kept, empty = bind_owner(make_owner_car(world.east)).account, make_account()
    for account in (kept, empty):
        operations.begin_session(account=account, device="", bounds=limits(NOW), now=NOW)
    operations.ask_code(mobile="13912345678", address="10.0.0.1", bounds=limits(NOW), now=NOW)
    batch.forget(now=NOW + DAY)
    assert not OwnerCode.objects.exists()
    assert OwnerTry.objects.exists()
    batch.forget(now=NOW + 31 * DAY)
    empty.refresh_from_db()
    kept.refresh_from_db()
    assert (empty.mobile, empty.closed_at is not None) == ("", True)
    assert (kept.mobile != "", kept.closed_at) == (True, None)
    assert not OwnerTry.objects.exists()
    assert list(OwnerSession.objects.filter(ended_at=None).values_list("account_id", flat=True)) == [kept.pk]


@pytest.mark.django_db
def test_an_owners_actor_may_only_what_the_binding_says_and_only_there(world: World) -> None:
    binding = bind_owner(make_owner_car(world.east))
    actor = queries.actor_for(binding)
    assert actor.dealer_ids == (world.east.pk,)
    assert not actor.is_system
    assert "customers.see" not in actor.permissions
    stranger = make_account()
    assert queries.binding_of(stranger, binding.pk) is None
    with unscoped("the test looks at every store"):
        assert OwnerBinding.objects.count() == 1
