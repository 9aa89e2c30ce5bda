"""Insurances renewed here: the car's date moves, the reason ends, the month counts cars and premium (INS-04)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from huichang.domains.contacts.models import Call, OutcomeCode
from huichang.domains.customers.models import Car
from huichang.domains.reminders import renewals
from huichang.domains.reminders.models import Case, Renewal
from huichang.domains.reminders.operations.desk import Conversation, Talk, record_outcome
from huichang.domains.reminders.operations.renewals import record_renewal
from huichang.domains.worklist.models import CallTask
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import ACTOR, at, due_of, make_car, run
from tests.factories.world import World, actor_of, make_world

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)
ENDS = date(2026, 6, 24)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def car(world: World) -> Car:
    made = make_car(world.east, compulsory_insurance_end_date=ENDS, commercial_insurance_end_date=ENDS)
    run(world.east, TODAY)
    return made


def renew(car: Car, **given: Any) -> Renewal:
    wanted: dict[str, Any] = {
        "kind": "commercial_insurance", "insurer": "人保财险", "premium": Decimal("3280.50"),
        "end_date": date(2027, 6, 24),
    } | given  # fmt: skip
    with dealer_scope(car.dealer_id):
        made: Renewal = record_renewal(car=Car.objects.get(pk=car.pk), actor=ACTOR, now=at(TODAY), **wanted)
        return made


def test_a_renewal_gives_the_car_its_new_date_and_ends_that_reason(world: World, car: Car) -> None:
    kept = renew(car)
    run(world.east, TODAY, [car])

    assert (kept.expired_date, kept.agent_name, kept.renewed_on) == (ENDS, ACTOR.name, TODAY)
    with dealer_scope(world.east.pk):
        fresh = Car.objects.get(pk=car.pk)
    assert (fresh.insurer, fresh.commercial_insurance_end_date) == ("人保财险", date(2027, 6, 24))
    assert due_of(car, "commercial_insurance").close_cause == "done"
    assert due_of(car, "compulsory_insurance").status == "open"


def test_the_month_counts_the_policies_that_end_in_it_and_those_renewed_here(world: World, car: Car) -> None:
    make_car(world.east, commercial_insurance_end_date=date(2026, 6, 28))
    elsewhere = make_car(world.west, commercial_insurance_end_date=ENDS)
    for dealer in (world.east, world.west):
        run(dealer, TODAY)
    renew(car)
    renew(elsewhere)
    run(world.east, TODAY, [car])

    with dealer_scope(world.east.pk):
        found = {row.kind: row for row in renewals.of_month(TODAY)}
        whole = renewals.together(list(found.values()))
        july = renewals.together(renewals.of_month(date(2026, 7, 1)))

    commercial = found["commercial_insurance"]
    assert (commercial.due, commercial.renewed, commercial.premium) == (2, 1, Decimal("3280.50"))
    assert commercial.share == 0.5
    assert (found["compulsory_insurance"].due, found["compulsory_insurance"].renewed) == (1, 0)
    assert (whole.due, whole.renewed) == (3, 1)
    assert (july.due, july.share) == (0, None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "inspection"}, "kind"),
        ({"insurer": " "}, "insurer"),
        ({"premium": Decimal(0)}, "premium"),
        ({"end_date": ENDS}, "end_date"),
    ],
)
def test_what_cannot_be_a_renewal_is_refused_at_its_field(
    car: Car, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(OperationRefused) as refusal:
        renew(car, **given)
    assert refusal.value.field == field


def test_a_call_whose_reasons_the_renewal_ended_is_entered_all_the_same(world: World, car: Car) -> None:
    with dealer_scope(world.east.pk):
        case = Case.objects.get(car=car)
    renew(car)
    renew(car, kind="compulsory_insurance", premium=Decimal(950))
    run(world.east, TODAY, [car])

    with dealer_scope(world.east.pk):
        task = CallTask.objects.get(source_id=case.pk)
        assert task.status == "cancelled"
        record_outcome(
            conversation=Conversation(world.east, case.customer, car, task), answers=[],
            talk=Talk(number="13800138000", started_at=at(TODAY)), actor=actor_of(world.li, world.east, today=TODAY),
            now=at(TODAY), outcome=OutcomeCode.objects.get(dealer=None, code="done_here"),
        )  # fmt: skip
        assert Call.objects.get().agent == world.li
