"""Wall 1 and the setting behind wall 2. The attacks on wall 2 itself are in tests/security."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from huichang.domains.customers.models import Tag
from huichang.domains.dealers.models import Dealer
from huichang.kernel.scoping import ScopeMissing, current_scope, dealer_scope, unscoped


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('huichang.dealers', true)")
        return str(cursor.fetchone()[0] or "")


@pytest.fixture
def stores(db: None) -> tuple[Dealer, Dealer]:
    east = Dealer.objects.create(code="SE", name="东区店")
    west = Dealer.objects.create(code="SW", name="西区店")
    for store in (east, west):
        with dealer_scope(store.pk):
            Tag.objects.create(dealer=store, name=f"VIP {store.code}")
    return east, west


def test_without_a_scope_the_manager_raises(stores: tuple[Dealer, Dealer]) -> None:
    with pytest.raises(ScopeMissing):
        Tag.objects.all()


def test_without_a_scope_the_database_raises_too(stores: tuple[Dealer, Dealer]) -> None:
    with pytest.raises(DatabaseError, match="no dealer scope"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM customers_tag")


def test_a_scope_shows_its_stores_rows_only(stores: tuple[Dealer, Dealer]) -> None:
    east, west = stores
    with dealer_scope(east.pk):
        assert [tag.name for tag in Tag.objects.all()] == ["VIP SE"]
    with dealer_scope(east.pk, west.pk):
        assert Tag.objects.count() == 2
    with dealer_scope():
        assert Tag.objects.count() == 0
    with unscoped("the test compares all stores"):
        assert Tag.objects.count() == 2


def test_scopes_nest_and_restore_the_outer_one(stores: tuple[Dealer, Dealer]) -> None:
    east, west = stores
    with dealer_scope(east.pk):
        with dealer_scope(west.pk):
            assert setting() == str(west.pk)
        assert setting() == str(east.pk)
        assert current_scope().dealer_ids == (east.pk,)
    assert setting() == ""


def test_an_exception_restores_the_outer_scope(stores: tuple[Dealer, Dealer]) -> None:
    east, west = stores
    with dealer_scope(east.pk):
        with pytest.raises(ZeroDivisionError), dealer_scope(west.pk):
            _ = 1 / 0
        assert setting() == str(east.pk)


def test_unscoped_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"), unscoped(""):
        pass
