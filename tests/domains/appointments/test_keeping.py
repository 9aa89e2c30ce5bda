"""A booking is prepared, confirmed, disturbed by a late part, moved, and kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from huichang.domains.appointments import operations, proposals, queries, readiness
from huichang.domains.appointments.models import Booking, BookingDocument, EstimateLine, Touch
from huichang.domains.contacts.models import Call, Message
from huichang.domains.parts.models import IssueSlip, Reservation
from huichang.domains.worklist.models import CallTask
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at
from tests.factories.keeping_store import THURSDAY, Keeping, status
from tests.journeys.walking import deliver_events


@pytest.fixture
def east(quick: Store) -> Keeping:
    return Keeping(quick)


def lacking(booking: Booking) -> list[tuple[str, str]]:
    """What the checklist misses, and whose turn it is."""
    row = queries.get(booking.pk)
    found = readiness.of(row.dealer, [row], NOW)[row.pk]
    return [(point.text, point.turn) for point in found.lacking]


def test_a_booking_is_made_with_papers_estimate_parts_touches_and_message(east: Keeping) -> None:
    booking = east.book()

    papers = BookingDocument.objects.filter(booking=booking).order_by("pk").values_list("kind", "number")
    assert [(kind, number[0]) for kind, number in papers] == [
        ("work_order", "W"), ("estimate", "E"), ("issue_slip", "P"),
    ]  # fmt: skip
    estimate = booking.estimate
    assert (estimate.labour_amount, estimate.parts_amount, estimate.total_amount) == (
        Decimal("160.00"), Decimal("120.00"), Decimal("280.00"),
    )  # fmt: skip
    assert estimate.promised_at == booking.ends_at + timedelta(minutes=30)
    assert list(Reservation.objects.values_list("reference", "status", "need_date")) == [
        (booking.number, "reserved", THURSDAY)
    ]
    assert east.touches(booking) == {
        "received": "skipped:suppressed", "confirm_call": "planned", "names": "planned", "one_hour": "planned",
        "arrival": "planned",
    }  # fmt: skip
    assert Message.objects.get(key=f"booking:{booking.pk}:received:0").cause == "no_account"


def test_it_is_green_only_when_papers_are_printed_and_then_waits_for_the_customers_word(
    east: Keeping,
) -> None:
    booking = east.book()
    deliver_events()
    assert status(booking) == "tentative"
    assert lacking(booking) == [("施工单还没有打印", "预约专员")]

    east.print_all(booking)

    assert status(booking) == "prepared"
    east.do("confirm", booking=booking, now=at("09:00", MONDAY + timedelta(days=1)))
    assert status(booking) == "confirmed"
    call = Call.objects.get()
    touch = Touch.objects.get(booking=booking, kind="confirm_call")
    assert (touch.status, touch.proof) == ("done", f"call:{call.pk}")
    assert Message.objects.filter(key=f"booking:{booking.pk}:confirmed:0").exists()


def test_a_customer_who_confirms_first_is_formally_booked_when_everything_is_ready(east: Keeping) -> None:
    booking = east.book()
    east.do("confirm", booking=booking)
    assert status(booking) == "tentative"

    east.print_all(booking)

    assert status(booking) == "confirmed"


def test_whoever_books_for_tomorrow_has_just_confirmed(east: Keeping) -> None:
    booking = east.book(day=MONDAY + timedelta(days=1))

    assert east.touches(booking)["confirm_call"] == "skipped:too_late"
    east.print_all(booking)
    assert status(booking) == "confirmed"


def test_an_absent_technician_takes_it_back_to_tentative_and_says_whose_turn_it_is(east: Keeping) -> None:
    from huichang.domains.catalog.models import Absence, StaffMember

    booking = east.book()
    east.print_all(booking)
    person = StaffMember.objects.get(name="张伟")
    Absence.objects.create(
        dealer=east.dealer, staff=person, starts_at=at("08:00", THURSDAY), ends_at=at("18:00", THURSDAY)
    )

    east.do("settle", booking=booking)

    assert status(booking) == "tentative"
    assert lacking(booking) == [("张伟 那时不在", "车间主管")]


def test_a_late_part_puts_the_visit_in_doubt_tells_the_customer_and_proposes_days_that_can_be_kept(
    quick: Store,
) -> None:
    east = Keeping(quick, stock=0, lead_days=9)
    booking = east.book()

    deliver_events()

    assert status(booking) == "tentative"
    expected = booking.preparation.__class__.objects.get(booking=booking).parts_expected_date
    assert expected is not None
    assert expected > THURSDAY
    assert Message.objects.filter(
        key=f"booking:{booking.pk}:parts_late:0", template_name="parts.late"
    ).exists()
    task = CallTask.objects.get(source="appointments.touch")
    assert booking.number in task.subject
    slots = proposals.keepable(queries.get(booking.pk), now=NOW, ready_date=expected)
    assert len(slots) == 3
    assert all(slot.starts_at.date() >= expected for slot in slots)

    east.do("rebook", booking=booking, starts_at=slots[0].starts_at, reason="配件未到")

    booking.refresh_from_db()
    assert (booking.starts_at, booking.times_moved) == (slots[0].starts_at, 1)
    task.refresh_from_db()
    assert task.status == "done"
    assert Touch.objects.get(booking=booking, kind="parts_call").proof.startswith("call:")
    assert Reservation.objects.get().need_date == slots[0].starts_at.date()
    assert set(BookingDocument.objects.filter(booking=booking).values_list("status", flat=True)) == {
        "replaced",
        "valid",
    }
    assert east.touches(booking)["changed"] == "skipped:suppressed"
    deliver_events()
    assert not Message.objects.filter(key=f"booking:{booking.pk}:parts_late:1").exists()


def test_moving_a_booking_moves_its_touches_and_keeps_what_was_done(east: Keeping) -> None:
    booking = east.book()
    later = THURSDAY + timedelta(days=1)

    east.do("change", booking=booking, starts_at=at("11:00", later), reason="客户出差")

    old = Touch.objects.filter(booking=booking, round=0).exclude(kind="received")
    assert set(old.values_list("status", "cause")) == {("skipped", "moved")}
    assert east.touches(booking)["names"] == "planned"
    eve = Touch.objects.get(booking=booking, round=1, kind="names")
    assert eve.planned_at == at("16:00", later - timedelta(days=1))


def test_staff_must_say_why_they_move_or_cancel(east: Keeping) -> None:
    booking = east.book()
    with pytest.raises(OperationRefused, match="原因"):
        east.do("change", booking=booking, starts_at=at("11:00", THURSDAY), reason=" ")
    with pytest.raises(OperationRefused, match="原因"):
        east.do("cancel", booking=booking, reason="")


def test_one_touch_cancels_everything_and_keeps_the_record(east: Keeping) -> None:
    booking = east.book()
    east.print_all(booking)
    east.room.do("draw", reference=booking.number, technician="张伟")

    booking.refresh_from_db()
    east.do("cancel", booking=booking, reason="客户卖车")

    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert not booking.blocks.filter(is_active=True).exists()
    assert set(booking.documents.values_list("status", flat=True)) == {"cancelled"}
    assert Reservation.objects.get().status == "returning"
    assert IssueSlip.objects.get().status == "returning"
    assert {row.status for row in booking.touches.exclude(kind="cancelled")} <= {"skipped", "done"}
    assert Message.objects.get(key=f"booking:{booking.pk}:cancelled:0").values["reason"] == "客户卖车"
    assert EstimateLine.objects.filter(estimate__booking=booking).exists()
    assert east.room.proven()


def test_a_no_show_gets_a_message_and_a_call_and_gives_everything_back(east: Keeping) -> None:
    booking = east.book()

    east.do("mark_no_show", booking=booking, now=at("10:30", THURSDAY))

    assert east.touches(booking)["arrival"] == "skipped:no_show"
    assert Message.objects.filter(template_name="booking.no_show").count() == 1
    assert CallTask.objects.get().subject.startswith("爽约回访")
    assert Reservation.objects.get().status == "released"


def test_arrival_is_proven_by_the_person_and_calls_off_the_rest(east: Keeping) -> None:
    booking = east.book()

    east.do("arrive", booking=booking, now=at("09:50", THURSDAY))

    touches = east.touches(booking)
    assert touches["arrival"] == "done"
    assert touches["one_hour"] == "skipped:arrived"


def test_an_estimate_by_symptom_needs_its_risk_and_an_item_price_its_explanation(east: Keeping) -> None:
    booking = east.book()
    job = operations.Item("labour", "异响检查", Decimal(1), Decimal(200), labour_id=east.service.pk)

    with pytest.raises(OperationRefused, match="风险值"):
        east.do("save_estimate", booking=booking, items=[job], pricing="symptom")
    with pytest.raises(OperationRefused, match="说明"):
        east.do("save_estimate", booking=booking, items=[job], pricing="item")

    estimate = east.do(
        "save_estimate", booking=booking, items=[job], pricing="symptom", risk_amount=Decimal(300)
    )
    assert estimate.total_amount == Decimal(500)
    assert Reservation.objects.get().status == "released"


def test_parts_the_customer_brings_are_not_reserved_and_carry_no_guarantee(east: Keeping) -> None:
    booking = east.book()
    job = operations.Item("labour", "常规保养", Decimal(1), Decimal(200), labour_id=east.service.pk)
    own = operations.Item(
        "part", "自带机油", Decimal(1), Decimal(0), part_id=east.part.pk, supplied_by="customer"
    )

    east.do("save_estimate", booking=booking, items=[job, own])

    assert Reservation.objects.get().status == "released"
    assert EstimateLine.objects.get(kind="part").has_no_guarantee
    assert not booking.documents.filter(kind="issue_slip", status="valid").exists()


def test_a_valuable_part_asks_for_half_its_price(quick: Store) -> None:
    east = Keeping(quick, price="3000")
    booking = east.book()
    assert booking.preparation.deposit_amount == Decimal(1500)

    said = east.do("receive_deposit", booking=booking, amount=Decimal(1500), receipt="S-881")

    assert not said.lacks_deposit
