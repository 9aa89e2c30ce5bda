"""What two records of one customer asked about their data is one request when they become one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huichang.domains.customers import operations as do
from huichang.domains.owners.models import PrivacyRequest
from huichang.domains.owners.operations.requests import ask_privacy
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import NOW, actor_of, make_customer, make_world

pytestmark = pytest.mark.django_db
ASKER = system("test")


@pytest.mark.parametrize("first", ["kept", "dropped"])
def test_the_request_that_was_asked_first_stands_with_its_time_limit_and_both_words(first: str) -> None:
    world = make_world()
    people = {name: make_customer(world.east, name="周建国") for name in ("kept", "dropped")}
    second = "dropped" if first == "kept" else "kept"
    with dealer_scope(world.east.pk):
        one = ask_privacy(customer=people[first], kind="correct", text="手机号变了", actor=ASKER, now=NOW)
        later = NOW + timedelta(days=3)
        ask_privacy(customer=people[second], kind="correct", text="名字写错了", actor=ASKER, now=later)
        ask_privacy(customer=people["dropped"], kind="erase", text="", actor=ASKER, now=later)
        do.merge_customers(
            kept=people["kept"],
            taken=(),
            dropped=people["dropped"],
            reason="同一个人",
            actor=actor_of(world.wang, world.east),
            now=later,
        )
        rows = PrivacyRequest.objects.order_by("kind")
        assert [(row.kind, row.customer_id, row.text) for row in rows] == [
            ("correct", people["kept"].pk, "手机号变了; 名字写错了"),
            ("erase", people["kept"].pk, ""),
        ]
        assert rows[0].due_date == one.due_date
