"""The triggers: who, when, before, after; hidden columns stay hidden; history cannot be rewritten."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from huichang.domains.accounts.models import User
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.operations import add_dealer
from huichang.kernel.actors import system
from huichang.kernel.audit import history
from huichang.kernel.models import ChangeRecord
from huichang.kernel.scoping import dealer_scope


@pytest.fixture
def dealer(db: None) -> Dealer:
    return add_dealer(code="AU", name="审计店", actor=system("王经理"))


def test_a_new_row_is_recorded_with_its_author(dealer: Dealer) -> None:
    (record,) = history([dealer])
    assert (record.action, record.actor_name) == ("created", "王经理")


def test_a_change_keeps_before_and_after(dealer: Dealer) -> None:
    Dealer.objects.filter(pk=dealer.pk).update(city="重庆", phone="02388888888")
    latest = history([dealer])[0]
    assert latest.action == "updated"
    assert latest.changes == {"city": ["", "重庆"], "phone": ["", "02388888888"]}


def test_an_update_that_changes_nothing_leaves_no_record(dealer: Dealer) -> None:
    before = len(history([dealer]))
    Dealer.objects.filter(pk=dealer.pk).update(city=dealer.city)
    assert len(history([dealer])) == before


def test_a_hidden_column_is_recorded_without_its_value(db: None) -> None:
    with dealer_scope():
        user = User.objects.create_user("hidden", "old password", name="隐")
        user.set_password("new password")
        user.save(update_fields=["password"])
        latest = history([user])[0]
    assert latest.changes == {"password": [None, None]}


def test_a_deletion_is_recorded(dealer: Dealer) -> None:
    with dealer_scope(dealer.pk):
        from huichang.domains.customers.models import Tag

        tag = Tag.objects.create(dealer=dealer, name="临时")
        key = tag.pk
        tag.delete()
        latest = ChangeRecord.objects.filter(table_name="customers_tag", row_id=key).latest("at", "id")
    assert latest.action == "deleted"
    assert latest.changes["name"] == ["临时", None]


@pytest.mark.parametrize(
    "statement", ["UPDATE kernel_changerecord SET actor_name = 'x'", "DELETE FROM kernel_changerecord"]
)
def test_the_application_cannot_rewrite_history(dealer: Dealer, statement: str) -> None:
    refused = pytest.raises(DatabaseError, match="permission denied")
    with dealer_scope(dealer.pk), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
