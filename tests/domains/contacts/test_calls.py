"""A call out keeps the store's rules, or says why not; every call is in the register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest

from huichang.domains.contacts import operations
from huichang.domains.contacts.models import Call, ContactPreference, OutcomeCode
from huichang.domains.contacts.operations import NotNow, Result
from huichang.domains.contacts.queries import is_allowed, pressure_of, rules_of, standing_opt_outs, why_quiet
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_moment
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    actor_of,
    make_call,
    make_car,
    make_customer,
    make_message,
    make_opt_out,
    make_world,
    owner_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    with dealer_scope(made.east.pk):
        operations.seed_codes(actor=actor_of(made.wang, made.east))
        yield made


@pytest.fixture
def li(world: World) -> Actor:
    return actor_of(world.li, world.east)


def code(name: str) -> OutcomeCode:
    return OutcomeCode.objects.get(dealer=None, code=name)


def call(world: World, actor: Actor, **given: Any) -> Call:
    values: dict[str, Any] = {
        "dealer": world.east, "customer": make_customer(world.east), "number": "13800000001", "direction": "out",
        "started_at": NOW, "now": NOW, "outcome": code("refused"), "actor": actor,
    } | given  # fmt: skip
    made: Call = operations.record_call(**values)
    return made


def test_a_call_stands_in_the_register_with_one_result_per_reason(world: World, li: Actor) -> None:
    car = make_car(world.east)
    made = call(
        world, li, customer=owner_of(world.east, car), car=car, note=" 下周来 ",
        results=[
            Result("scheduled_service", "service", code("booked"), car),
            Result("inspection", "inspection", code("done_here"), car),
        ],
        outcome=None, now=NOW + timedelta(minutes=3),
    )  # fmt: skip
    kept = Call.objects.get()
    assert (kept.kinds, kept.note, kept.agent, kept.outcome) == (
        "scheduled_service,inspection", "下周来", world.li, code("booked"),
    )  # fmt: skip
    assert kept.ended_at == kept.started_at + timedelta(minutes=3)
    assert {(one.kind, one.outcome.code) for one in made.results.all()} == {
        ("scheduled_service", "booked"), ("inspection", "done_here"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "why"),
    [
        (time(7, 59), "21:00–08:00"), (time(8, 0), ""), (time(11, 59), ""), (time(12, 0), "午休"), (time(13, 59), "午休"),
        (time(14, 0), ""), (time(20, 59), ""), (time(21, 0), "21:00–08:00"), (time(23, 30), "21:00–08:00"),
    ],
)  # fmt: skip
def test_quiet_hours_run_past_midnight_and_end_on_the_minute(world: World, clock: time, why: str) -> None:
    said = why_quiet(rules_of(world.east, NOW), local_moment(TODAY, clock))
    assert why in said
    assert bool(said) == bool(why)


def test_the_customers_own_wish_is_kept_too(world: World, li: Actor) -> None:
    customer = make_customer(world.east)
    wish = operations.set_preference(customer=customer, avoid_from=time(9), avoid_until=time(11), actor=li)
    assert "09:00–11:00" in why_quiet(rules_of(world.east, NOW), NOW, wish)
    with pytest.raises(NotNow) as refusal:
        call(world, li, customer=customer)
    assert refusal.value.field == "override_reason"
    assert not Call.objects.exists()


def test_half_a_period_is_no_wish(world: World, li: Actor) -> None:
    with pytest.raises(OperationRefused):
        operations.set_preference(customer=make_customer(world.east), avoid_from=time(9), actor=li)
    assert not ContactPreference.objects.exists()


def test_a_call_in_the_night_needs_a_reason_that_is_kept(world: World, li: Actor) -> None:
    night = local_moment(TODAY, time(22))
    with pytest.raises(NotNow):
        call(world, li, started_at=night, now=night)
    made = call(world, li, started_at=night, now=night, override_reason="客户让晚上打")
    assert made.override_reason == "客户让晚上打"


def test_inbound_calls_and_agreed_calls_break_no_rule(world: World, li: Actor) -> None:
    night = local_moment(TODAY, time(22))
    call(world, li, started_at=night, now=night, direction="in")
    call(world, li, started_at=night, now=night, asked_for=True)
    assert Call.objects.count() == 2


def test_contacts_of_all_purposes_count_against_the_cap(world: World, li: Actor) -> None:
    car = make_car(world.east)
    customer = owner_of(world.east, car)
    make_call(world.east, car=car, outcome=code("refused"))
    make_call(world.east, car=car, outcome=code("no_answer"))  # nobody was reached
    make_call(world.east, car=car, outcome=code("refused"), direction="in")  # they called us
    make_call(world.east, car=car, outcome=code("refused"), started_at=NOW - timedelta(days=31))
    make_message(world.east, customer=customer, status="sent")
    make_message(world.east, customer=customer, status="waiting")
    pressure = pressure_of(customer, rules_of(world.east, NOW), NOW)
    assert (pressure.count, pressure.cap, pressure.is_reached) == (2, 4, False)
    for _ in range(2):
        make_message(world.east, customer=customer, status="sent")
    with pytest.raises(NotNow, match="4 次"):
        call(world, li, customer=customer)
    assert call(world, li, customer=customer, override_reason="召回,涉及安全").pk


@pytest.mark.parametrize(
    ("refused", "asked", "allowed"),
    [
        ({"purpose": "insurance"}, {"purpose": "insurance"}, False),
        ({"purpose": "insurance"}, {"purpose": "service"}, True),
        ({"purpose": "all"}, {"purpose": "service"}, False),
        ({"purpose": "service", "channel": "sms"}, {"purpose": "service"}, True),
        ({"purpose": "service", "channel": "phone"}, {"purpose": "service"}, False),
        ({"purpose": "service", "channel": "phone"}, {"purpose": "service", "channel": "wechat"}, True),
    ],
)
def test_a_refusal_holds_for_its_purpose_and_channel(
    world: World, refused: dict[str, Any], asked: dict[str, Any], allowed: bool
) -> None:
    customer = make_customer(world.east)
    make_opt_out(world.east, customer=customer, **refused)
    assert is_allowed(standing_opt_outs([customer.pk]), **asked) is allowed


def test_a_refusal_about_one_car_leaves_the_other_car_alone(world: World) -> None:
    car, other = make_car(world.east), make_car(world.east)
    make_opt_out(world.east, customer=owner_of(world.east, car), car=car)
    refusals = standing_opt_outs([owner_of(world.east, car).pk])
    assert not is_allowed(refusals, purpose="service", car_id=car.pk)
    assert is_allowed(refusals, purpose="service", car_id=other.pk)


def test_no_reason_of_ours_overrides_a_customers_refusal(world: World, li: Actor) -> None:
    customer = make_customer(world.east)
    operations.opt_out(customer=customer, purpose="insurance", reason="别再打保险电话", actor=li, now=NOW)
    with pytest.raises(NotNow, match="只有客户本人"):
        call(
            world, li, customer=customer, override_reason="月底冲业绩", outcome=None,
            results=[Result("compulsory_insurance", "insurance", code("refused"))],
        )  # fmt: skip


def test_only_the_customers_words_lift_a_refusal(world: World, li: Actor) -> None:
    customer = make_customer(world.east)
    refusal = operations.opt_out(customer=customer, reason="太频繁", actor=li, now=NOW)
    assert operations.opt_out(customer=customer, reason="太频繁", actor=li, now=NOW) == refusal
    with pytest.raises(OperationRefused):
        operations.lift_opt_out(refusal=refusal, how=" ", actor=li, now=NOW)
    assert standing_opt_outs([customer.pk]) == [refusal]
    operations.lift_opt_out(refusal=refusal, how="2026-06-16 来电说可以联系", actor=li, now=NOW)
    assert standing_opt_outs([customer.pk]) == []
    with pytest.raises(OperationRefused):
        operations.lift_opt_out(refusal=refusal, how="2026-06-16 来电说可以联系", actor=li, now=NOW)
