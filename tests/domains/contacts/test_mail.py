"""Mail headers are lines: no name, subject or address may add one."""

from __future__ import annotations

import pytest

from huichang.domains.contacts import operations
from huichang.domains.dealers.models import Dealer
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import ACTOR, Clock, make_account, make_person, queue, statuses, work
from tests.factories.world import NOW, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("address", ["li@example.com\r\nBcc: thief@example.com", "李@例子.公司"])
def test_an_address_that_is_none_ends_as_refused_and_reaches_nobody(
    east: Dealer, fakes: Fakes, clock: Clock, address: str
) -> None:
    """Neither a second receiver nor a worker that falls over it."""
    make_account(east, "smtp", fakes)
    before = len(fakes.inbox.letters(provider="smtp"))
    queue(east, make_person(east, email=address), clock, channels=("email",))
    work(east, clock)
    assert [(status, cause) for _channel, status, cause in statuses(east)] == [("failed", "wrong")]
    assert len(fakes.inbox.letters(provider="smtp")) == before


def test_a_subject_begins_no_header_of_its_own(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "smtp", fakes)
    user = make_user(name="王建国")
    type(user).objects.filter(pk=user.pk).update(email="wang2@example.com")
    user.email = "wang2@example.com"
    with dealer_scope(east.pk):
        operations.queue_staff_mail(
            dealer=east,
            user=user,
            subject="明天\r\nBcc: thief@example.com",
            text="x",
            key="s",
            actor=ACTOR,
            now=NOW,
        )
    work(east, clock)
    assert [one.title for one in fakes.inbox.letters(to="wang2@example.com")] == [
        "明天 Bcc: thief@example.com"
    ]
    assert fakes.inbox.letters(to="thief@example.com") == []
