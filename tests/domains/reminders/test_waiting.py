"""The first call comes after the message has arrived, or surely will not (REM-15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huichang.domains.contacts.models import ChannelAccount, Message
from huichang.domains.customers.models import Car
from huichang.domains.dealers.operations import set_policy
from huichang.domains.reminders import queries
from huichang.domains.worklist.models import CallTask
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import ACTOR, at, due_of, make_car, run, visit
from tests.factories.world import World, make_message, make_schedule, make_world

pytestmark = pytest.mark.django_db
FOUND = date(2026, 6, 16)  # after the day of the message: both steps are due at once


@pytest.fixture
def world() -> World:
    made = make_world()
    make_schedule(made.east, interval_months=6, interval_km=10_000)
    with dealer_scope(made.east.pk):
        ChannelAccount.objects.create(dealer=made.east, label="短信", channel="sms", provider="aliyun")
    return made


@pytest.fixture
def car(world: World) -> Car:
    """Serviced on 24 December: due on 24 June, last safe day 18 June."""
    made = make_car(world.east, sale_date=date(2024, 6, 1))
    visit(world.east, made, date(2025, 12, 24), 11_000)
    return made


def _becomes(world: World, status: str) -> None:
    with dealer_scope(world.east.pk):
        Message.objects.update(status=status)


def _calls(world: World) -> int:
    with dealer_scope(world.east.pk):
        return CallTask.objects.filter(status="open").count()


@pytest.mark.parametrize(
    ("status", "calls"),
    [
        ("waiting", 0),
        ("sending", 0),
        ("sent", 0),
        ("delivered", 1),
        ("read", 1),
        ("failed", 1),
        ("suppressed", 1),
    ],
)
def test_the_call_waits_for_what_becomes_of_the_message(
    world: World, car: Car, status: str, calls: int
) -> None:
    run(world.east, FOUND)
    assert _calls(world) == 0
    _becomes(world, status)

    run(world.east, FOUND, [car])

    assert _calls(world) == calls


def test_a_channel_that_never_reports_has_told_what_it_can_when_it_took_the_message(
    world: World, car: Car
) -> None:
    run(world.east, FOUND)
    with dealer_scope(world.east.pk):
        Message.objects.update(status="sent", channel="email")

    run(world.east, FOUND, [car])

    assert _calls(world) == 1


def test_another_channel_that_took_over_is_waited_for_as_well(world: World, car: Car) -> None:
    run(world.east, FOUND)
    with dealer_scope(world.east.pk):
        first = Message.objects.get()
        Message.objects.update(status="failed")
        make_message(
            world.east, customer=first.customer, car=car, fallback_of=first, key=f"{first.key}>email",
            status="waiting", channel="email",
        )  # fmt: skip

    run(world.east, FOUND, [car])

    assert _calls(world) == 0


def test_nobody_waits_longer_than_the_policy_or_into_the_last_safe_day(world: World, car: Car) -> None:
    run(world.east, FOUND)
    due = due_of(car, "scheduled_service")
    assert due.last_safe_day == FOUND + timedelta(days=2)
    run(world.east, FOUND + timedelta(days=1))
    assert _calls(world) == 0

    run(world.east, due.last_safe_day)

    assert _calls(world) == 1


def test_a_store_may_choose_not_to_wait(world: World, car: Car) -> None:
    with dealer_scope(world.east.pk):
        set_policy(
            key="reminders.await_message_days", raw="0", dealer=world.east, effective_date=FOUND, actor=ACTOR,
            now=at(FOUND),
        )  # fmt: skip

    run(world.east, FOUND)

    assert _calls(world) == 1


def test_a_store_without_channels_has_nothing_to_wait_for(world: World, car: Car) -> None:
    with dealer_scope(world.east.pk):
        ChannelAccount.objects.update(is_active=False)

    run(world.east, FOUND)

    assert _calls(world) == 1


def test_a_report_wakes_only_the_case_whose_call_is_due(world: World, car: Car) -> None:
    run(world.east, FOUND)
    with dealer_scope(world.east.pk):
        key = Message.objects.get().key
        assert queries.case_that_waits(key, on=FOUND) is not None
        assert queries.case_that_waits(key, on=FOUND - timedelta(days=10)) is None
        assert queries.case_that_waits("booking:1:confirmed", on=FOUND) is None
    _becomes(world, "delivered")
    run(world.east, FOUND, [car])
    with dealer_scope(world.east.pk):
        assert queries.case_that_waits(key, on=FOUND) is None
