"""The search field finds a car or customer by whatever people remember of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huichang.domains.customers.queries import search
from huichang.domains.customers.searching import simplified
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.sensitive import blind_index
from tests.factories.world import World, make_car, make_customer, make_vehicle, make_world

pytestmark = pytest.mark.django_db
VIN = "LATPAB071W1005301"


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    owner = make_customer(
        made.east, name="张学丰", mobile="13912344418", id_number_index=blind_index("11010519491231002X")
    )
    make_car(
        made.east, owner=owner, plate="渝B62D81", vehicle=make_vehicle(VIN), last_visit_date=date(2026, 5, 28)
    )
    make_car(made.west, owner=make_customer(made.west, name="张学丰", mobile="13912344418"), plate="渝B62D81")
    with dealer_scope(made.east.pk):
        yield made


@pytest.mark.parametrize(
    "typed",
    [
        "渝B62D81", "渝b·62d", "62D81", "d81", "13912344418", "139 1234", "4418", "005301", VIN, VIN.lower(),
        "张学丰", "张学", "張學豐", "zhangxuefeng", "zhangx", "zxf", "11010519491231002x",
    ],
)  # fmt: skip
def test_found_by(world: World, typed: str) -> None:
    assert [(hit.plate, hit.name) for hit in search(dealer=world.east, text=typed)] == [
        ("渝B62D81", "张学丰")
    ]


@pytest.mark.parametrize("typed", ["", " ", "·", "81", "渝C", "9999", "%", "_", "zzz", "'; DROP TABLE x"])
def test_not_found_by(world: World, typed: str) -> None:
    assert search(dealer=world.east, text=typed) == []


def test_the_other_store_is_not_seen(world: World) -> None:
    assert len(search(dealer=world.east, text="张学丰")) == 1
    assert search(dealer=world.west, text="张学丰") == []  # not in the open scope


def test_the_most_recent_visit_comes_first(world: World) -> None:
    make_car(world.east, plate="渝C62D81", last_visit_date=date(2026, 6, 1))
    make_car(world.east, plate="渝D62D81")
    assert [hit.plate for hit in search(dealer=world.east, text="62D81")] == [
        "渝C62D81",
        "渝B62D81",
        "渝D62D81",
    ]


def test_a_customer_without_a_car_is_found(world: World) -> None:
    make_customer(world.east, name="欧阳无车")
    (hit,) = search(dealer=world.east, text="欧阳")
    assert (hit.car_id, hit.name) == (None, "欧阳无车")


def test_one_query_whatever_is_found(world: World) -> None:
    for number in range(3):
        make_car(world.east, plate=f"渝A9{number}888", owner=make_customer(world.east, name=f"张{number}"))
    with CaptureQueriesContext(connection) as queries:
        assert len(search(dealer=world.east, text="888")) == 3
    assert len(queries) == 1


def test_traditional_characters_become_simplified() -> None:
    assert simplified("劉國強") == "刘国强"
    assert simplified("abc") == "abc"


def test_the_server_plans_a_search_once_for_whoever_types_the_same_kind_of_thing(world: World) -> None:
    def plans() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%WITH cars (id)%'"
            )
            return int(cursor.fetchone()[0])

    search(dealer=world.east, text="4418")
    before = plans()
    for typed in (
        "4419",
        "139123",
        "62",
    ):  # the last looks for a customer's number only: a statement of its own
        search(dealer=world.east, text=typed)
    assert plans() == before + 1
