"""Tomorrow's list goes to those who need it; the figures say what keeping bookings is worth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from huichang.domains.accounts.models import Role, User
from huichang.domains.appointments import figures, queries, readiness
from huichang.domains.appointments.house import rules_told
from huichang.domains.appointments.models import BookingBand, Touch
from huichang.domains.appointments.operations import day
from huichang.domains.catalog.models import Absence, StaffMember
from huichang.domains.contacts.models import Message
from huichang.domains.dealers.models import PolicyValue, StorePost
from huichang.domains.worklist.models import ToDo
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at
from tests.factories.keeping_store import THURSDAY, Keeping, status

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def east(quick: Store) -> Keeping:
    return Keeping(quick)


def person(east: Keeping, role: str, **fields: str) -> User:
    user = User.objects.create(username=f"{role}1", name=role, password="!", **fields)
    post = Role.objects.get(code=role)
    StorePost.objects.create(dealer=east.dealer, user=user, role=post, start_date=date(2020, 1, 1))
    return user


def test_tomorrows_list_is_mailed_once_a_day_to_those_who_need_it(east: Keeping) -> None:
    booking = east.book(day=TUESDAY)
    manager = person(east, "service_manager", email="wang@example.com")
    person(east, "cashier", email="kasse@example.com")

    assert east.do("mail_tomorrow", dealer=east.dealer, now=at("16:00")) == 0
    assert east.do("mail_tomorrow", dealer=east.dealer, now=at("17:05")) == 1
    east.do("mail_tomorrow", dealer=east.dealer, now=at("17:10"))

    mail = Message.objects.get(purpose="staff")
    assert mail.staff_id == manager.pk
    assert booking.car.plate in mail.values["text"]
    assert "施工单还没有打印(预约专员)" in mail.values["text"]


def test_the_mail_tells_what_was_booked_today_for_later(east: Keeping) -> None:
    booking = east.book(day=THURSDAY, now=at("10:00"))
    person(east, "foreman", email="zheng@example.com")

    east.do("mail_tomorrow", dealer=east.dealer, now=at("17:05"))

    text = Message.objects.get(purpose="staff").values["text"]
    assert "今天新约的以后的预约:1 个" in text
    assert f"11-26 09:45  {booking.car.plate}" in text
    assert "快保1号" in text


def test_a_day_without_bookings_sends_nothing(east: Keeping) -> None:
    person(east, "service_manager", email="wang@example.com")
    assert east.do("mail_tomorrow", dealer=east.dealer, now=at("18:00")) == 0


def test_people_are_assigned_only_when_they_can(east: Keeping) -> None:
    booking = east.book(day=TUESDAY)
    painter = east.store.technician("钱强", "喷漆")
    quick = east.store.technician("罗平", "快保")
    with pytest.raises(OperationRefused, match="没有“快保”资质"):
        east.do("assign", booking=booking, technician_id=painter.pk)
    Absence.objects.create(
        dealer=east.dealer, staff=quick, starts_at=at("08:00", TUESDAY), ends_at=at("12:00", TUESDAY)
    )
    with pytest.raises(OperationRefused, match="那时不在"):
        east.do("assign", booking=booking, technician_id=quick.pk)
    Absence.objects.all().delete()

    east.do("assign", booking=booking, technician_id=quick.pk)

    assert booking.blocks.get(kind="work").staff_id == quick.pk


def test_the_wait_of_booked_customers_is_measured_from_arrival_to_work(east: Keeping) -> None:
    for clock, came in (("09:00", "08:50"), ("11:00", "11:05"), ("14:00", "13:40")):
        booking = east.book(day=TUESDAY, clock=clock)
        east.do("arrive", booking=booking, now=at(came, TUESDAY))

    found = figures.wait_to_start(east.dealer, TUESDAY, THURSDAY)

    assert (found.booked.visits, found.booked.median, found.booked.within_15) == (3, Decimal(10), 2)
    assert (found.walk_in.visits, found.saved, found.unmeasured) == (0, None, 0)


def test_the_start_that_somebody_entered_counts_before_the_boards(east: Keeping) -> None:
    booking = east.book(day=TUESDAY, clock="09:00")
    with pytest.raises(TransitionRefused, match="还没到店"):
        day.begin_work(booking=booking, actor=east.actor, now=at("09:00", TUESDAY))
    east.do("arrive", booking=booking, now=at("08:50", TUESDAY))
    day.begin_work(booking=booking, actor=east.actor, now=at("09:30", TUESDAY))
    day.begin_work(
        booking=booking, actor=east.actor, now=at("09:40", TUESDAY)
    )  # said twice: the first counts

    found = figures.wait_to_start(east.dealer, TUESDAY, THURSDAY)

    assert (found.booked.median, found.booked.told) == (Decimal(40), 1)
    east.store.bay("快保2号", "快保")
    other = east.store.technician("罗平", "快保")
    day.place(
        booking=booking,
        starts_at=booking.starts_at,
        technician_id=other.pk,
        actor=east.actor,
        now=at("09:45", TUESDAY),
    )
    assert figures.wait_to_start(east.dealer, TUESDAY, THURSDAY).booked.told == 1


def test_no_shows_are_counted_by_customer_first_services_first(east: Keeping) -> None:
    car, customer = east.store.car(), east.store.customer()
    for clock in ("09:00", "11:00"):
        booking = east.book(day=TUESDAY, clock=clock, car=car, customer=customer)
        east.do("mark_no_show", booking=booking, now=at("17:00", TUESDAY))
    first = east.book(day=TUESDAY, clock="14:00", first_service=True, now=NOW)
    east.do("mark_no_show", booking=first, now=at("17:00", TUESDAY))

    rows = figures.no_shows(east.dealer, TUESDAY, THURSDAY)

    assert [row.times for row in rows] == [1, 2, 2]
    assert rows[0].booking.is_first_service


def test_another_technician_voids_the_printed_papers_and_says_whose_turn_it_is(east: Keeping) -> None:
    booking = east.book(day=TUESDAY)
    east.print_all(booking)
    east.do("confirm", booking=booking)
    assert status(booking) == "confirmed"
    old = booking.documents.get(kind="work_order", status="valid")
    other = east.store.technician("罗平", "快保")

    east.do("assign", booking=booking, technician_id=other.pk)

    old.refresh_from_db()
    assert (old.status, status(booking)) == ("replaced", "tentative")
    assert booking.documents.get(kind="work_order", status="valid").printed_at is None
    assert booking.documents.get(kind="estimate", status="valid").printed_at is not None
    state = readiness.of(east.dealer, [queries.get(booking.pk)], NOW)[booking.pk]
    assert [(point.text, point.turn) for point in state.lacking] == [("施工单还没有打印", "预约专员")]
    todo = ToDo.objects.get(kind="appointments.papers", reference=booking.number)
    assert (todo.status, todo.target_id, todo.needs) == ("open", booking.pk, "appointments.prepare")
    assert "技师 张伟 → 罗平" in todo.text

    east.print_all(booking)

    todo.refresh_from_db()
    assert (todo.status, status(booking)) == ("done", "confirmed")


def test_papers_that_were_not_printed_are_not_void(east: Keeping) -> None:
    booking = east.book(day=TUESDAY)
    other = east.store.technician("罗平", "快保")

    east.do("assign", booking=booking, technician_id=other.pk)

    assert set(booking.documents.values_list("status", flat=True)) == {"valid"}
    assert not ToDo.objects.exists()


def test_whoever_sold_the_car_is_asked_to_write_and_to_receive(east: Keeping) -> None:
    seller = StaffMember.objects.create(
        dealer=east.dealer, name="卫东", duty="sales", user=person(east, "sales_advisor")
    )
    booking = east.book(day=THURSDAY, first_service=True)
    booking.car.sales_advisor_name = "卫东"
    booking.car.save()

    east.do("confirm", booking=booking)

    receive = ToDo.objects.get(kind="appointments.receive")
    assert (receive.assigned_to, receive.by_hand, receive.status) == (seller.user, True, "open")
    assert "11月26日 09:45" in receive.text
    east.make_due(at("16:05", MONDAY + timedelta(days=2)))
    text = ToDo.objects.get(kind="appointments.sales_text")
    assert (text.assigned_to, text.by_hand) == (seller.user, False)
    east.do("done_by_person", touch=Touch.objects.get(booking=booking, kind="sales_names"))
    text.refresh_from_db()
    assert text.status == "done"
    east.do("arrive", booking=booking, now=at("09:45", THURSDAY))
    receive.refresh_from_db()
    assert receive.status == "cancelled"


def test_the_advisor_reminds_in_person_where_the_store_wants_it(east: Keeping) -> None:
    PolicyValue.objects.create(
        key="appointments.advisor_reminds", level="dealer", dealer=east.dealer, value="1",
        effective_date=date(2026, 1, 1), author_name="测试", created_at=NOW,
    )  # fmt: skip
    booking = east.book(day=THURSDAY)
    east.make_due(at("08:50", THURSDAY))
    todo = ToDo.objects.get()
    assert (todo.kind, todo.by_hand, todo.due_at) == ("appointments.remind", True, booking.arrive_at)
    assert todo.needs == "appointments.arrive"  # the advisor does not sign in: anybody who receives


def test_the_rules_told_to_customers_follow_the_stores_values(east: Keeping) -> None:
    BookingBand.objects.create(
        dealer=east.dealer, name="下午", weekday=2, starts_at="13:00", ends_at="15:00", discount_percent=20
    )
    assert rules_told(east.dealer, MONDAY) == [
        "晚到超过 30 分钟,工位可能让给别的客户",
        "改期或取消请提前 2 小时告诉我们,最多改 3 次",
        "周三 13:00–15:00 工时优惠 20%",
    ]


def test_names_the_customer_was_told_are_corrected_by_the_advisor(east: Keeping) -> None:
    advisor = StaffMember.objects.get(dealer=east.dealer, duty="advisor")
    advisor.user = person(east, "service_advisor")
    advisor.save()
    booking = east.book(day=TUESDAY)
    Touch.objects.filter(booking=booking, kind="names").update(status="asked")
    other = east.store.technician("罗平", "快保")

    east.do("assign", booking=booking, technician_id=other.pk)

    todo = ToDo.objects.get(kind="appointments.names")
    assert (todo.assigned_to, todo.by_hand) == (advisor.user, True)
    assert "罗平" in todo.text
    east.do("cancel", booking=booking, reason="不来了")
    todo.refresh_from_db()
    assert todo.status == "cancelled"
