"""What a promised visit does not cover stays in the case and is called about by its own dates: never forgotten."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from huichang.domains.appointments import following
from huichang.domains.appointments.models import Booking, Touch, TouchKind
from huichang.domains.contacts.models import OutcomeCode
from huichang.domains.customers.models import Car
from huichang.domains.reminders.models import Case, Due
from huichang.domains.reminders.operations import cases as operations
from huichang.domains.worklist.models import CallTask
from huichang.domains.workshop.models import Finding
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.domains.reminders.running import ACTOR, at, cases, due_of, kinds_of, make_car, run, visit
from tests.factories.world import (
    World,
    make_booking,
    make_call,
    make_finding,
    make_opt_out,
    make_schedule,
    make_world,
    owner_of,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)  # a Tuesday; 19 to 21 June is the Dragon Boat holiday, Sundays are closed
ENDS = date(2026, 7, 14)  # 28 days later: the insurance call's first day is today


@pytest.fixture
def world() -> World:
    made = make_world()
    make_schedule(made.east, interval_months=6, interval_km=10_000)
    return made


@pytest.fixture
def car(world: World) -> Car:
    """Due for a service on 27 June and for its insurance on 14 July."""
    made = make_car(world.east, sale_date=date(2024, 6, 1), compulsory_insurance_end_date=ENDS)
    visit(world.east, made, date(2025, 12, 27), 11_000)
    return made


def promise(world: World, car: Car, day: date, **fields: Any) -> Booking:
    """The customer books a service for a day, and everybody hears of it."""
    booking = make_booking(world.east, car=car, starts_at=at(day), **fields)
    with dealer_scope(world.east.pk):
        CallTask.objects.filter(status="open").update(status="done", attempts=1)
        operations.settle_booking(booking_id=booking.pk, actor=ACTOR, now=at(TODAY))
    return booking


def task(world: World) -> CallTask:
    with dealer_scope(world.east.pk):
        return CallTask.objects.get()


def keep(world: World, booking: Booking, day: date) -> None:
    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=booking.pk).update(status="arrived")
        operations.settle_arrival(car_id=booking.car_id, actor=ACTOR, now=at(day, 10))


def test_a_visit_covers_what_the_workshop_settles_and_nothing_else(world: World, car: Car) -> None:
    run(world.east, TODAY)
    booking = promise(world, car, TODAY + timedelta(days=7))

    assert due_of(car, "scheduled_service").booking_id == booking.pk
    assert due_of(car, "compulsory_insurance").booking_id is None
    (case,) = cases(world.east)
    assert (case.status, case.booking_id) == ("booked", booking.pk)


def test_what_is_not_covered_is_called_about_after_the_visit(world: World, car: Car) -> None:
    run(world.east, TODAY)
    promise(world, car, TODAY + timedelta(days=7))

    for day in range(1, 8):
        assert run(world.east, TODAY + timedelta(days=day)).tasks == 0
    assert run(world.east, TODAY + timedelta(days=8)).tasks == 1

    (case,) = cases(world.east)
    called = task(world)
    assert (case.status, called.status, called.step) == ("booked", "open", "first_call")
    assert called.last_safe_day == case.last_safe_day == due_of(car, "compulsory_insurance").last_safe_day
    assert run(world.east, TODAY + timedelta(days=8)).tasks == 0


def test_before_the_visit_when_there_is_no_safe_day_after_it(world: World, car: Car) -> None:
    run(world.east, TODAY)
    last_safe_day = due_of(car, "compulsory_insurance").last_safe_day
    promise(world, car, last_safe_day + timedelta(days=2))

    assert run(world.east, last_safe_day - timedelta(days=1)).tasks == 0
    assert run(world.east, last_safe_day).tasks == 1


def test_a_last_safe_day_on_the_day_of_the_visit_is_brought_forward(world: World, car: Car) -> None:
    run(world.east, TODAY)
    last_safe_day = due_of(car, "compulsory_insurance").last_safe_day
    promise(world, car, last_safe_day)

    assert run(world.east, last_safe_day - timedelta(days=2)).tasks == 0
    assert run(world.east, last_safe_day - timedelta(days=1)).tasks == 1
    run(world.east, last_safe_day)  # the customer is here: nobody telephones today
    assert local_date(task(world).ready_at) == last_safe_day + timedelta(days=1)
    run(world.east, last_safe_day)
    assert local_date(task(world).ready_at) == last_safe_day + timedelta(days=1)


def test_nobody_is_called_twice_on_one_day(world: World, car: Car) -> None:
    run(world.east, TODAY)
    promise(world, car, TODAY + timedelta(days=7))
    day = TODAY + timedelta(days=8)
    reached = OutcomeCode.objects.create(dealer=None, code="spoken", label="联系到", label_en="Reached")
    make_call(world.east, car=car, started_at=at(day, 9), outcome=reached)

    assert run(world.east, day).tasks == 0
    assert run(world.east, day + timedelta(days=1)).tasks == 1


def test_an_undecided_reason_gets_its_second_call_by_its_own_date(world: World, car: Car) -> None:
    run(world.east, TODAY)
    promise(world, car, TODAY + timedelta(days=2))
    with dealer_scope(world.east.pk):
        Due.objects.filter(kind="compulsory_insurance").update(calls=1, outcome_code="undecided")

    second_day = due_of(car, "compulsory_insurance").second_call_date
    assert second_day == ENDS - timedelta(days=7)
    assert run(world.east, second_day - timedelta(days=1)).tasks == 0
    assert run(world.east, second_day).tasks == 1
    assert task(world).step == "second_call"


def test_the_kept_visit_leaves_the_case_open_for_the_rest(world: World, car: Car) -> None:
    run(world.east, TODAY)
    day = TODAY + timedelta(days=7)
    booking = promise(world, car, day)
    keep(world, booking, day)

    (case,) = cases(world.east)
    assert (case.status, case.booking_id) == ("open", None)
    assert kinds_of(car) == {"compulsory_insurance"}
    assert run(world.east, day).tasks == 0
    assert run(world.east, day + timedelta(days=1)).tasks == 1


def test_a_renewed_policy_ends_its_reason_though_a_visit_is_promised(world: World, car: Car) -> None:
    run(world.east, TODAY)
    promise(world, car, TODAY + timedelta(days=7))
    with dealer_scope(world.east.pk):
        Car.objects.filter(pk=car.pk).update(compulsory_insurance_end_date=ENDS.replace(year=2027))

    run(world.east, TODAY + timedelta(days=1), [car])

    assert due_of(car, "compulsory_insurance").close_cause == "done"
    assert [case.status for case in cases(world.east)] == ["booked"]


def test_a_visit_given_back_asks_about_everything_again(world: World, car: Car) -> None:
    run(world.east, TODAY)
    booking = promise(world, car, TODAY + timedelta(days=7))
    with dealer_scope(world.east.pk):
        Due.objects.filter(booking=booking).update(calls=1, outcome_code="booked")
        Booking.objects.filter(pk=booking.pk).update(status="cancelled")
        operations.ask_again(booking_id=booking.pk, actor=ACTOR, now=at(TODAY))

    assert [case.status for case in cases(world.east)] == ["open"]
    service = due_of(car, "scheduled_service")
    assert (service.booking_id, service.calls, service.outcome_code) == (None, 0, "")
    assert run(world.east, TODAY + timedelta(days=1)).tasks == 1


def test_a_lost_message_about_a_cancelled_visit_is_made_up_for_by_the_run(world: World, car: Car) -> None:
    run(world.east, TODAY)
    booking = promise(world, car, TODAY + timedelta(days=7))
    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=booking.pk).update(status="no_show")

    assert run(world.east, TODAY + timedelta(days=1)).tasks == 1

    assert [case.status for case in cases(world.east)] == ["open"]
    assert due_of(car, "scheduled_service").booking_id is None


def missed(world: World, booking: Booking, day: date) -> Touch:
    """The customer did not come, and the booking asks for a call about it."""
    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=booking.pk).update(status="no_show")
        touch = following.call(
            booking, TouchKind.NO_SHOW_CALL, subject="爽约回访", actor=ACTOR, now=at(day), until=at(day)
        )
        operations.ask_again(booking_id=booking.pk, actor=ACTOR, now=at(day))
        touch.refresh_from_db()
    return touch


def test_who_did_not_come_is_called_once_about_the_visit_and_its_reasons(world: World, car: Car) -> None:
    run(world.east, TODAY)
    day = TODAY + timedelta(days=7)
    touch = missed(world, promise(world, car, day), day)

    assert (touch.status, touch.cause) == ("skipped", "in_outreach")
    run(world.east, day + timedelta(days=1))
    with dealer_scope(world.east.pk):
        assert [one.source for one in CallTask.objects.filter(status="open")] == ["reminders.case"]


def test_a_missed_visit_long_before_its_reasons_are_due_keeps_its_own_call(world: World, car: Car) -> None:
    run(world.east, TODAY)
    booking = promise(world, car, TODAY + timedelta(days=1))
    with dealer_scope(world.east.pk):
        Due.objects.update(call_date=TODAY + timedelta(days=30))
    touch = missed(world, booking, TODAY + timedelta(days=1))

    assert (touch.status, touch.cause) == ("asked", "")


def test_of_two_visits_one_given_back_leaves_the_case_booked(world: World, car: Car) -> None:
    hers = make_car(world.east, owner=owner_of(world.east, car), sale_date=date(2024, 6, 1))
    visit(world.east, hers, date(2025, 12, 28), 9_000)
    run(world.east, TODAY)
    first, second = (
        promise(world, car, TODAY + timedelta(days=7)),
        promise(world, hers, TODAY + timedelta(days=8)),
    )
    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=second.pk).update(status="cancelled")
        operations.ask_again(booking_id=second.pk, actor=ACTOR, now=at(TODAY))

    (case,) = cases(world.east)
    assert (case.status, case.booking_id) == ("booked", first.pk)
    assert due_of(hers, "scheduled_service").booking_id is None


def test_repairs_advised_and_still_not_done_come_back_after_the_stores_days(world: World) -> None:
    car = make_car(world.east, sale_date=date(2024, 6, 1))
    make_finding(world.east, car=car, found_date=date(2026, 3, 16))
    run(world.east, TODAY)
    day = TODAY + timedelta(days=7)
    booking = promise(world, car, day)
    assert due_of(car, "deferred_repair").booking_id == booking.pk
    keep(world, booking, day)

    assert run(world.east, day + timedelta(days=29)).tasks == 0
    assert run(world.east, day + timedelta(days=30)).tasks == 1
    with dealer_scope(world.east.pk):
        Finding.objects.update(status="done")
    run(world.east, day + timedelta(days=31))
    assert due_of(car, "deferred_repair").close_cause == "done"


def test_a_booking_made_anywhere_ends_the_call_about_it(world: World, car: Car) -> None:
    with dealer_scope(world.east.pk):
        Car.objects.filter(pk=car.pk).update(compulsory_insurance_end_date=None)
    run(world.east, TODAY)
    booking = make_booking(world.east, car=car, starts_at=at(TODAY + timedelta(days=5)))
    with dealer_scope(world.east.pk):
        assert operations.settle_booking(booking_id=booking.pk, actor=ACTOR, now=at(TODAY)) == 1
        assert operations.settle_booking(booking_id=booking.pk, actor=ACTOR, now=at(TODAY)) == 0

    run(world.east, TODAY, [car])

    assert (task(world).status, [case.status for case in cases(world.east)]) == ("cancelled", ["booked"])
    with dealer_scope(world.east.pk):
        Booking.objects.update(status="no_show")
    run(world.east, TODAY + timedelta(days=6))
    assert task(world).status == "open"


def test_a_refused_visit_of_the_past_covers_nothing(world: World, car: Car) -> None:
    run(world.east, TODAY)
    booking = make_booking(world.east, car=car, status="cancelled")
    with dealer_scope(world.east.pk):
        assert operations.settle_booking(booking_id=booking.pk, actor=ACTOR, now=at(TODAY)) == 0
        assert Case.objects.get().status == "open"


def test_a_telephone_refusal_that_is_lifted_brings_the_call_back(world: World, car: Car) -> None:
    run(world.east, TODAY)
    refusal = make_opt_out(world.east, customer=owner_of(world.east, car), purpose="all", channel="phone")
    run(world.east, TODAY)
    assert task(world).status == "cancelled"
    with dealer_scope(world.east.pk):
        refusal.lifted_at = at(TODAY)
        refusal.save(update_fields=["lifted_at"])

    run(world.east, TODAY)

    assert task(world).status == "open"
