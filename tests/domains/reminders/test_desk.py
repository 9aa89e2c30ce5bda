"""At the desk: one outcome per reason, and the call comes back, ends or becomes a booking — all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.complaints.models import Complaint
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Call, OptOut, OutcomeCode
from huichang.domains.customers.models import Car, CustomerPhone
from huichang.domains.customers.queries import demands
from huichang.domains.reminders.desk import brief_of, lines_of, open_task_of
from huichang.domains.reminders.models import Case, Due
from huichang.domains.reminders.operations.desk import (
    Answer,
    Conversation,
    Talk,
    book_from_call,
    record_outcome,
)
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import CallTask
from huichang.domains.worklist.operations import ClaimedByOther
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date, local_moment
from tests.factories.owners import bind_owner
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    actor_of,
    make_advisor,
    make_bay,
    make_call,
    make_car,
    make_case,
    make_complaint,
    make_due,
    make_finding,
    make_labour,
    make_opt_out,
    make_order,
    make_technician,
    make_world,
    owner_of,
)

pytestmark = pytest.mark.django_db
CLOCK = local_moment(TODAY + timedelta(days=2), NOW.timetz().replace(tzinfo=None))


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    with dealer_scope(made.east.pk):
        contacts.seed_codes(actor=actor_of(made.wang, made.east))
        yield made


@pytest.fixture
def li(world: World) -> Actor:
    return actor_of(world.li, world.east)


@pytest.fixture
def case(world: World, li: Actor) -> Case:
    """A case with a service and an insurance reason, taken by 李."""
    made = make_case(world.east, second_call_date=TODAY + timedelta(days=5))
    make_due(
        world.east, car=made.car, customer=made.customer, case=made, kind="compulsory_insurance", key="ins"
    )
    worklist.claim(task=task_of(made), dealer=world.east, actor=li, now=NOW)
    return made


def code(name: str) -> OutcomeCode:
    return OutcomeCode.objects.get(dealer=None, code=name)


def talked(world: World, case: Case) -> Conversation:
    return Conversation(world.east, case.customer, case.car, task_of(case))


def reasons(case: Case) -> list[Due]:
    return list(Due.objects.filter(case=case).order_by("pk"))


def said(case: Case, actor: Actor, world: World, *names: str, **talk: Any) -> Call:
    """Record these outcomes, one for each reason in order (the last for the rest)."""
    dues = reasons(case)
    codes = [code(name) for name in names] + [code(names[-1])] * (len(dues) - len(names))
    number = (
        CustomerPhone.objects.filter(customer=case.customer).values_list("number", flat=True).first() or ""
    )
    given: dict[str, Any] = {"number": number, "started_at": NOW} | talk
    return record_outcome(
        conversation=talked(world, case), answers=[Answer(due, one) for due, one in zip(dues, codes, strict=True)],
        talk=Talk(**given), actor=actor, now=NOW,
    )  # fmt: skip


def task_of(case: Case) -> CallTask:
    assert case.task is not None
    return CallTask.objects.get(pk=case.task.pk)


def test_refusing_everything_ends_case_and_task_so_that_no_second_call_follows(
    world: World, li: Actor, case: Case
) -> None:
    said(case, li, world, "refused")
    case.refresh_from_db()
    assert (case.status, case.close_cause, task_of(case).status) == ("closed", "refused", "done")
    assert {due.close_cause for due in reasons(case)} == {"refused"}
    assert worklist.claim_next(dealer=world.east, actor=li, now=NOW + timedelta(days=30)) is None


def test_one_outcome_per_reason_leaves_the_other_open_for_a_second_call(
    world: World, li: Actor, case: Case
) -> None:
    call = said(case, li, world, "undecided", "done_elsewhere")
    service, insurance = reasons(case)
    assert (service.status, service.outcome_code, service.calls) == ("open", "undecided", 1)
    assert (insurance.status, insurance.close_cause) == ("closed", "done_elsewhere")
    assert call.outcome == code("undecided")
    task = task_of(case)
    assert (task.status, task.step, task.claimed_by) == ("open", "second_call", None)
    assert local_date(task.ready_at) == case.second_call_date


def test_the_second_call_is_never_planned_after_the_last_safe_day(
    world: World, li: Actor, case: Case
) -> None:
    Case.objects.filter(pk=case.pk).update(second_call_date=case.last_safe_day + timedelta(days=9))
    said(case, li, world, "undecided")
    assert local_date(task_of(case).ready_at) == case.last_safe_day


def test_nobody_answered_comes_back_after_its_working_days_and_is_no_contact(
    world: World, li: Actor, case: Case
) -> None:
    said(
        case, li, world, "unreachable"
    )  # three working days from Tuesday; Friday 19 June is a public holiday
    task = task_of(case)
    assert task.step == "first_call"
    assert local_date(task.ready_at) == date(2026, 6, 22)
    assert [due.calls for due in reasons(case)] == [0, 0]


def test_an_agreed_time_is_kept_to_the_minute_and_may_stay_with_the_agent(
    world: World, li: Actor, case: Case
) -> None:
    at = NOW + timedelta(days=1, minutes=25)
    with pytest.raises(OperationRefused) as refusal:
        said(case, li, world, "call_later")
    assert refusal.value.field == "call_later_at"
    said(case, li, world, "call_later", call_later_at=at, keep_for_me=True)
    task = task_of(case)
    assert (task.step, task.ready_at, task.assigned_to) == ("call_later", at, world.li)


def test_a_wrong_number_is_marked_and_the_other_number_tried_at_once(
    world: World, li: Actor, case: Case
) -> None:
    CustomerPhone.objects.create(
        dealer=world.east, customer=case.customer, number="13900000002", reversed_number="20000000931"
    )
    said(case, li, world, "wrong_number")
    assert CustomerPhone.objects.get(customer=case.customer, is_primary=True).is_wrong
    assert task_of(case).ready_at <= NOW + timedelta(minutes=1)


def test_a_wrong_number_without_another_waits_a_day(world: World, li: Actor, case: Case) -> None:
    said(case, li, world, "wrong_number")
    assert local_date(task_of(case).ready_at) == TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("outcome", "status"), [("sold", "sold_on"), ("scrapped", "scrapped"), ("moved", "moved_away")]
)
def test_a_car_that_left_the_base_takes_all_its_reasons_along(
    world: World, li: Actor, case: Case, outcome: str, status: str
) -> None:
    due = reasons(case)[0]
    record_outcome(
        conversation=talked(world, case), answers=[Answer(due, code(outcome))],
        talk=Talk(number="13800000001", started_at=NOW), actor=li, now=NOW,
    )  # fmt: skip
    case.refresh_from_db()
    assert Car.objects.get(pk=case.car.pk).status == status
    assert {one.close_cause for one in reasons(case)} == {status}
    assert (case.status, task_of(case).status) == ("closed", "done")


def test_no_more_contact_is_kept_per_purpose_with_the_customers_words(
    world: World, li: Actor, case: Case
) -> None:
    with pytest.raises(OperationRefused) as refusal:
        said(case, li, world, "undecided", "opt_out")
    assert refusal.value.field == "opt_out_reason"
    said(case, li, world, "undecided", "opt_out", opt_out_reason="保险不要再打", opt_out_channel="phone")
    kept = OptOut.objects.get()
    assert (kept.purpose, kept.channel, kept.reason) == ("insurance", "phone", "保险不要再打")
    assert [due.close_cause for due in reasons(case)] == ["", "opted_out"]


def test_a_complaint_told_on_the_phone_becomes_one_and_the_case_waits(
    world: World, li: Actor, case: Case
) -> None:
    with pytest.raises(OperationRefused):
        said(case, li, world, "complaint")
    said(case, li, world, "complaint", note="洗车太慢,等了两小时")
    assert Complaint.objects.get().text == "洗车太慢,等了两小时"
    assert local_date(task_of(case).ready_at) == TODAY + timedelta(days=2)


def test_who_lost_the_claim_cannot_save_over_the_other(world: World, li: Actor, case: Case) -> None:
    wang = actor_of(world.wang, world.east)
    later = NOW + timedelta(minutes=11)
    worklist.claim(task=task_of(case), dealer=world.east, actor=wang, now=later)
    with pytest.raises(ClaimedByOther, match="王建国"):
        record_outcome(
            conversation=talked(world, case), answers=[Answer(due, code("refused")) for due in reasons(case)],
            talk=Talk(number="", started_at=later), actor=li, now=later,
        )  # fmt: skip
    assert not Call.objects.exists()


def test_nothing_chosen_is_nothing_saved(world: World, li: Actor, case: Case) -> None:
    with pytest.raises(OperationRefused):
        record_outcome(
            conversation=talked(world, case),
            answers=[],
            talk=Talk(number="", started_at=NOW),
            actor=li,
            now=NOW,
        )
    assert not Call.objects.exists()


@pytest.fixture
def shop(world: World) -> dict[str, object]:
    """One bay, one technician, one advisor and a job: what a booking needs."""
    make_bay(world.east), make_technician(world.east), make_advisor(world.east)
    return {"labour_ids": [make_labour(world.east).pk], "starts_at": CLOCK}


def book(world: World, case: Case, actor: Actor, shop: dict[str, object], **given: Any) -> Booking:
    service, insurance = reasons(case)
    values: dict[str, Any] = {"covered": [service], "answers": [Answer(insurance, code("refused"))]} | given
    return book_from_call(
        conversation=talked(world, case), booking={"car": case.car, "customer": case.customer, **shop},
        talk=Talk(number="13800000001", started_at=NOW), actor=actor, now=NOW, **values,
    )  # fmt: skip


def test_a_booking_ends_the_call_and_moves_the_case_in_one_step(
    world: World, li: Actor, case: Case, shop: dict[str, object]
) -> None:
    made = book(world, case, li, shop)
    case.refresh_from_db()
    service, insurance = reasons(case)
    assert (case.status, case.booking, task_of(case).status) == ("booked", made, "done")
    assert (service.status, service.outcome_code) == ("open", "booked")
    assert (insurance.status, insurance.close_cause) == ("closed", "refused")
    call = Call.objects.get()
    assert (call.outcome, call.results.count()) == (code("booked"), 2)


def test_a_slot_that_is_gone_leaves_the_call_as_it_was(
    world: World, li: Actor, case: Case, shop: dict[str, object]
) -> None:
    other = make_case(world.east)
    worklist.claim(task=task_of(other), dealer=world.east, actor=li, now=NOW)
    dues = reasons(other)
    book_from_call(
        conversation=talked(world, other), booking={"car": other.car, "customer": other.customer, **shop},
        covered=dues, answers=[], talk=Talk(number="13800000001", started_at=NOW), actor=li, now=NOW,
    )  # fmt: skip
    with pytest.raises(SlotTaken):
        book(world, case, li, shop)
    case.refresh_from_db()
    assert (case.status, task_of(case).status, Call.objects.count()) == ("open", "open", 1)


def test_a_caller_without_a_task_is_promised_a_call_back(world: World, li: Actor) -> None:
    car = make_car(world.east)
    at = NOW + timedelta(hours=3)
    call = record_outcome(
        conversation=Conversation(world.east, owner_of(world.east, car), car, None), answers=[],
        outcome=code("call_later"), actor=li, now=NOW,
        talk=Talk(number="13800000001", started_at=NOW, direction="in", note="问备件价格", call_later_at=at),
    )  # fmt: skip
    task = CallTask.objects.get()
    assert (call.direction, task.step, task.subject, task.ready_at) == ("in", "callback", "问备件价格", at)
    assert worklist.claim_next(dealer=world.east, actor=li, now=at) == task
    record_outcome(
        conversation=Conversation(world.east, task.customer, car, task), answers=[], outcome=code("done_here"),
        talk=Talk(number="13800000001", started_at=at), actor=li, now=at,
    )  # fmt: skip
    assert CallTask.objects.get().status == "done"


def test_who_calls_in_settles_the_call_we_owed(world: World, li: Actor, case: Case) -> None:
    wang = actor_of(world.wang, world.east)
    assert open_task_of(case.customer) == case.task
    record_outcome(
        conversation=talked(world, case), answers=[Answer(due, code("done_here")) for due in reasons(case)],
        talk=Talk(number="13800000001", started_at=NOW, direction="in"), actor=wang, now=NOW,
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.status, case.close_cause, task_of(case).status) == ("closed", "done", "done")


def test_the_brief_tells_what_matters_and_hides_what_was_refused(world: World, li: Actor, case: Case) -> None:
    make_order(world.east, car=case.car)
    make_finding(world.east, car=case.car)
    make_finding(world.east, car=case.car, text="雨刮已换", status="done")
    make_complaint(world.east, car=case.car)
    make_call(world.east, car=case.car, rating=7)
    make_opt_out(world.east, customer=case.customer, purpose="insurance")
    brief = brief_of(customer=case.customer, dealer=world.east, now=NOW, task=case.task)
    assert brief.case == case
    assert [reason.due.kind for reason in brief.talk] == ["scheduled_service"]
    assert len(brief.reasons) == 2
    assert [one.text for one in brief.not_done] == ["前刹车片偏薄"]
    assert brief.has_open_complaint
    assert (brief.rating, brief.year_amount) == (7, Decimal(300))
    assert not brief.quiet


def test_the_brief_says_who_can_book_on_the_phone(world: World, case: Case) -> None:
    before = brief_of(customer=case.customer, dealer=world.east, now=NOW, task=case.task)
    bound = bind_owner(case.car)
    after = brief_of(customer=case.customer, dealer=world.east, now=NOW, task=case.task)

    assert (list(before.registrations), list(after.registrations)) == ([], [bound])


def test_a_brief_and_a_page_of_lines_ask_the_database_a_constant_number_of_times(
    world: World, case: Case, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(24) as first:
        brief_of(customer=case.customer, dealer=world.east, now=NOW, task=case.task)
    for _ in range(4):
        make_order(world.east, car=case.car)
        make_finding(world.east, car=case.car, text=f"建议{_}")
        make_call(world.east, car=case.car)
    with django_assert_max_num_queries(len(first.captured_queries) + 2):  # lines of orders, results of calls
        brief_of(customer=case.customer, dealer=world.east, now=NOW, task=case.task)
    task, others = task_of(case), [task_of(make_case(world.east)) for _ in range(3)]
    with django_assert_num_queries(3):
        lines_of([task])
    with django_assert_num_queries(3):
        lines = lines_of([task, *others])
    assert lines[task.pk].reasons == ("定保", "交强险")


def test_a_demand_heard_in_the_talk_is_kept_for_the_supervisor_and_shown_next_time(
    world: World, case: Case, li: Actor
) -> None:
    said(case, li, world, "no_answer", demand=" 想换一辆七座车 ")

    (need,) = demands(start=NOW, end=NOW + timedelta(minutes=1))
    assert (need.customer, need.text, need.noted_by) == (case.customer, "想换一辆七座车", world.li)
    assert demands(start=NOW + timedelta(minutes=1), end=NOW + timedelta(days=1)) == []
    brief = brief_of(customer=case.customer, dealer=world.east, now=NOW, task=task_of(case))
    assert list(brief.needs) == [need]
