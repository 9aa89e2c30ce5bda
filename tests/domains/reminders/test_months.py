"""The month: planned on the last day of the one before, late arrivals visible, frozen with every car in one bucket."""

from __future__ import annotations

from datetime import date

import pytest

from huichang.domains.contacts.models import Message
from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.operations import set_policy
from huichang.domains.reminders import census, months
from huichang.domains.reminders.models import Due, MonthEntry, MonthStatus
from huichang.domains.reminders.models import Month as MonthRow
from huichang.domains.reminders.operations import cases as operations
from huichang.domains.worklist.models import CallTask
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import ACTOR, at, due_of, make_car, run, visit
from tests.factories.world import World, make_message, make_schedule, make_world

pytestmark = pytest.mark.django_db
JUNE = date(2026, 6, 1)
LAST_OF_MAY = date(2026, 5, 31)


@pytest.fixture
def world() -> World:
    made = make_world()
    for dealer in (made.east, made.west):
        make_schedule(dealer, interval_months=6, interval_km=20_000)
    return made


def _serviced(dealer: Dealer, day: date) -> Car:
    car = make_car(dealer, sale_date=date(2024, 9, 1))
    visit(dealer, car, day, 9_000)
    return car


def _plan(dealer: Dealer) -> int:
    with dealer_scope(dealer.pk):
        return operations.plan(dealers=[dealer], month=JUNE, actor=ACTOR, now=at(LAST_OF_MAY, 20))


def _freeze(dealer: Dealer) -> int:
    with dealer_scope(dealer.pk):
        return operations.freeze(dealers=[dealer], month=JUNE, actor=ACTOR, now=at(date(2026, 7, 1)))


def test_the_plan_is_made_once_and_what_comes_later_is_late(world: World) -> None:
    planned = _serviced(world.east, date(2025, 12, 20))
    _serviced(world.east, date(2026, 2, 20))  # due in August
    run(world.east, LAST_OF_MAY)
    assert _plan(world.east) == 1
    late = make_car(world.east, compulsory_insurance_end_date=date(2026, 6, 20))

    run(world.east, date(2026, 6, 2))

    assert _plan(world.east) == 0
    with dealer_scope(world.east.pk):
        lines = {line.car_id: line.is_late for line in census.plan(month=JUNE).rows}
        assert census.plan_counts(month=JUNE) == {
            "scheduled_service": (1, 0), "compulsory_insurance": (0, 1),
        }  # fmt: skip
    assert lines == {planned.pk: False, late.pk: True}


def test_every_car_of_the_base_ends_in_one_bucket_with_its_cause(world: World) -> None:
    untouched = _serviced(world.east, date(2026, 3, 20))
    came = _serviced(world.east, date(2025, 12, 5))
    refused = _serviced(world.east, date(2025, 12, 8))
    reminded = _serviced(world.east, date(2025, 12, 10))
    overlooked = _serviced(world.east, date(2025, 12, 20))
    run(world.east, LAST_OF_MAY)
    _plan(world.east)
    visit(world.east, came, date(2026, 6, 3), 12_000)
    run(world.east, date(2026, 6, 3))
    with dealer_scope(world.east.pk):
        Due.objects.filter(car=refused).update(calls=1, outcome_code="refused")
        operations.close_due(
            due=due_of(refused, "scheduled_service"), cause="refused", actor=ACTOR, now=at(date(2026, 6, 3))
        )
        Due.objects.filter(car=overlooked).update(messaged_on=None)

    with dealer_scope(world.east.pk):
        live = census.census(month=JUNE)
        listed = {entry.car_id for entry in census.entries(month=JUNE).rows}
    assert _freeze(world.east) == 5

    with dealer_scope(world.east.pk):
        found = census.census(month=JUNE)
        entries = {entry.car_id: (entry.bucket, entry.cause) for entry in MonthEntry.objects.all()}
    assert entries == {
        untouched.pk: ("not_due", ""),
        came.pk: ("returned", ""),
        refused.pk: ("not_returned", "refused"),
        reminded.pk: ("not_tracked", "not_called"),
        overlooked.pk: ("not_reminded", "overlooked"),
    }
    assert (live.frozen, found.frozen) == (False, True)
    assert live.rows == found.rows
    assert listed == set(entries)
    assert (found.base, found.due) == (5, 4)
    assert found.by_kind == {
        "scheduled_service": {"returned": 1, "not_returned": 1, "not_tracked": 1, "not_reminded": 1}
    }


def test_a_frozen_month_never_changes(world: World) -> None:
    car = _serviced(world.east, date(2025, 12, 20))
    run(world.east, LAST_OF_MAY)
    _plan(world.east)
    run(world.east, date(2026, 6, 10))
    _freeze(world.east)
    with dealer_scope(world.east.pk):
        before = census.census(month=JUNE)

    visit(world.east, car, date(2026, 6, 25), 12_000)
    run(world.east, date(2026, 7, 2))

    assert _freeze(world.east) == 0
    with dealer_scope(world.east.pk):
        assert census.census(month=JUNE) == before
        assert MonthRow.objects.get().status == MonthStatus.FROZEN


def test_a_running_month_cannot_be_frozen(world: World) -> None:
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused):
        operations.freeze(dealers=[world.east], month=JUNE, actor=ACTOR, now=at(date(2026, 6, 30), 23))


def test_region_and_maker_see_the_sum_of_the_stores(world: World) -> None:
    for dealer, days in ((world.east, (5, 10)), (world.west, (8,))):
        for day in days:
            _serviced(dealer, date(2025, 12, day))
        run(dealer, LAST_OF_MAY)
        _plan(dealer)
        run(dealer, date(2026, 6, 5))
        _freeze(dealer)

    with dealer_scope(world.east.pk, world.west.pk):
        together = census.census(month=JUNE)
    alone = []
    for dealer in (world.east, world.west):
        with dealer_scope(dealer.pk):
            alone += census.census(month=JUNE).rows

    assert together.rows == alone
    assert {pk: sum(row.values()) for pk, row in together.by_dealer.items()} == {
        world.east.pk: 2,
        world.west.pk: 1,
    }


def test_pages_of_cars_follow_each_other(world: World) -> None:
    cars = [_serviced(world.east, date(2025, 12, 20)).pk for _ in range(5)]
    run(world.east, LAST_OF_MAY)
    _plan(world.east)
    seen: list[int] = []
    after = ""
    with dealer_scope(world.east.pk):
        while True:
            page = census.entries(month=JUNE, kind="scheduled_service", after=after, limit=2)
            seen += [entry.car_id for entry in page.rows]
            if not (after := page.next):
                break
    assert seen == cars


def test_the_daily_job_plans_and_freezes_by_itself(world: World) -> None:
    from huichang.domains.reminders.jobs import run_store

    _serviced(world.east, date(2025, 12, 20))
    run_store(dealer_id=world.east.pk, timestamp=int(at(LAST_OF_MAY, 6).timestamp()))
    with dealer_scope(world.east.pk):
        assert months.is_planned(JUNE, [world.east])
    run_store(dealer_id=world.east.pk, timestamp=int(at(date(2026, 7, 2), 6).timestamp()))

    with dealer_scope(world.east.pk):
        assert census.census(month=JUNE).frozen
        assert CallTask.objects.filter(status="open").exists()


def _told(world: World, *chain: tuple[str, str, str]) -> str:
    """The cause in the census of a car whose message went from channel to channel: (channel, status, cause) each."""
    car = _serviced(world.east, date(2025, 12, 20))
    run(world.east, LAST_OF_MAY)
    _plan(world.east)
    run(world.east, date(2026, 6, 8))
    with dealer_scope(world.east.pk):
        message = Message.objects.get()
        for number, (channel, status, cause) in enumerate(chain):
            if number:
                message = make_message(
                    world.east, customer=message.customer, car=car, fallback_of=message,
                    key=f"{message.root_key}>{channel}",
                )  # fmt: skip
            Message.objects.filter(pk=message.pk).update(channel=channel, status=status, cause=cause)
        (entry,) = census.entries(month=JUNE).rows
    return f"{entry.bucket}: {entry.cause}"


def test_the_third_channel_that_arrives_counts_as_reminded(world: World) -> None:
    told = _told(world, ("wechat", "failed", "gone"), ("sms", "failed", "undelivered"), ("email", "sent", ""))
    assert told == "not_tracked: not_called"


def test_when_no_channel_arrives_the_last_ones_cause_is_told(world: World) -> None:
    told = _told(
        world, ("wechat", "failed", "gone"), ("sms", "failed", "undelivered"), ("email", "failed", "wrong")
    )
    assert told == "not_reminded: wrong"
    assert census.cause_label("wrong", {}) == "地址有误"


def test_a_kind_that_is_switched_off_is_not_planned(world: World) -> None:
    _serviced(world.east, date(2025, 12, 20))
    with dealer_scope(world.east.pk):
        set_policy(
            key="reminders.scheduled_service_on", raw="0", dealer=world.east, effective_date=LAST_OF_MAY,
            actor=ACTOR, now=at(LAST_OF_MAY),
        )  # fmt: skip

    assert _plan(world.east) == 0
