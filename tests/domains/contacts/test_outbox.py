"""A message in the outbox: its channel, and the causes that keep it from going."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from huichang.domains.contacts import operations
from huichang.domains.contacts.models import ChannelRule, Message
from huichang.domains.contacts.queries import message_by_key, messages_of
from huichang.domains.dealers.models import Dealer
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import (
    ACTOR,
    OPENID,
    Clock,
    make_account,
    make_person,
    queue,
    running_fakes,
    statuses,
    work,
)
from tests.factories.world import NOW, make_opt_out, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def fakes() -> Iterator[Fakes]:
    with running_fakes() as started:
        yield started


@pytest.fixture
def east() -> Dealer:
    return make_world().east


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def test_one_key_is_one_message(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    assert queue(east, person, clock).pk == queue(east, person, clock, template="booking.changed").pk


def test_wechat_goes_first_where_the_customer_has_it(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    make_account(east, "official", fakes)
    assert queue(east, make_person(east, openid=OPENID), clock).channel == "wechat"
    assert queue(east, make_person(east), clock, key="b").channel == "sms"


def test_the_text_is_the_one_that_arrives(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    message = queue(east, make_person(east, gender="male"), clock)
    assert message.body.startswith("李海民先生您好,苏E")
    assert "6月18日 09:30到店,保养,服务顾问李伟。" in message.body
    assert "技师" not in message.body  # nobody named one: the part is left out
    assert message.segments == 1
    assert message.address_hint.startswith("138****")


def test_a_missing_variable_is_seen_before_the_customer_sees_it(
    east: Dealer, fakes: Fakes, clock: Clock
) -> None:
    make_account(east, "aliyun", fakes)
    message = queue(east, make_person(east), clock, values={"time": "6月18日 09:30"})
    assert (message.status, message.cause, message.provider_text) == ("suppressed", "template", "{items}")


def test_a_store_without_accounts_says_so(east: Dealer, clock: Clock) -> None:
    operations.seed_messages(actor=ACTOR)
    assert queue(east, make_person(east), clock).cause == "no_account"


def test_what_a_provider_forbids_goes_another_way(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "tencent", fakes)
    make_account(east, "smtp", fakes)
    given = {
        "purpose": "inspection", "template": "reminder.inspection", "values": {"due_date": "7月1日", "items": "年检"},
    }  # fmt: skip
    assert queue(east, make_person(east, email="a@example.com"), clock, **given).channel == "email"
    without = queue(east, make_person(east), clock, key="b", **given)
    assert (without.status, without.cause) == ("suppressed", "forbidden")
    with dealer_scope(east.pk):
        operations.save_rule(
            dealer=east, provider="tencent", purpose="inspection", verdict="allow", actor=ACTOR
        )
        assert ChannelRule.objects.filter(dealer=None, provider="tencent", purpose="inspection").exists()
    assert queue(east, make_person(east), clock, key="c", **given).channel == "sms"


INVITED = {"purpose": "activity", "template": "activity.invitation", "values": {"text": "周六免费检测"}}


def test_marketing_needs_consent_and_says_how_to_stop(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    refused = queue(east, person, clock, key="a", **INVITED)
    assert (refused.status, refused.cause) == ("suppressed", "no_consent")
    with dealer_scope(east.pk):
        consent = operations.give_consent(
            customer=person.customer,
            purpose="activity",
            proof="2026-06-01 到店签署同意书",
            actor=ACTOR,
            now=NOW,
        )
    sent = queue(east, person, clock, key="b", **INVITED)
    assert sent.status == "waiting"
    assert sent.body.endswith("拒收请回复R")
    with dealer_scope(east.pk):
        operations.withdraw_consent(consent=consent, how="来电", actor=ACTOR, now=NOW)
    work(east, clock)
    assert statuses(east)[-1] == ("sms", "suppressed", "no_consent")  # asked again before it goes


def test_birthday_wishes_over_sms_are_promotion(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    message = queue(
        east, make_person(east), clock, purpose="birthday", template="reminder.birthday", values={}
    )
    assert message.cause == "no_consent"


SERVICE = {
    "purpose": "scheduled_service", "template": "reminder.scheduled_service",
    "values": {"due_date": "7月1日", "items": "保养"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "goes"),
    [
        ({"purpose": "all"}, False),
        ({"purpose": "service"}, False),
        ({"purpose": "scheduled_service", "channel": "sms"}, False),
        ({"purpose": "insurance"}, True),
        ({"purpose": "all", "channel": "phone"}, True),
    ],
)
def test_refusals_per_purpose_and_channel(
    east: Dealer, fakes: Fakes, clock: Clock, refused: dict[str, str], goes: bool
) -> None:
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    make_opt_out(east, customer=person.customer, **refused)
    message = queue(east, person, clock, **SERVICE)
    assert (message.status, message.cause) == (("waiting", "") if goes else ("suppressed", "opt_out"))
    # What the customer asked for still arrives: a general refusal is about advertising and reminders.
    assert queue(east, person, clock, key="booking").status == "waiting"


def test_a_refusal_of_one_car_leaves_the_other(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    person, other = make_person(east), make_person(east)
    make_opt_out(east, customer=person.customer, car=person.car)
    assert queue(east, person, clock, key="a", **SERVICE).cause == "opt_out"
    person.car = other.car
    assert queue(east, person, clock, key="b", **SERVICE).status == "waiting"


def test_a_reminder_waits_for_the_morning_and_a_confirmation_does_not(
    east: Dealer, fakes: Fakes, clock: Clock
) -> None:
    make_account(east, "aliyun", fakes)
    clock.now = datetime.fromisoformat("2026-06-16T21:30:00+08:00")
    person = make_person(east)
    reminder = queue(east, person, clock, key="a", **SERVICE)
    assert reminder.planned_for == datetime.fromisoformat("2026-06-17T08:00:00+08:00")
    assert queue(east, person, clock, key="b").planned_for == clock.now


def test_a_message_beyond_its_time_is_not_sent(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    queue(east, make_person(east), clock, expires_at=NOW + timedelta(minutes=30))
    clock.forward(minutes=31)
    work(east, clock)
    assert statuses(east) == [("sms", "suppressed", "expired")]
    assert fakes.inbox.letters(to=OPENID) == []


class TestPressure:
    """Four contacts in thirty days, whatever they are about; what the customer asked for is not among them."""

    @pytest.fixture(autouse=True)
    def _accounts(self, east: Dealer, fakes: Fakes) -> None:
        make_account(east, "aliyun", fakes)

    def test_the_cap_holds_back_reminders_and_no_confirmation(self, east: Dealer, clock: Clock) -> None:
        person = make_person(east)
        for number in range(4):
            assert queue(east, person, clock, key=f"r{number}", **SERVICE).status == "waiting"
        assert queue(east, person, clock, key="r4", **SERVICE).cause == "pressure"
        for number in range(6):
            assert queue(east, person, clock, key=f"b{number}").status == "waiting"

    def test_marketing_makes_way_for_a_reminder(self, east: Dealer, clock: Clock) -> None:
        person = make_person(east)
        with dealer_scope(east.pk):
            operations.give_consent(
                customer=person.customer, purpose="all", proof="同意书 2026-06-01", actor=ACTOR, now=NOW
            )
        for number in range(4):
            assert queue(east, person, clock, key=f"m{number}", **INVITED).status == "waiting"
        assert queue(east, person, clock, key="reminder", **SERVICE).status == "waiting"
        with dealer_scope(east.pk):
            held = list(Message.objects.filter(cause="pressure").values_list("purpose", flat=True))
        assert held == ["activity"]

    def test_marketing_never_displaces_a_reminder(self, east: Dealer, clock: Clock) -> None:
        person = make_person(east)
        with dealer_scope(east.pk):
            operations.give_consent(
                customer=person.customer, purpose="all", proof="同意书 2026-06-01", actor=ACTOR, now=NOW
            )
        for number in range(4):
            queue(east, person, clock, key=f"r{number}", **SERVICE)
        assert queue(east, person, clock, key="m", **INVITED).cause == "pressure"


def test_a_cancelled_message_does_not_go(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    queue(east, person, clock)
    with dealer_scope(east.pk):
        assert operations.cancel_message(dealer=east, key="booking:1:confirmed", actor=ACTOR, now=NOW)
        assert not operations.cancel_message(dealer=east, key="booking:1:confirmed", actor=ACTOR, now=NOW)
        assert [message.status for message in messages_of(person.customer)] == ["cancelled"]
        found = message_by_key("booking:1:confirmed")
        assert found is not None
        assert found.status == "cancelled"
