"""The preparation board, the booking's record, its papers and the waiting list, as their people meet them."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking, DayCheck, SlotOffer, Touch, WaitingEntry
from huichang.domains.dealers.models import OpeningPeriod, SpecialDay
from huichang.domains.parts.models import PartUse
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date, local_moment
from tests.factories import world as make
from tests.factories.parts_store import Room

pytestmark = pytest.mark.django_db


class Workshop:
    """东区店 open around the clock, with one bay, one technician, one advisor, a job that takes an oil filter."""

    def __init__(self) -> None:
        self.world = make.make_world()
        self.store = self.world.east
        self.now = timezone.now()
        self.today = local_date(self.now)
        with dealer_scope(self.store.pk):
            OpeningPeriod.objects.filter(dealer=self.store).delete()
            OpeningPeriod.objects.bulk_create(
                OpeningPeriod(dealer=self.store, weekday=day, opens_at="00:00", closes_at="23:45")
                for day in range(7)
            )
            SpecialDay.objects.bulk_create(
                SpecialDay(dealer=self.store, day=self.today + timedelta(days=n), is_open=True, reason="开业")
                for n in range(1, 8)
            )
        make.make_bay(self.store, skill="快保", name="快保1号", opens_at="00:00", closes_at="23:45")
        self.technician = make.make_technician(self.store, skills=("快保",), name="张伟")
        make.make_advisor(self.store, name="吴倩")
        self.other = make.make_advisor(self.store, name="江敏")
        self.job = make.make_labour(self.store, name="常规保养", hours="0.8", skill="快保")
        with dealer_scope(self.store.pk):
            part = Room(self.store, now=self.now).part("FILTER", 20, name="机油滤清器", price=Decimal(120))
            PartUse.objects.create(dealer=self.store, labour=self.job, part=part, share=1, quantity=1)
        self.manager: Client = make.signed_in(self.world.wang)
        self.advisor: Client = make.signed_in(self.world.li)

    def book(self, days: int = 3, clock: int = 10, **given: Any) -> Booking:
        car = make.make_car(self.store)
        starts = local_moment(self.today + timedelta(days=days), time.min) + timedelta(hours=clock)
        with dealer_scope(self.store.pk):
            made: Booking = operations.book(
                dealer=self.store, car=car, customer=make.owner_of(self.store, car), labour_ids=[self.job.pk],
                starts_at=starts, actor=system("test"), now=self.now, **given,
            )  # fmt: skip
        return made

    def fresh(self, booking: Booking) -> Booking:
        with dealer_scope(self.store.pk):
            return Booking.objects.get(pk=booking.pk)

    def post(self, name: str, *args: Any, **fields: Any) -> Any:
        return self.manager.post(reverse(f"staff:{name}", args=args), fields)

    def page(self, name: str, *args: Any, **query: Any) -> str:
        answer = self.manager.get(reverse(f"staff:{name}", args=args), query)
        assert answer.status_code == 200, answer.content.decode()[:400]
        return str(answer.content.decode())


@pytest.fixture
def shop(db: None) -> Workshop:
    return Workshop()


def test_the_board_says_what_is_missing_and_whose_turn_it_is(shop: Workshop) -> None:
    booking = shop.book()
    page = shop.page("preparation")
    assert booking.car.plate[:2] in page
    assert "施工单还没有打印" in page
    assert "轮到预约专员" in page

    shop.post("booking-print", booking.pk, "all")

    assert shop.fresh(booking).status == "prepared"
    assert "都备好了" in shop.page("preparation")
    assert booking.number not in shop.page("preparation", show="lacking")


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_any_number_of_rows(
    shop: Workshop, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        shop.book(days=1, clock=9 + 2 * number)
    for name, most in (
        ("preparation", 60), ("preparation-tomorrow", 60), ("preparation-sales", 45), ("waiting", 40), ("no-shows", 40),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            shop.page(name)


def test_the_record_shows_checklist_papers_estimate_and_time_line(shop: Workshop) -> None:
    booking = shop.book(fault="低速异响", special_needs="带小孩", waits=True)
    page = shop.page("booking", booking.pk)
    for text in (
        "施工单",
        "估算单",
        "零件出库单",
        "机油滤清器",
        "低速异响",
        "带小孩",
        "在店等候",
        "确认电话",
        "计划中",
    ):
        assert text in page


def test_papers_are_printed_with_what_they_need(shop: Workshop) -> None:
    booking = shop.book()
    answer = shop.post("booking-print", booking.pk, "all")
    assert answer.url == reverse("staff:booking-paper", args=[booking.pk, "all"])
    page = shop.page("booking-paper", booking.pk, "all")
    for text in (booking.number, "技术总监", "FILTER", "张伟", "承诺交车", "2,000 公里或 10 天", "进厂里程"):
        assert text in page


def test_papers_are_handed_on_and_a_refusal_says_what_is_missing(shop: Workshop) -> None:
    booking = shop.book()
    refused = shop.post("booking-hand", booking.pk, to="director")
    assert (refused.status_code, "先打印单据" in refused.content.decode()) == (409, True)
    shop.post("booking-print", booking.pk, "all")
    assert "交给:技术总监" in shop.page("booking", booking.pk)
    shop.post("booking-hand", booking.pk, to="director")
    page = shop.page("booking", booking.pk)
    assert "交给:维修技师" in page
    assert "王建国 登记" in page
    assert shop.post("booking-hand", booking.pk, to="nobody").status_code == 404


def test_a_deposit_is_given_back_after_the_visit_was_cancelled(shop: Workshop) -> None:
    booking = shop.book()
    shop.post("booking-deposit", booking.pk, amount="500", receipt="S-1")
    shop.post("booking-cancel", booking.pk, reason="客户卖车")
    assert "在手定金" in shop.page("booking", booking.pk)
    assert shop.post("booking-deposit-return", booking.pk, amount="900").status_code == 409
    shop.post("booking-deposit-return", booking.pk, amount="500")
    assert "在手定金" not in shop.page("booking", booking.pk)


def test_the_customer_confirms_on_the_record(shop: Workshop) -> None:
    booking = shop.book()
    shop.post("booking-print", booking.pk, "all")
    shop.post("booking-confirm", booking.pk, outcome="yes", note="会带行驶证")
    assert shop.fresh(booking).status == "confirmed"


def test_cancelling_needs_a_reason_and_takes_everything_back(shop: Workshop) -> None:
    booking = shop.book()
    refused = shop.post("booking-cancel", booking.pk, reason="")
    assert refused.status_code == 409
    assert "请写明取消的原因" in refused.content.decode()

    shop.post("booking-cancel", booking.pk, reason="客户卖车", by_phone="1")

    assert shop.fresh(booking).status == "cancelled"
    assert "已作废" in shop.page("booking", booking.pk)


def test_a_late_part_offers_times_and_one_click_rebooks(shop: Workshop) -> None:
    booking = shop.book(days=2)
    with dealer_scope(shop.store.pk):
        operations.parts_late(
            booking=booking, part_name="机油滤清器", expected_date=shop.today + timedelta(days=4),
            actor=system("test"), now=shop.now,
        )  # fmt: skip
    page = shop.page("booking", booking.pk)
    assert "赶不上这次预约" in page
    starts = page.split('name="starts_at" value="')[1].split('"')[0]

    shop.post("booking-rebook", booking.pk, starts_at=starts, reason="配件未到")

    moved = shop.fresh(booking)
    assert moved.starts_at.isoformat() != booking.starts_at.isoformat()
    assert moved.times_moved == 1


def test_an_estimate_is_written_in_rows(shop: Workshop) -> None:
    booking = shop.book()
    rows = {
        "kind": ["labour", "part", "part"], "item": [str(shop.job.pk), "", ""], "name": ["常规保养", "自带机油", ""],
        "quantity": ["0.8", "1", ""], "unit_price": ["180", "0", ""], "supplied_by": ["shop", "customer", "shop"],
        "grade": ["genuine", "aftermarket", "genuine"], "is_key_place": ["0", "1", "0"],
    }  # fmt: skip
    refused = shop.manager.post(
        reverse("staff:booking-estimate", args=[booking.pk]), rows | {"pricing": "symptom"}
    )
    assert refused.status_code == 422
    assert "自带机油" in refused.content.decode()

    shop.manager.post(
        reverse("staff:booking-estimate", args=[booking.pk]),
        rows | {"pricing": "symptom", "risk_amount": "200"},
    )

    page = shop.page("booking", booking.pk)
    assert "不作技术质量保证" in page
    assert "344" in page


def test_an_old_finding_is_added_to_the_estimate_with_its_parts(shop: Workshop) -> None:
    booking = shop.book()
    make.make_finding(shop.store, car=booking.car, text="前制动片厚度不足,建议更换")
    pads = make.make_labour(shop.store, name="更换前制动片", hours="0.8", skill="快保")
    with dealer_scope(shop.store.pk):
        part = Room(shop.store, now=shop.now).part("PAD", 3, name="前刹车片", price=Decimal(540))
        PartUse.objects.create(dealer=shop.store, labour=pads, part=part, share=1, quantity=1)
    page = shop.page("booking-estimate", booking.pk)
    assert "这辆车还可以一起做的" in page
    assert "已预留" in page  # the oil filter of the visit itself
    key = page.split('name="add" value="')[1].split('"')[0]

    rows = {
        "kind": ["labour"], "item": [str(shop.job.pk)], "name": ["常规保养"], "quantity": ["0.8"], "unit_price": ["180"],
        "supplied_by": ["shop"], "grade": ["genuine"], "is_key_place": ["0"], "pricing": "system", "note": "异响待查",
    }  # fmt: skip
    added = shop.manager.post(reverse("staff:booking-estimate", args=[booking.pk]), rows | {"add": key})

    shown = added.content.decode()
    assert added.status_code == 200
    assert 'value="更换前制动片"' in shown
    assert 'value="前刹车片"' in shown
    assert 'value="异响待查"' in shown  # nothing typed is lost
    assert 'name="add"' not in shown  # and it is not offered twice


def test_the_checks_of_the_store_are_kept_with_what_was_missing(shop: Workshop) -> None:
    shop.book(days=2)
    assert "没备好" in shop.page("preparation-check", "folders")
    shop.post("preparation-check-record", "folders", note="明早补打")
    with dealer_scope(shop.store.pk):
        made = DayCheck.objects.get()
    assert (made.kind, made.expected, made.ready, made.checked_by_name) == ("folders", 1, 0, "王建国")
    assert "施工单还没有打印" in made.lacking[0]["reasons"][0]


def test_the_folder_check_tells_ready_visits_whose_papers_are_elsewhere(shop: Workshop) -> None:
    booking = shop.book(days=2)
    shop.post("booking-print", booking.pk, "all")
    shop.post("booking-hand", booking.pk, to="director")
    page = shop.page("preparation-check", "folders")
    assert "备好了,资料夹里还没有" in page
    assert "技术总监" in page
    assert "单据:技术总监" in shop.page("preparation")
    shop.post("booking-hand", booking.pk, to="folder")
    assert "备好了,资料夹里还没有" not in shop.page("preparation-check", "folders")


def test_a_technician_sees_the_own_cars(shop: Workshop) -> None:
    booking = shop.book()
    user = make.make_user("technician", shop.store, name="张伟")
    technician = make.signed_in(user)
    address = reverse("staff:booking", args=[booking.pk])
    board = reverse("staff:preparation")
    assert address in technician.get(board).content.decode()  # nobody's cars are theirs: all are shown
    with dealer_scope(shop.store.pk):
        shop.technician.user = user
        shop.technician.save()
    assert address in technician.get(board).content.decode()
    with dealer_scope(shop.store.pk):
        booking.blocks.filter(kind="work").update(
            staff=make.make_technician(shop.store, skills=("快保",), name="罗平")
        )
    assert address not in technician.get(board).content.decode()
    assert address in technician.get(board, {"mine": "0"}).content.decode()


def test_the_manager_assigns_tomorrows_people(shop: Workshop) -> None:
    booking = shop.book(days=1)
    assert "江敏" in shop.page("preparation-tomorrow")
    shop.post("preparation-assign", booking.pk, advisor=shop.other.pk, technician="")
    with dealer_scope(shop.store.pk):
        assert booking.blocks.get(kind="reception").staff_id == shop.other.pk
    assert "江敏" in shop.page("preparation-sales")


def test_sales_say_that_first_service_customers_were_told(shop: Workshop) -> None:
    shop.book(days=1, first_service=True)
    with dealer_scope(shop.store.pk):
        touch = Touch.objects.filter(kind="sales_names").get()
    if touch.status == "skipped":  # it is after the hour already
        return
    shop.post("touch-done", touch.pk, back="sales")
    with dealer_scope(shop.store.pk):
        touch.refresh_from_db()
    assert (touch.status, touch.proof) == ("done", "person")


def test_a_customer_waits_and_takes_a_freed_slot(shop: Workshop) -> None:
    booking = shop.book(days=5)
    fields = {
        "car": booking.car_id, "customer": booking.customer_id, "booking": booking.pk, "labour": shop.job.pk,
        "first_day": shop.today + timedelta(days=2), "last_day": shop.today + timedelta(days=4),
        "clock_from": "09:00", "clock_until": "17:00",
    }  # fmt: skip
    assert shop.post("waiting-new", **fields).status_code == 302
    assert "已经在候补名单里" in shop.post("waiting-new", **fields).content.decode()
    with dealer_scope(shop.store.pk):
        entry = WaitingEntry.objects.get()
    shop.post("waiting-offer", entry.pk)
    with dealer_scope(shop.store.pk):
        offer = SlotOffer.objects.get()
    assert "接受" in shop.page("waiting")

    shop.post("waiting-answer", offer.pk, "accept")

    assert shop.fresh(booking).status == "cancelled"
    assert "已约上" in shop.page("waiting", status="booked")


def test_the_waiting_report_says_what_it_covers(shop: Workshop) -> None:
    assert "没有开工时间" in shop.page("wait-to-start")


def test_advisors_may_not_plan_the_day(shop: Workshop) -> None:
    booking = shop.book(days=1)
    answer = shop.advisor.post(
        reverse("staff:preparation-assign", args=[booking.pk]), {"advisor": shop.other.pk}
    )
    assert answer.status_code == 403
