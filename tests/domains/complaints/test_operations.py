from __future__ import annotations

from collections.abc import Iterator

import pytest

from huichang.domains.complaints.operations import close_complaint, record_complaint
from huichang.domains.complaints.queries import open_complaints
from huichang.domains.customers.models import Customer
from huichang.kernel.actors import system
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import NOW, TODAY, make_customer, make_dealer

AGENT = system("测试")


@pytest.fixture
def customer(db: None) -> Iterator[Customer]:
    dealer = make_dealer()
    customer = make_customer(dealer)
    with dealer_scope(dealer.pk):
        yield customer


def test_a_complaint_is_open_until_it_is_closed_once(customer: Customer) -> None:
    complaint = record_complaint(
        dealer=customer.dealer,
        customer=customer,
        car=None,
        category="服务类",
        text=" 等待太久 ",
        actor=AGENT,
        now=NOW,
    )
    assert (complaint.text, complaint.complained_date) == ("等待太久", TODAY)
    assert open_complaints(customer) == [complaint]
    close_complaint(complaint=complaint, reason="已道歉并赠送洗车", actor=AGENT, now=NOW)
    assert open_complaints(customer) == []
    with pytest.raises(TransitionRefused):
        close_complaint(complaint=complaint, reason="再关一次", actor=AGENT, now=NOW)


@pytest.mark.parametrize(("text", "named"), [("  ", "text"), ("等待太久", "customer")])
def test_what_is_missing_is_named(customer: Customer, text: str, named: str) -> None:
    with pytest.raises(OperationRefused) as refusal:
        record_complaint(
            dealer=customer.dealer, customer=None, car=None, category="", text=text, actor=AGENT, now=NOW
        )
    assert refusal.value.field == named
