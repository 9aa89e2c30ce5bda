"""A store's row points only at rows of its own store: the invariant sees one that does not."""

from __future__ import annotations

import pytest

from huichang.domains.customers.models import Ownership
from huichang.domains.dealers.models import Dealer
from huichang.kernel.scoping import dealer_scope
from tests.factories.rows import dealer_tables, make_row
from tests.factories.world import make_car, make_customer, make_world
from tests.invariants import keys_between_stores_rows, misplaced_rows

pytestmark = pytest.mark.django_db


def test_rows_made_by_ourselves_stay_in_their_store() -> None:
    east, west = (Dealer.objects.create(code=code, name=code) for code in ("E01", "W01"))
    for store in (east, west):
        for model in dealer_tables():
            make_row(model, store)
    assert misplaced_rows() == []


def test_a_misplaced_row_is_seen() -> None:
    world = make_world()
    stranger, car = make_customer(world.west), make_car(world.east)
    with dealer_scope(world.east.pk):
        row = Ownership.objects.create(dealer=world.east, car=car, customer=stranger, bond="driver")
    assert misplaced_rows() == [
        f"customers_ownership {row.pk} of store {world.east.pk} points by customer_id into store {world.west.pk}"
    ]


def test_every_key_between_stores_rows_is_looked_at() -> None:
    found = set(keys_between_stores_rows())
    assert ("customers_ownership", "car_id", "customers_car") in found
    assert len(found) > 40
