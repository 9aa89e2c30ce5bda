"""Whose call it is: by the store's rule for the kind, else whose turn it is (CAL-14, D-08)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huichang.domains.contacts.models import OutcomeCode
from huichang.domains.customers.models import Car
from huichang.domains.dealers.operations import set_policy
from huichang.domains.worklist.models import CallTask
from huichang.domains.workshop.models import ServiceOrder
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import ACTOR, at, make_car, run, visit
from tests.factories.world import World, make_call, make_schedule, make_user, make_world

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)


@pytest.fixture
def world() -> World:
    made = make_world()
    make_schedule(made.east, interval_months=6, interval_km=10_000)
    return made


@pytest.fixture
def car(world: World) -> Car:
    """Serviced once, by advisor 陈静; sold by 卫东; due on 27 June."""
    made = make_car(world.east, sale_date=date(2024, 6, 1), sales_advisor_name="卫东")
    visit(world.east, made, date(2025, 12, 27), 11_000)
    with dealer_scope(world.east.pk):
        ServiceOrder.objects.update(advisor_name="陈静")
    return made


def _set(world: World, name: str, raw: str) -> None:
    with dealer_scope(world.east.pk):
        set_policy(
            key=f"reminders.{name}", raw=raw, dealer=world.east, effective_date=TODAY, actor=ACTOR, now=at(TODAY)
        )  # fmt: skip


def _whose(world: World, day: date = TODAY) -> str:
    run(world.east, day)
    with dealer_scope(world.east.pk):
        task = CallTask.objects.select_related("assigned_to").get()
        return task.assigned_to.name if task.assigned_to else ""


def test_without_a_rule_it_is_whose_turn_it_is(world: World, car: Car) -> None:
    make_user("service_advisor", world.east, name="陈静")
    assert _whose(world) == ""


def test_the_advisor_of_the_last_visit(world: World, car: Car) -> None:
    make_user("service_advisor", world.east, name="陈静")
    _set(world, "scheduled_service_caller", "service_advisor")
    assert _whose(world) == "陈静"


def test_who_spoke_with_the_customer_last(world: World, car: Car) -> None:
    _set(world, "scheduled_service_caller", "last_agent")
    spoken = OutcomeCode.objects.get(dealer=None, code="undecided")
    not_reached = OutcomeCode.objects.get(dealer=None, code="no_answer")
    for days, agent, outcome in (
        (200, world.wang, spoken), (100, world.li, spoken), (90, world.wang, not_reached),
    ):  # fmt: skip
        make_call(
            world.east, car=car, agent=agent, outcome=outcome, started_at=at(TODAY - timedelta(days=days))
        )
    assert _whose(world) == "李伟"


def test_the_seller_calls_about_the_first_services_only(world: World, car: Car) -> None:
    make_user("service_advisor", world.east, name="卫东")  # a role that may make calls
    _set(world, "seller_services", "1")
    assert _whose(world) == ""  # the car has had one service here


def test_the_seller_calls_while_it_is_one_of_the_first(world: World, car: Car) -> None:
    make_user("service_advisor", world.east, name="卫东")
    _set(world, "seller_services", "2")
    assert _whose(world) == "卫东"


@pytest.mark.parametrize("reason", ["left", "may not call", "two of the name"])
def test_when_nobody_fits_it_is_whose_turn_it_is(world: World, car: Car, reason: str) -> None:
    _set(world, "scheduled_service_caller", "service_advisor")
    if reason == "may not call":
        make_user("technician", world.east, name="陈静")
    if reason == "two of the name":
        make_user("service_advisor", world.east, name="陈静")
        make_user("dcrc_agent", world.east, name="陈静")
    assert _whose(world) == ""


def test_what_a_supervisor_arranged_stands_for_the_second_call(world: World, car: Car) -> None:
    make_user("service_advisor", world.east, name="陈静")
    _set(world, "scheduled_service_caller", "service_advisor")
    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        CallTask.objects.update(assigned_to=world.li, status="done")
        car.dues.update(calls=1, outcome_code="undecided")
        second = car.dues.get(kind="scheduled_service").second_call_date
    assert second is not None
    assert _whose(world, second) == "李伟"
