"""The run as a whole: once per occasion, moved and closed by facts, cases and steps, one car like the nation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huichang.domains.appointments.models import Booking
from huichang.domains.complaints.operations import close_complaint
from huichang.domains.contacts.models import Message, OptOut
from huichang.domains.customers.models import Car, Customer, CustomerPhone, Ownership
from huichang.domains.dealers.models import SpecialDay
from huichang.domains.parts.models import Part
from huichang.domains.reminders import batch
from huichang.domains.reminders.models import Case, Due
from huichang.domains.reminders.operations import cases as operations
from huichang.domains.worklist.models import CallTask
from huichang.domains.workshop.models import OrderLine, ServiceOrder
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.models import StatusChange
from huichang.kernel.scoping import dealer_scope, unscoped
from tests.domains.reminders.running import (
    ACTOR,
    at,
    cases,
    due_of,
    forecast_of,
    kinds_of,
    make_car,
    run,
    visit,
)
from tests.factories.world import (
    World,
    make_booking,
    make_complaint,
    make_customer,
    make_opt_out,
    make_schedule,
    make_world,
    owner_of,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)  # a Tuesday


@pytest.fixture
def world() -> World:
    made = make_world()
    make_schedule(made.east, interval_months=6, interval_km=10_000)
    return made


@pytest.fixture
def car(world: World) -> Car:
    """Serviced on 27 December: due on Saturday 27 June by time."""
    made = make_car(world.east, sale_date=date(2024, 6, 1))
    visit(world.east, made, date(2025, 12, 27), 11_000)
    return made


def _rows(dealer_id: int) -> list[tuple[object, ...]]:
    with dealer_scope(dealer_id):
        return list(
            Due.objects.order_by("car_id", "kind", "key").values_list(
                "car_id", "kind", "key", "due_date", "call_date", "last_safe_day", "status", "customer_id"
            )
        )


def test_the_same_run_again_changes_nothing(world: World, car: Car) -> None:
    first = run(world.east, TODAY)
    before = _rows(world.east.pk)

    second = run(world.east, TODAY)

    assert first.new["scheduled_service"] == 1
    assert (sum(second.new.values()), sum(second.moved.values()), sum(second.closed.values())) == (0, 0, 0)
    assert (second.new_cases, second.closed_cases, second.tasks, second.messages) == (0, 0, 0, 0)
    assert _rows(world.east.pk) == before


def test_one_car_one_store_and_the_nation_give_the_same_answers(world: World) -> None:
    for dealer in (world.east, world.west):
        for n in range(4):
            made = make_car(
                dealer,
                sale_date=date(2023, 6, 25),
                compulsory_insurance_end_date=TODAY + timedelta(days=5 * n),
            )
            visit(dealer, made, date(2025, 12, 10) + timedelta(days=9 * n), 20_000 + 500 * n)

    with unscoped("the nation"):
        batch.run(actor=ACTOR, as_of=TODAY)
    nation = [_rows(world.east.pk), _rows(world.west.pk)]
    with unscoped("begin anew"):
        Due.objects.all().delete()
        Case.objects.all().delete()
    for dealer in (world.east, world.west):
        with dealer_scope(dealer.pk):
            for one in Car.objects.order_by("pk"):
                batch.run(actor=ACTOR, as_of=TODAY, dealers=[dealer], car_ids=[one.pk])

    assert [_rows(world.east.pk), _rows(world.west.pk)] == nation
    assert len(nation[0]) >= 8


def test_the_number_of_statements_does_not_grow_with_the_cars(world: World, car: Car) -> None:
    run(world.east, TODAY)
    with CaptureQueriesContext(
        connection,
    ) as few:
        run(world.east, TODAY)
    for n in range(10):
        visit(world.east, make_car(world.east), date(2025, 12, 27), 20_000 + n)
    run(world.east, TODAY)
    with CaptureQueriesContext(connection) as many:
        run(world.east, TODAY)

    assert len(many) == len(few)


def test_steps_fall_on_working_days_before_the_parts_lead_time(world: World, car: Car) -> None:
    with dealer_scope(world.east.pk):
        for part, days in (("P-OIL", 0), ("P-BPF", 6)):
            Part.objects.create(dealer=world.east, code=part, name=part, lead_days=days)
        order = ServiceOrder.objects.get(car=car)
        for position, code in enumerate(("P-OIL", "P-BPF"), start=2):
            OrderLine.objects.create(
                dealer=world.east, order=order, position=position, kind="part", code=code, name=code, quantity=1,
                unit_price=1, amount=1,
            )  # fmt: skip
        # an earlier first service, so that the order above counts as a later one
        ServiceOrder.objects.create(
            dealer=world.east,
            car=car,
            number="RO-FIRST",
            arrived_at=at(date(2024, 9, 1)),
            business_type="首保",
        )

    run(world.east, TODAY)

    due = due_of(car, "scheduled_service")
    assert due.due_date == date(2026, 6, 27)
    # 6 days for the part and 1 to prepare: Saturday 20 June. The Dragon Boat holiday of 2026 is 19 to 21 June.
    assert due.last_safe_day == date(2026, 6, 18)
    assert due.message_date == date(2026, 6, 14)
    assert due.call_date == date(2026, 6, 16)
    assert due.second_call_date == due.last_safe_day
    assert due.case is not None
    assert due.case.last_safe_day == due.last_safe_day


def test_a_closed_day_of_the_store_moves_the_call_earlier(world: World, car: Car) -> None:
    with dealer_scope(world.east.pk):
        SpecialDay.objects.create(dealer=world.east, day=date(2026, 6, 16), is_open=False, reason="盘点")

    run(world.east, date(2026, 6, 10))

    assert due_of(car, "scheduled_service").call_date == date(2026, 6, 15)


def test_the_case_waits_for_its_day_and_then_asks_for_the_call(world: World, car: Car) -> None:
    early = run(world.east, date(2026, 6, 10))
    assert (early.new_cases, early.tasks, early.messages) == (1, 0, 0)
    message_day = run(world.east, date(2026, 6, 14))
    assert (message_day.tasks, message_day.messages) == (0, 1)

    run(world.east, TODAY)

    (case,) = cases(world.east, "open")
    with dealer_scope(world.east.pk):
        task = CallTask.objects.get(source="reminders.case", source_id=case.pk)
        message = Message.objects.get()
    assert (task.step, task.status, task.last_safe_day, task.ready_at) == (
        "first_call", "open", case.last_safe_day, at(TODAY, 8),
    )  # fmt: skip
    assert case.step == "first_call"
    assert message.key == f"case:{case.pk}:260614"
    assert "6月27日" in message.body


def test_a_household_is_one_case_with_all_reasons(world: World, car: Car) -> None:
    husband = owner_of(world.east, car)
    wife = make_customer(world.east, name="周敏", called_through=husband)
    hers = make_car(world.east, owner=wife, compulsory_insurance_end_date=date(2026, 7, 1))
    firm = make_customer(world.east, name="长江物流", kind="company")
    for _ in range(3):
        make_car(world.east, owner=firm, inspection_due_date=date(2026, 7, 1))

    run(world.east, TODAY)

    found = {case.customer_id: case for case in cases(world.east, "open")}
    assert set(found) == {husband.pk, firm.pk}
    with dealer_scope(world.east.pk):
        assert {(due.car_id, due.kind) for due in found[husband.pk].reasons.all()} == {
            (car.pk, "scheduled_service"), (hers.pk, "compulsory_insurance"),
        }  # fmt: skip
        assert found[firm.pk].reasons.count() == 3
    assert found[husband.pk].due_date == date(2026, 6, 27)


def test_a_corrected_date_moves_the_same_reason(world: World) -> None:
    insured = make_car(world.east, compulsory_insurance_end_date=date(2026, 7, 1))
    run(world.east, TODAY)
    due = due_of(insured, "compulsory_insurance")
    _update(insured, compulsory_insurance_end_date=date(2026, 7, 4))

    result = run(world.east, TODAY, [insured])

    moved = due_of(insured, "compulsory_insurance")
    assert (moved.pk, moved.due_date, moved.case_id) == (due.pk, date(2026, 7, 4), due.case_id)
    assert (result.moved["compulsory_insurance"], result.new["compulsory_insurance"]) == (1, 0)


def test_a_renewed_policy_ends_the_reason_and_its_case(world: World) -> None:
    insured = make_car(world.east, compulsory_insurance_end_date=date(2026, 7, 1))
    run(world.east, TODAY)
    _update(insured, compulsory_insurance_end_date=date(2027, 7, 1))

    run(world.east, TODAY, [insured])

    due = due_of(insured, "compulsory_insurance")
    assert (due.status, due.close_cause) == ("closed", "done")
    (case,) = cases(world.east)
    assert (case.status, case.close_cause) == ("closed", "done")
    assert _task(case).status == "cancelled" if _has_task(case) else True


def test_the_case_closes_itself_when_the_car_comes_in(world: World, car: Car) -> None:
    run(world.east, TODAY)
    visit(world.east, car, date(2026, 6, 18), 13_000)

    run(world.east, date(2026, 6, 18), [car])

    (case,) = cases(world.east)
    assert (case.status, case.close_cause, case.closed_on) == ("returned", "returned", date(2026, 6, 18))
    assert _task(case).status == "cancelled"
    with dealer_scope(world.east.pk):
        moves = StatusChange.objects.filter(table_name="reminders_case", row_id=case.pk).order_by("pk")
        assert [(move.before, move.after) for move in moves] == [("", "open"), ("open", "returned")]
    assert forecast_of(car).service_due_date == date(2026, 12, 18)


def test_a_visit_without_the_service_leaves_the_service_due(world: World, car: Car) -> None:
    run(world.east, TODAY)
    visit(world.east, car, date(2026, 6, 18), 13_000, "事故")

    run(world.east, date(2026, 6, 18), [car])

    assert due_of(car, "scheduled_service").status == "open"


@pytest.mark.parametrize("status", ["sold_on", "scrapped", "moved_away"])
def test_a_car_that_left_the_base_closes_its_case(world: World, car: Car, status: str) -> None:
    run(world.east, TODAY)
    _update(car, status=status)

    run(world.east, TODAY, [car])

    (case,) = cases(world.east)
    assert (case.status, case.close_cause) == ("closed", status)
    assert kinds_of(car) == set()
    assert due_of(car, "scheduled_service").close_cause == status


def test_a_new_owner_is_asked_anew_and_the_former_no_more(world: World, car: Car) -> None:
    run(world.east, TODAY)
    former = owner_of(world.east, car)
    buyer = make_customer(world.east, name="新车主")
    with dealer_scope(world.east.pk):
        Due.objects.filter(car=car).update(calls=1, outcome_code="undecided")
        Ownership.objects.filter(car=car).update(end_date=TODAY)
        Ownership.objects.create(dealer=world.east, car=car, customer=buyer, start_date=TODAY)

    run(world.east, TODAY, [car])

    old, new = cases(world.east)
    assert (old.customer_id, old.status, old.close_cause) == (former.pk, "closed", "new_owner")
    assert (new.customer_id, new.status) == (buyer.pk, "open")
    due = due_of(car, "scheduled_service")
    assert (due.case_id, due.calls, due.outcome_code) == (new.pk, 0, "")


def test_a_refusal_of_everything_ends_the_case_and_is_kept_until_it_is_lifted(world: World, car: Car) -> None:
    run(world.east, date(2026, 6, 10))
    customer = owner_of(world.east, car)
    make_opt_out(world.east, customer=customer, purpose="all", channel="all")

    run(world.east, TODAY)
    run(world.east, TODAY + timedelta(days=1))

    (case,) = cases(world.east)
    assert (case.status, case.close_cause) == ("closed", "opted_out")
    assert due_of(car, "scheduled_service").close_cause == "opted_out"
    with dealer_scope(world.east.pk):
        assert not Message.objects.filter(status="waiting").exists()
        assert not CallTask.objects.filter(status="open").exists()
        OptOut.objects.update(lifted_at=at(TODAY))
    run(world.east, TODAY + timedelta(days=2))
    assert [one.status for one in cases(world.east)] == ["closed", "open"]


def test_a_message_that_waits_is_cancelled_when_the_customer_refuses(world: World, car: Car) -> None:
    run(world.east, date(2026, 6, 14))
    make_opt_out(world.east, customer=owner_of(world.east, car), purpose="service", channel="all")

    run(world.east, date(2026, 6, 14))

    with dealer_scope(world.east.pk):
        assert list(Message.objects.values_list("status", "cause")) == [("cancelled", "opt_out")]


def test_no_telephone_still_leaves_the_message(world: World, car: Car) -> None:
    make_opt_out(world.east, customer=owner_of(world.east, car), purpose="service", channel="phone")

    result = run(world.east, TODAY)

    assert (result.messages, result.tasks, result.new_cases) == (1, 0, 1)


def test_a_refused_purpose_does_not_silence_the_others(world: World, car: Car) -> None:
    _update(car, compulsory_insurance_end_date=date(2026, 7, 1))
    make_opt_out(world.east, customer=owner_of(world.east, car), purpose="insurance", channel="all")

    run(world.east, TODAY)

    assert kinds_of(car) == {"scheduled_service"}
    assert kinds_of(car, "closed") == {"compulsory_insurance"}


def test_messages_are_held_back_with_their_cause(world: World) -> None:
    def due_car(customer: Customer) -> Car:
        made = make_car(world.east, owner=customer, sale_date=date(2024, 6, 1))
        visit(world.east, made, date(2025, 12, 27), 11_000)
        return made

    angry, silent, unreachable = (make_customer(world.east, name=name) for name in ("怒", "静", "无"))
    make_complaint(world.east, car=due_car(angry))
    due_car(silent)
    due_car(unreachable)
    make_opt_out(world.east, customer=silent, purpose="service", channel="sms")
    with dealer_scope(world.east.pk):
        CustomerPhone.objects.filter(customer=unreachable).update(is_wrong=True)

    run(world.east, TODAY)

    with dealer_scope(world.east.pk):
        held = {message.customer_id: (message.status, message.cause) for message in Message.objects.all()}
    assert held == {
        angry.pk: ("suppressed", "complaint"),
        silent.pk: ("suppressed", "opt_out"),
        unreachable.pk: ("suppressed", "no_address"),
    }


def test_a_reminder_held_by_a_complaint_goes_when_it_is_closed_and_still_helps(
    world: World, car: Car
) -> None:
    complaint = make_complaint(world.east, car=car)
    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        assert Message.objects.get().cause == "complaint"

        close_complaint(complaint=complaint, reason="已道歉", actor=ACTOR, now=at(TODAY, 15))
        told = operations.tell_again(
            customer_id=complaint.customer_id, car_id=car.pk, actor=ACTOR, now=at(TODAY, 15)
        )

        assert (told, Message.objects.get().status) == (1, "waiting")


def test_a_held_reminder_stays_back_when_the_customer_was_called_meanwhile(world: World, car: Car) -> None:
    make_complaint(world.east, car=car)
    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        Due.objects.filter(car=car).update(calls=1)

        told = operations.tell_again(customer_id=None, car_id=car.pk, actor=ACTOR, now=at(TODAY, 15))

        assert (told, Message.objects.get().status) == (0, "suppressed")


def test_the_second_call_comes_before_the_lead_time_unless_the_customer_refused(world: World) -> None:
    undecided, refused = (make_car(world.east, sale_date=date(2024, 6, 1)) for _ in range(2))
    for one in (undecided, refused):
        visit(world.east, one, date(2025, 12, 27), 11_000)
    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        CallTask.objects.update(status="done")
        Due.objects.filter(car=undecided).update(calls=1, outcome_code="undecided")
        operations.close_due(
            due=due_of(refused, "scheduled_service"), cause="refused", actor=ACTOR, now=at(TODAY)
        )

    second_day = due_of(undecided, "scheduled_service").second_call_date
    assert second_day is not None
    assert run(world.east, second_day - timedelta(days=1)).tasks == 0
    assert run(world.east, second_day).tasks == 1

    asked, closed = (due_of(one, "scheduled_service").case for one in (undecided, refused))
    assert asked is not None
    assert closed is not None
    assert (_task(asked).step, _task(asked).status) == ("second_call", "open")
    assert (closed.status, closed.close_cause) == ("closed", "refused")


def test_a_booked_case_stays_until_the_car_comes_and_is_asked_again_when_it_is_given_back(
    world: World, car: Car
) -> None:
    run(world.east, TODAY)
    (case,) = cases(world.east)
    booking = make_booking(world.east, car=car, starts_at=at(TODAY + timedelta(days=3)))
    with dealer_scope(world.east.pk):
        CallTask.objects.update(status="done")
        Due.objects.update(calls=1, outcome_code="booked")
        operations.settle_booking(booking_id=booking.pk, actor=ACTOR, now=at(TODAY))

    run(world.east, TODAY + timedelta(days=1))
    assert cases(world.east)[0].status == "booked"

    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=booking.pk).update(status="cancelled")
        operations.ask_again(booking_id=booking.pk, actor=ACTOR, now=at(TODAY))
    run(world.east, TODAY + timedelta(days=1))
    assert _task(case).status == "open"

    with dealer_scope(world.east.pk):
        assert operations.settle_arrival(car_id=car.pk, actor=ACTOR, now=at(TODAY)) == 1
    assert cases(world.east)[0].status == "returned"


def test_who_came_without_having_it_done_is_asked_again_after_a_month(world: World, car: Car) -> None:
    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        operations.settle_arrival(car_id=car.pk, actor=ACTOR, now=at(TODAY))

    run(world.east, TODAY + timedelta(days=29))
    assert kinds_of(car) == set()
    run(world.east, TODAY + timedelta(days=30))

    assert kinds_of(car) == {"scheduled_service"}


def test_a_closed_case_closes_its_reasons(world: World, car: Car) -> None:
    _update(car, compulsory_insurance_end_date=date(2026, 7, 1))
    run(world.east, TODAY)
    (case,) = cases(world.east)

    with dealer_scope(world.east.pk):
        operations.close_case(case=case, cause="done_elsewhere", actor=ACTOR, now=at(TODAY))
    run(world.east, TODAY)

    assert kinds_of(car) == set()
    assert [one.close_cause for one in cases(world.east)] == ["done_elsewhere"]


def test_a_run_needs_its_permission(world: World) -> None:
    with dealer_scope(world.east.pk), pytest.raises(PermissionRefused):
        batch.run(actor=Actor("nobody"), as_of=TODAY, dealers=[world.east])


def _update(car: Car, **fields: object) -> None:
    with dealer_scope(car.dealer_id):
        Car.objects.filter(pk=car.pk).update(**fields)


def _task(case: Case) -> CallTask:
    with dealer_scope(case.dealer_id):
        return CallTask.objects.get(source="reminders.case", source_id=case.pk)


def _has_task(case: Case) -> bool:
    with dealer_scope(case.dealer_id):
        return CallTask.objects.filter(source="reminders.case", source_id=case.pk).exists()
