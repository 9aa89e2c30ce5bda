"""The booking panel as an agent meets it, and the pages of a booking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huichang.domains.appointments.models import Booking
from huichang.domains.dealers.models import OpeningPeriod, SpecialDay
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories import world as make

pytestmark = pytest.mark.django_db


class Desk:
    """李 at her desk in 东区店, with a car of 周建国 and one bay, technician and advisor for quick service."""

    def __init__(self) -> None:
        self.world = make.make_world()
        self.store = self.world.east
        with dealer_scope(self.store.pk):  # every day of the week: the test runs on any of them
            OpeningPeriod.objects.filter(dealer=self.store).delete()
            OpeningPeriod.objects.bulk_create(
                OpeningPeriod(dealer=self.store, weekday=day, opens_at="00:00", closes_at="23:45")
                for day in range(7)
            )
        self.bay = make.make_bay(
            self.store, skill="快保", name="快保1号", opens_at="00:00", closes_at="23:45"
        )
        make.make_technician(self.store, skills=("快保",), name="张伟")
        make.make_advisor(self.store, name="吴倩")
        self.labour = make.make_labour(self.store, name="常规保养", hours="0.8", skill="快保")
        self.first = make.make_labour(self.store, name="首次保养", hours="0.6", skill="快保")
        self.car = make.make_car(self.store, plate="渝B62D81")
        self.customer = make.owner_of(self.store, self.car)
        self.client: Client = make.signed_in(self.world.li)
        self.day = local_date(timezone.now()) + timedelta(days=1)
        with dealer_scope(self.store.pk):  # open although it may be a holiday
            SpecialDay.objects.create(dealer=self.store, day=self.day, is_open=True, reason="开业")

    def ask(self, **more: Any) -> str:
        return self.client.get(reverse("staff:booking-panel"), self.fields(**more)).content.decode()

    def fields(self, **more: Any) -> dict[str, Any]:
        return {"car": self.car.pk, "customer": self.customer.pk, "day": self.day.isoformat()} | more

    def slot(self, clock: str) -> str:
        return f"{self.day.isoformat()}T{clock}:00+08:00"

    def post(self, name: str, *args: Any, **fields: Any) -> Any:
        data = self.fields(labour=["", self.labour.pk]) | fields  # the list “add a job” sends an empty one
        return self.client.post(reverse(f"staff:{name}", args=args), data)

    def bookings(self) -> list[Booking]:
        with dealer_scope(self.store.pk):
            return list(Booking.objects.order_by("pk"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_panel_suggests_the_job_of_the_reason_and_lists_slots_that_can_be_kept(desk: Desk) -> None:
    page = desk.ask(kind="first_service")

    assert f'name="labour" value="{desk.first.pk}" checked' in page
    assert desk.slot("10:00") in page
    assert 'name="first_service" value="1" checked' in page


def test_choosing_a_slot_holds_it_and_says_who_keeps_it(desk: Desk) -> None:
    page = desk.post("booking-hold", starts_at=desk.slot("10:00")).content.decode()

    [held] = desk.bookings()
    assert held.status == "held"
    assert "工位 快保1号 10:00–11:00" in page
    assert "技师 张伟(快保资质)" in page
    assert "服务顾问 吴倩 09:45 接待" in page
    assert f'name="hold" value="{held.pk}"' in page


def test_choosing_another_slot_gives_the_first_hold_back(desk: Desk) -> None:
    desk.post("booking-hold", starts_at=desk.slot("10:00"))
    [first] = desk.bookings()

    desk.post("booking-hold", starts_at=desk.slot("10:30"), hold=first.pk)

    assert [row.status for row in desk.bookings()] == ["cancelled", "held"]


def test_booking_what_is_held_confirms_it_in_place(desk: Desk) -> None:
    desk.post("booking-hold", starts_at=desk.slot("10:00"))
    [held] = desk.bookings()

    answer = desk.post("booking-create", starts_at=desk.slot("10:00"), hold=held.pk, note="要等")

    [booked] = desk.bookings()
    assert (booked.pk, booked.status, booked.note) == (held.pk, "tentative", "要等")
    assert f"已临时预约 {booked.number}" in answer.content.decode()
    assert answer.headers["HX-Trigger"] == "booking:done"


def test_a_slot_that_was_taken_meanwhile_is_refused_with_alternatives_and_the_note_kept(desk: Desk) -> None:
    desk.post("booking-create", starts_at=desk.slot("10:00"))

    answer = desk.post("booking-create", starts_at=desk.slot("10:00"), note="要等")

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "快保工位 10:00–11:00 都已占用" in page
    assert "可以改约" in page
    assert 'value="要等"' in page
    assert len(desk.bookings()) == 1


def test_a_full_slot_shows_its_reasons_before_anything_is_held(desk: Desk) -> None:
    desk.post("booking-create", starts_at=desk.slot("10:00"))

    page = desk.ask(labour=desk.labour.pk, starts=desk.slot("10:15"))

    assert "快保工位 10:15–11:15 都已占用" in page
    assert "临时预约" not in page


def test_the_post_address_stays_on_this_site(desk: Desk) -> None:
    page = desk.ask(labour=desk.labour.pk, post="//evil.example/steal")

    assert "evil.example" not in page
    assert f'hx-post="{reverse("staff:booking-create")}"' in page


def test_another_stores_car_is_not_found(desk: Desk) -> None:
    foreign = make.make_car(desk.world.west)

    answer = desk.client.get(reverse("staff:booking-panel"), desk.fields(car=foreign.pk))

    assert answer.status_code == 404


def test_the_day_board_and_lists_show_the_booking(desk: Desk) -> None:
    desk.post("booking-create", starts_at=desk.slot("10:00"))
    [booked] = desk.bookings()
    day = {"day": desk.day.isoformat()}

    board = desk.client.get(reverse("staff:bookings"), day).content.decode()
    week = desk.client.get(reverse("staff:bookings-week"), day).content.decode()
    paper = desk.client.get(reverse("staff:bookings-print"), day).content.decode()

    assert (
        "bd-bar is-tentative at-120 for-12" in board
    )  # from 10:00 for an hour, the board begins at midnight
    assert "渝B·62D81" in week
    assert "快保1号 · 张伟" in paper
    detail = desk.client.get(reverse("staff:booking", args=[booked.pk])).content.decode()
    assert booked.number in detail


def test_a_booking_is_moved_through_the_panel(desk: Desk) -> None:
    desk.post("booking-create", starts_at=desk.slot("10:00"))
    [booked] = desk.bookings()

    answer = desk.post(
        "booking-move", booked.pk, starts_at=desk.slot("10:30"), moves=booked.pk, reason="客户晚到"
    )

    assert answer.headers["HX-Redirect"] == reverse("staff:booking", args=[booked.pk])
    assert desk.bookings()[0].starts_at.isoformat().startswith(desk.day.isoformat())
    assert "修改" in desk.client.get(reverse("staff:booking", args=[booked.pk])).content.decode()


def test_cancelling_needs_a_reason_and_frees_the_bay(desk: Desk) -> None:
    desk.post("booking-create", starts_at=desk.slot("10:00"))
    [booked] = desk.bookings()

    refused = desk.client.post(reverse("staff:booking-cancel", args=[booked.pk]), {"reason": ""})
    done = desk.client.post(reverse("staff:booking-cancel", args=[booked.pk]), {"reason": "客户出差"})

    assert refused.status_code == 409
    assert done.status_code == 302
    assert desk.bookings()[0].status == "cancelled"
    assert desk.post("booking-create", starts_at=desk.slot("10:00")).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_day_page_asks_the_same_number_of_questions_for_any_number_of_bookings(
    desk: Desk, rows: int, django_assert_max_num_queries: Any
) -> None:
    for clock in ("10:00", "12:00", "14:00")[:rows]:
        desk.post("booking-create", starts_at=desk.slot(clock))

    with django_assert_max_num_queries(45):
        desk.client.get(reverse("staff:bookings"), {"day": desk.day.isoformat()})


def test_the_panel_says_who_may_go_before_and_keeps_why(desk: Desk) -> None:
    make.make_complaint(desk.store, car=desk.car)
    page = desk.ask(labour=desk.labour.pk)
    assert "投诉:2026-06-13 的投诉还没有结案" in page
    assert "用优先位" in page

    page = desk.ask(labour=desk.labour.pk, priority="complaint")
    assert 'value="2026-06-13 的投诉还没有结案"' in page
    refused = desk.post("booking-create", starts_at=desk.slot("10:00"), priority="complaint")
    assert (refused.status_code, desk.bookings()) == (409, [])
    assert "请写明为什么用优先位" in refused.content.decode()
    desk.post(
        "booking-create", starts_at=desk.slot("10:00"), priority="complaint", priority_reason="投诉还没有结案"
    )
    [booking] = desk.bookings()
    assert (booking.priority, booking.priority_reason) == ("complaint", "投诉还没有结案")


def test_somebody_without_the_right_is_told_whom_to_ask(desk: Desk) -> None:
    make.make_complaint(desk.store, car=desk.car)
    desk.client = make.signed_in(make.make_user("sales_advisor", desk.store))
    page = desk.ask(labour=desk.labour.pk)
    assert "您没有用优先位的权限" in page
    assert 'value="complaint"' not in page
