"""The first three services: who is to be talked to, what is learned, the time that is asked for, the table a car is in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from huichang.domains.customers.models import Car
from huichang.domains.reminders import programme
from huichang.domains.reminders.models import ProgrammeCard
from huichang.domains.reminders.operations import programme as operations
from huichang.domains.reminders.programme import FIRST, SECOND, Row, Step
from huichang.domains.vehicles.models import OdometerReading
from huichang.domains.worklist.models import ToDo
from huichang.domains.workshop.models import ServiceOrder
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import ACTOR, at, forecast_of, make_car, run, visit
from tests.factories.world import World, actor_of, make_booking, make_user, make_world

pytestmark = pytest.mark.django_db
SOLD = date(2026, 6, 16)
DUE = date(2026, 9, 16)  # three months, by time


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def seller(world: World) -> Any:
    return make_user("sales_advisor", world.east, name="卫东")


@pytest.fixture
def car(world: World) -> Car:
    made = make_car(world.east, sale_date=SOLD, sales_advisor_name="卫东")
    run(world.east, SOLD + timedelta(days=1))
    return made


def row_of(car: Car, today: date) -> tuple[int, Row]:
    with dealer_scope(car.dealer_id):
        found = programme.of_car(car.dealer, car, today=today)
    assert found is not None
    return found


def to_dos(car: Car) -> dict[str, tuple[str, int | None]]:
    with dealer_scope(car.dealer_id):
        return {row.kind: (row.status, row.assigned_to_id) for row in ToDo.objects.filter(target_id=car.pk)}


def ask_sellers(car: Car, day: date) -> int:
    with dealer_scope(car.dealer_id):
        count: int = operations.ask_sellers(dealer=car.dealer, actor=ACTOR, now=at(day, 6))
    return count


def test_the_seller_is_asked_once_to_talk_and_once_to_fix_the_time(car: Car, seller: Any) -> None:
    assert row_of(car, SOLD + timedelta(days=44))[1].step == Step.WAIT
    assert ask_sellers(car, SOLD + timedelta(days=44)) == 0

    assert ask_sellers(car, SOLD + timedelta(days=45)) == 1
    assert ask_sellers(car, SOLD + timedelta(days=46)) == 0
    assert to_dos(car) == {operations.TALK: ("open", seller.pk)}

    due = forecast_of(car).service_due_date
    assert due is not None
    assert ask_sellers(car, due - timedelta(days=8)) == 0
    assert ask_sellers(car, due - timedelta(days=7)) == 1
    assert to_dos(car)[operations.FIX] == ("open", seller.pk)


def test_what_the_talk_learns_is_kept_where_it_belongs(car: Car, world: World, seller: Any) -> None:
    ask_sellers(car, SOLD + timedelta(days=45))
    with dealer_scope(world.east.pk):
        operations.note_use(
            car=car, km=2_400, place="市区上下班", planned_date=date(2026, 8, 20), actor=actor_of(seller, world.east),
            now=at(SOLD + timedelta(days=46)),
        )  # fmt: skip
        assert OdometerReading.objects.get(vehicle=car.vehicle).km == 2_400
        assert Car.objects.get(pk=car.pk).place_of_use == "市区上下班"
        card = ProgrammeCard.objects.get()
    assert (card.talked_by_name, card.planned_date) == ("卫东", date(2026, 8, 20))
    assert to_dos(car)[operations.TALK][0] == "done"
    assert row_of(car, SOLD + timedelta(days=50))[1].step == Step.WAIT


def test_a_talk_that_learned_nothing_is_no_talk(car: Car, world: World) -> None:
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused, match="至少填写"):
        operations.note_use(car=car, note="没接电话", actor=ACTOR, now=at(SOLD))


def test_a_time_is_asked_refused_asked_again_and_booked(car: Car, world: World, seller: Any) -> None:
    asked, now = actor_of(seller, world.east), at(DUE - timedelta(days=7))
    with dealer_scope(world.east.pk):
        operations.ask_for_time(car=car, wanted_at=at(DUE - timedelta(days=2), 10), actor=asked, now=now)
    assert row_of(car, DUE - timedelta(days=7))[1].step == Step.ASKED
    assert to_dos(car)[operations.WANTED] == ("open", None)

    with dealer_scope(world.east.pk):
        clerk = actor_of(make_user("appointment_clerk", world.east, name="吴佳"), world.east)
        operations.answer_time(car=car, answer="那天下午可以", actor=clerk, now=now)
    assert row_of(car, DUE - timedelta(days=7))[1].step == Step.REFUSED
    assert to_dos(car)[operations.ANSWERED] == ("open", seller.pk)

    with dealer_scope(world.east.pk):
        operations.ask_for_time(car=car, wanted_at=at(DUE - timedelta(days=2), 14), actor=asked, now=now)
    booking = make_booking(world.east, car=car, starts_at=at(DUE - timedelta(days=2), 14))
    with dealer_scope(world.east.pk):
        operations.settle_programme(booking=booking, actor=ACTOR, now=now)
        operations.settle_programme(booking=booking, actor=ACTOR, now=now)
    assert row_of(car, DUE - timedelta(days=6))[1].step == Step.BOOKED
    assert {status for status, _who in to_dos(car).values()} == {"done"}


def test_a_booked_car_asks_for_no_other_time(car: Car, world: World) -> None:
    make_booking(world.east, car=car, starts_at=at(DUE - timedelta(days=2), 14))
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused, match="已经有预约"):
        operations.ask_for_time(car=car, wanted_at=at(DUE, 10), actor=ACTOR, now=at(DUE - timedelta(days=7)))


def test_the_specialist_answers_only_what_was_asked(car: Car, world: World) -> None:
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused, match="已经有答复"):
        operations.answer_time(car=car, answer="下午", actor=ACTOR, now=at(DUE))


def test_a_recorded_service_moves_the_car_to_the_next_table(car: Car, world: World) -> None:
    assert row_of(car, DUE)[0] == FIRST
    visit(world.east, car, DUE, 4_800, "首保")
    with dealer_scope(world.east.pk):
        ServiceOrder.objects.update(advisor_name="李伟", technician_name="冯涛")
    run(world.east, DUE + timedelta(days=1))
    done, row = row_of(car, DUE + timedelta(days=1))
    assert (done, row.facts["services"], row.facts["last_km"]) == (SECOND, 1, 4_800)
    assert (row.facts["advisor_name"], row.facts["technician_name"]) == ("李伟", "冯涛")
    with dealer_scope(world.east.pk):
        assert programme.rows(world.east, FIRST, today=DUE + timedelta(days=1)) == []


def test_who_was_not_fully_satisfied_needs_a_reason(car: Car, world: World) -> None:
    with dealer_scope(world.east.pk):
        with pytest.raises(OperationRefused, match="真正|原因"):
            operations.note_satisfaction(car=car, satisfaction="partly", actor=ACTOR, now=at(DUE))
        operations.note_satisfaction(
            car=car,
            satisfaction="partly",
            note="等得太久",
            next_reminder_date=date(2027, 2, 1),
            actor=ACTOR,
            now=at(DUE),
        )
        assert ProgrammeCard.objects.get().satisfaction_note == "等得太久"


def test_the_other_store_has_neither_the_car_nor_the_right(car: Car, world: World) -> None:
    with dealer_scope(world.west.pk):
        assert programme.rows(world.west, FIRST, today=DUE) == []
    nobody = Actor(user_id=1, name="某人", dealer_id=world.east.pk, permissions=frozenset())
    with dealer_scope(world.east.pk), pytest.raises(PermissionRefused):
        operations.note_use(car=car, km=100, actor=nobody, now=at(DUE))
