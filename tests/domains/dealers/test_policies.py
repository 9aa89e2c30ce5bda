"""Policy values: the nearest level wins, dates decide, nobody sets what is not theirs (PRM-10, PRM-11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huichang.domains.appointments.policies import HOLD, RESERVE
from huichang.domains.dealers.models import Dealer, PolicyValue, Region
from huichang.domains.dealers.operations import set_policy
from huichang.domains.dealers.queries import (
    network_policy,
    policies_by_dealer,
    policies_in_force,
    policies_of_network,
    policies_to_come,
    policy,
    policy_history,
    regions_of,
)
from huichang.domains.dealers.reach import stores_of
from huichang.domains.dealers.trials import as_if
from huichang.kernel.actors import Actor, PermissionRefused, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope, unscoped
from tests.factories.world import NOW, TODAY, World, actor_of, make_dealer, make_world

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return make_world()


def put(
    raw: str, *, dealer: Dealer | None = None, region: Region | None = None, days: int = 0, **more: Any
) -> PolicyValue:
    with unscoped("values of every level"):
        return set_policy(
            key=more.pop("key", RESERVE.key), raw=raw, dealer=dealer, region=region, now=NOW,
            effective_date=TODAY + days * DAY, actor=more.pop("actor", system("test")), **more,
        )  # fmt: skip


def value(dealer: Dealer, days: int = 0) -> int:
    with dealer_scope(dealer.pk):
        return policy(RESERVE, dealer, TODAY + days * DAY)


def test_the_default_holds_until_somebody_sets_it(world: World) -> None:
    assert value(world.east) == RESERVE.default
    with dealer_scope(world.east.pk):
        assert policies_in_force([RESERVE], world.east, TODAY)[RESERVE.key].origin is None


def test_the_nearest_level_wins_however_late_the_farther_was_set(world: World) -> None:
    put("30", dealer=world.east, days=-5)
    put("25", region=world.region, days=-4)
    put("22", days=-3)
    outside = make_dealer()
    assert (value(world.east), value(world.west), value(outside)) == (30, 25, 22)


@pytest.fixture
def city(world: World) -> Region:
    """东区店's own region, two levels below the one both stores are in."""
    province = Region.objects.create(code="JIANGSU", name="江苏", parent=world.region)
    made = Region.objects.create(code="NANJING", name="南京", parent=province)
    Dealer.objects.filter(pk=world.east.pk).update(region=made)
    world.east.refresh_from_db()
    return made


def both_readers(dealer: Dealer) -> set[int]:
    """What a page and a set-based statement see: one number when they agree."""
    with unscoped("both readers"):
        batch = policies_by_dealer("appointments.", [dealer], TODAY)[dealer.pk][RESERVE.key]
    return {value(dealer), batch}


def test_a_region_reaches_the_stores_of_the_regions_below_it(world: World, city: Region) -> None:
    put("22")
    assert (both_readers(world.east), both_readers(world.west)) == ({22}, {22})
    put("25", region=world.region)
    assert (both_readers(world.east), both_readers(world.west)) == ({25}, {25})
    put("27", region=city.parent)
    assert (both_readers(world.east), both_readers(world.west)) == ({27}, {25})
    put("29", region=city, days=-3)
    put("26", region=city.parent, days=-1)
    assert (both_readers(world.east), both_readers(world.west)) == ({29}, {25})
    put("31", dealer=world.east, days=-9)
    assert both_readers(world.east) == {31}


def test_what_comes_from_above_is_shown_with_its_region(world: World, city: Region) -> None:
    put("25", region=world.region)
    put("40", region=city.parent, days=3)
    put("50", region=Region.objects.create(code="WEST-CHINA", name="西部大区"))
    with dealer_scope(world.east.pk):
        origin = policies_in_force([RESERVE], world.east, TODAY)[RESERVE.key].origin
        assert origin is not None
        assert origin.region == world.region
        assert policies_to_come(after=TODAY, dealer=world.east)[RESERVE.key].value == "40"
        assert [row.value for row in policy_history(RESERVE.key, dealer=world.east)] == ["40", "25"]
        assert policies_of_network([RESERVE], city, TODAY)[RESERVE.key].value == 25


def test_a_change_above_is_told_to_every_store_below(world: World, city: Region) -> None:
    assert set(stores_of(None, world.region)) == {world.east.pk, world.west.pk}
    assert stores_of(None, city.parent) == [world.east.pk]
    boss = Actor(
        name="大区", dealer_ids=(world.west.pk,),
        permissions=frozenset({"dealers.edit_policies", "dealers.edit_network_policies"}),
    )  # fmt: skip
    with pytest.raises(OperationRefused):
        put("30", region=world.region, actor=boss)


def test_a_person_sees_the_regions_that_hold_only_their_stores(world: World, city: Region) -> None:
    nested = {world.region, city.parent, city}
    assert set(regions_of([world.east.pk, world.west.pk])) == nested
    assert set(regions_of([world.east.pk])) == nested - {world.region}
    assert regions_of([]) == []


def test_a_ring_of_regions_ends(world: World, city: Region) -> None:
    Region.objects.filter(pk=world.region.pk).update(parent=city)
    put("25", region=city.parent)
    assert both_readers(world.east) == {25}


def test_one_query_reads_policies_and_two_where_regions_set_values(
    world: World, django_assert_num_queries: Any
) -> None:
    with dealer_scope(world.east.pk), django_assert_num_queries(1):
        policy(RESERVE, world.east, TODAY)
    put("25", region=world.region)
    with dealer_scope(world.east.pk), django_assert_num_queries(2):
        policies_in_force([RESERVE, HOLD], world.east, TODAY)


def test_of_one_level_the_latest_day_wins_and_of_one_day_the_last_word(world: World) -> None:
    put("21", dealer=world.east, days=-10)
    put("22", dealer=world.east, days=-2)
    put("23", dealer=world.east, days=-5)
    assert value(world.east) == 22
    put("24", dealer=world.east, days=-2)
    assert value(world.east) == 24


def test_a_value_holds_from_its_day_on(world: World) -> None:
    put("40", dealer=world.east, days=3)
    assert [value(world.east, days) for days in (0, 2, 3)] == [20, 20, 40]
    with dealer_scope(world.east.pk):
        assert policies_to_come(after=TODAY, dealer=world.east)[RESERVE.key].value == "40"
        assert policies_to_come(after=TODAY + 3 * DAY, dealer=world.east) == {}


def test_of_several_to_come_the_next_is_announced(world: World) -> None:
    put("50", dealer=world.east, days=9)
    put("40", dealer=world.east, days=3)
    with dealer_scope(world.east.pk):
        assert policies_to_come(after=TODAY, dealer=world.east)[RESERVE.key].value == "40"


def test_set_based_statements_see_what_pages_see(world: World) -> None:
    put("30", dealer=world.east)
    put("25", region=world.region)
    with unscoped("both stores"):
        found = policies_by_dealer("appointments.", [world.east, world.west], TODAY)
        assert [found[store.pk][RESERVE.key] for store in (world.east, world.west)] == [30, 25]
    assert network_policy(RESERVE, TODAY) == 20
    with unscoped("the region's view"):
        assert policies_of_network([RESERVE], world.region, TODAY)[RESERVE.key].value == 25
        assert policies_of_network([RESERVE], None, TODAY)[RESERVE.key].value == 20


def test_the_history_keeps_every_value_that_reaches_a_store(world: World) -> None:
    put("22", days=-3)
    put("30", dealer=world.east, days=-1)
    put("31", dealer=world.west, days=-1)
    with dealer_scope(world.east.pk):
        assert [row.value for row in policy_history(RESERVE.key, dealer=world.east)] == ["30", "22"]


@pytest.mark.parametrize(
    ("key", "raw", "field"),
    [
        (RESERVE.key, "61", RESERVE.key),
        (RESERVE.key, "-1", RESERVE.key),
        (RESERVE.key, "a lot", RESERVE.key),
        ("appointments.nothing", "1", "key"),
    ],
)
def test_what_the_policy_refuses_is_not_written(world: World, key: str, raw: str, field: str) -> None:
    with pytest.raises(OperationRefused) as refusal:
        put(raw, dealer=world.east, key=key)
    assert refusal.value.field == field
    assert not PolicyValue.objects.exists()


def test_a_store_sets_its_own_and_nothing_above(world: World) -> None:
    actor = actor_of(world.wang, world.east)
    put("30", dealer=world.east, actor=actor)
    for region in (None, world.region):
        with pytest.raises(PermissionRefused):
            put("30", actor=actor, region=region)


def test_a_region_does_not_set_what_holds_in_others_stores(world: World) -> None:
    make_dealer()
    boss = Actor(
        name="大区", dealer_ids=(world.east.pk, world.west.pk),
        permissions=frozenset({"dealers.edit_policies", "dealers.edit_network_policies"}),
    )  # fmt: skip
    put("30", region=world.region, actor=boss)
    with pytest.raises(OperationRefused):
        put("30", actor=boss)


def test_as_if_a_value_held_leaves_nothing_behind(world: World) -> None:
    with dealer_scope(world.east.pk):
        with as_if(RESERVE.key, "55", now=NOW, dealer=world.east):
            assert policy(RESERVE, world.east, TODAY) == 55
        assert policy(RESERVE, world.east, TODAY) == 20
        with pytest.raises(ZeroDivisionError), as_if(HOLD.key, "5", now=NOW, dealer=world.east):
            raise ZeroDivisionError
        assert not PolicyValue.objects.exists()
