"""Posts, reach and delegation: who may do what where, and until when (PRM-01, PRM-04, PRM-10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huichang.domains.accounts.models import Role, User
from huichang.domains.dealers import operations
from huichang.domains.dealers.models import Delegation, NetworkPost, Region, StorePost
from huichang.domains.dealers.queries import reach_of
from huichang.kernel.actors import Actor, PermissionRefused, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import NOW, TODAY, World, actor_of, make_dealer, make_user, make_world

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return make_world()


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def delegate(
    world: World, giver: User, substitute: User, *, actor: Actor | None = None, days: int = 3
) -> Delegation:
    with dealer_scope(world.east.pk):
        return operations.delegate(
            dealer=world.east, giver=giver, substitute=substitute, start_date=TODAY, end_date=TODAY + days * DAY,
            reason="休假", actor=actor or system("test"),
        )  # fmt: skip


def test_a_post_holds_from_its_day_until_the_day_before_its_end(world: World) -> None:
    with dealer_scope(world.east.pk):
        StorePost.objects.filter(user=world.li).update(start_date=TODAY, end_date=TODAY + 2 * DAY)
    held = [bool(reach_of(world.li, TODAY + days * DAY).stores) for days in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]


def test_permissions_of_several_posts_add_up_within_their_store(world: World) -> None:
    with dealer_scope(world.east.pk):
        operations.give_post(
            dealer=world.east, user=world.li, role=role("cashier"), start_date=TODAY, actor=system("test")
        )
    with dealer_scope(world.west.pk):
        operations.give_post(
            dealer=world.west, user=world.li, role=role("technician"), start_date=TODAY, actor=system("test")
        )
    stores = reach_of(world.li, TODAY).stores
    assert stores[world.east] >= set(role("service_advisor").permissions) | set(role("cashier").permissions)
    assert stores[world.west] == set(role("technician").permissions)


def test_a_delegation_lends_the_duties_for_its_days_only(world: World) -> None:
    delegate(world, world.wang, world.li)
    lent = set(role("service_manager").permissions) - set(role("service_advisor").permissions)
    held = [lent <= reach_of(world.li, TODAY + days * DAY).stores[world.east] for days in (-1, 0, 2, 3)]
    assert held == [False, True, True, False]
    assert reach_of(world.li, TODAY).substitute_for == {world.east.pk: (world.wang.pk,)}


def test_ending_it_takes_the_duties_back_at_once_and_twice_does_no_harm(world: World) -> None:
    made = delegate(world, world.wang, world.li)
    with dealer_scope(world.east.pk):
        operations.end_delegation(delegation=made, actor=system("test"), now=NOW)
        operations.end_delegation(delegation=made, actor=system("test"), now=NOW + DAY)
    assert made.ended_at == NOW
    assert reach_of(world.li, TODAY).substitute_for == {}


def test_lent_duties_are_not_lent_on(world: World) -> None:
    third = make_user("cashier", world.east)
    delegate(world, world.wang, world.li)
    delegate(world, world.li, third)
    assert "dealers.delegate" in reach_of(world.li, TODAY).stores[world.east]
    assert "dealers.delegate" not in reach_of(third, TODAY).stores[world.east]


def test_a_delegation_lends_nothing_of_another_store(world: World) -> None:
    with dealer_scope(world.west.pk):
        StorePost.objects.create(
            dealer=world.west, user=world.wang, role=role("service_manager"), start_date=TODAY
        )
    delegate(world, world.wang, world.li)
    assert world.west not in reach_of(world.li, TODAY).stores


@pytest.mark.parametrize(("days", "field"), [(0, "end_date"), (-1, "end_date")])
def test_a_delegation_needs_a_day(world: World, days: int, field: str) -> None:
    with pytest.raises(OperationRefused) as refusal:
        delegate(world, world.wang, world.li, days=days)
    assert refusal.value.field == field


def test_nobody_stands_in_for_themselves_and_only_colleagues_do(world: World) -> None:
    for substitute in (world.wang, world.zhao):
        with pytest.raises(OperationRefused) as refusal:
            delegate(world, world.wang, substitute)
        assert refusal.value.field == "substitute"


def test_the_own_duties_may_be_handed_over_anothers_only_by_who_could_do_them(world: World) -> None:
    lead = make_user("store_admin", world.east)
    delegate(world, world.wang, world.li, actor=actor_of(world.wang, world.east))
    with pytest.raises(OperationRefused) as refusal:
        delegate(world, world.wang, lead, actor=actor_of(lead, world.east))
    assert refusal.value.field == "giver"


def test_the_administrator_appoints_others_to_any_post_but_not_themselves(world: World) -> None:
    admin = make_user("store_admin", world.east)
    appointing, manager = actor_of(admin, world.east), Role.objects.get(code="service_manager")
    newcomer = make_user("cashier", world.east)
    with dealer_scope(world.east.pk):
        given = operations.give_post(
            dealer=world.east, user=newcomer, role=manager, start_date=TODAY, actor=appointing
        )
        assert given.role == manager
        with pytest.raises(OperationRefused):
            operations.give_post(
                dealer=world.east, user=admin, role=manager, start_date=TODAY, actor=appointing
            )


def test_who_appoints_may_arrange_a_substitute_but_not_be_one(world: World) -> None:
    admin = make_user("store_admin", world.east)
    appointing = actor_of(admin, world.east)
    assert delegate(world, world.wang, world.li, actor=appointing).substitute == world.li
    with pytest.raises(OperationRefused, match="超出您自己的权限"):
        delegate(world, world.wang, admin, actor=appointing)


def test_delegating_needs_the_permission(world: World) -> None:
    with pytest.raises(PermissionRefused):
        delegate(world, world.li, world.wang, actor=actor_of(world.li, world.east))


def test_a_region_reaches_its_stores_and_those_of_regions_below(world: World) -> None:
    below = Region.objects.create(code="SUZHOU", name="苏州", parent=world.region)
    inner, outer = make_dealer(region=below), make_dealer()
    person = make_user("region_manager", region=world.region)
    reached = set(reach_of(person, TODAY).network_dealer_ids)
    assert reached == {world.east.pk, world.west.pk, inner.pk}
    assert outer.pk not in reached


def test_the_manufacturer_reaches_every_store_in_use(world: World) -> None:
    closed = make_dealer()
    type(closed).objects.filter(pk=closed.pk).update(is_active=False)
    reach = reach_of(make_user("maker_manager"), TODAY)
    assert set(reach.network_dealer_ids) == {world.east.pk, world.west.pk}
    assert reach.network_level == "maker"
    assert reach.stores == {}


def test_a_switched_off_role_gives_nothing(world: World) -> None:
    Role.objects.filter(code="service_advisor").update(is_active=False)
    assert reach_of(world.li, TODAY).stores == {}


def test_roles_of_the_network_and_of_stores_are_not_mixed_up(world: World) -> None:
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused):
        operations.give_post(
            dealer=world.east,
            user=world.li,
            role=role("region_manager"),
            start_date=TODAY,
            actor=system("test"),
        )
    with pytest.raises(OperationRefused):
        operations.give_network_post(
            user=world.li, role=role("cashier"), region=None, start_date=TODAY, actor=system("test")
        )


def test_a_region_cannot_appoint_for_the_whole_network(world: World) -> None:
    """With the power to appoint, but reaching only one region's stores."""
    make_dealer()
    boss = Actor(
        name="大区", user_id=world.wang.pk, dealer_ids=(world.east.pk, world.west.pk),
        permissions=frozenset({"dealers.edit_stores"}),
    )  # fmt: skip
    with pytest.raises(OperationRefused):
        operations.give_network_post(
            user=world.li, role=role("maker_manager"), region=None, start_date=TODAY, actor=boss
        )
    operations.give_network_post(
        user=world.li, role=role("region_manager"), region=world.region, start_date=TODAY, actor=boss
    )
    assert NetworkPost.objects.filter(user=world.li, region=world.region).exists()


def test_ending_a_post_keeps_it_in_the_record(world: World) -> None:
    with dealer_scope(world.east.pk):
        post = StorePost.objects.get(user=world.li)
        operations.end_post(post=post, end_date=TODAY, actor=system("test"))
        assert StorePost.objects.get(pk=post.pk).end_date == TODAY
    assert reach_of(world.li, TODAY).stores == {}


def test_nobody_ends_their_own_post_or_one_above_them(world: World) -> None:
    boss = make_user("store_manager", world.east)
    actor = actor_of(world.wang, world.east)
    with dealer_scope(world.east.pk):
        for user in (world.wang, boss):
            post = StorePost.objects.get(user=user)
            with pytest.raises(OperationRefused):
                operations.end_post(post=post, end_date=TODAY, actor=actor)


def test_the_password_of_who_also_reaches_the_network_is_not_a_stores_to_give(world: World) -> None:
    NetworkPost.objects.create(
        user=world.li, role=role("region_manager"), region=world.region, start_date=date(2020, 1, 1)
    )
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused):
        operations.renew_password(
            user=world.li, password="paper-lamp-7351", actor=actor_of(world.wang, world.east), now=NOW
        )


def test_an_ended_post_elsewhere_no_longer_matters(world: World) -> None:
    with dealer_scope(world.west.pk):
        StorePost.objects.create(
            dealer=world.west,
            user=world.li,
            role=role("cashier"),
            start_date=date(2020, 1, 1),
            end_date=TODAY,
        )
    with dealer_scope(world.east.pk):
        operations.renew_password(
            user=world.li, password="paper-lamp-7351", actor=actor_of(world.wang, world.east), now=NOW
        )
    assert User.objects.get(pk=world.li.pk).check_password("paper-lamp-7351")
