"""A day of preparing visits in a browser: papers, basket, late part, cancelling, waiting list, no-show, buying, counting."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from huichang.domains.accounts.models import User
from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking
from huichang.domains.parts.models import PartUse, PurchaseOrder, Stocktake
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_moment
from tests.factories import world as make
from tests.factories.parts_store import Room
from tests.journeys.walking import deliver_events

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
THURSDAY = make.TODAY + timedelta(days=2)
A4_WIDTH = 703  # px between the margins of an upright A4 sheet


class Store:
    """东区店 with one bay, a technician, an advisor, and a job that takes brake pads."""

    def __init__(self) -> None:
        self.world = make.make_world()
        self.east = self.world.east
        make.make_bay(self.east, skill="快保", name="快保1号")
        make.make_technician(self.east, skills=("快保",), name="张伟")
        make.make_advisor(self.east, name="吴倩")
        self.job = make.make_labour(self.east, name="更换刹车片", hours="0.8", skill="快保")
        self.clerk = make.make_user("appointment_clerk", self.east, name="吴佳")
        self.parts_clerk = make.make_user("parts_clerk", self.east, name="陈静")
        self.room = Room(self.east, now=make.NOW)

    def shelf(self, stock: int, *, lead_days: int = 3) -> Any:
        with dealer_scope(self.east.pk):
            part = self.room.part(
                "PAD", stock, name="前刹车片", price=Decimal(540), lead_days=lead_days, supplier="中心库"
            )
            self.room.supplier("中心库")
            PartUse.objects.create(dealer=self.east, labour=self.job, part=part, share=1, quantity=1)
        return part

    def book(self, day: date = THURSDAY, clock: int = 10, now: datetime = make.NOW) -> Booking:
        car = make.make_car(self.east)
        with dealer_scope(self.east.pk):
            made: Booking = operations.book(
                dealer=self.east, car=car, customer=make.owner_of(self.east, car), labour_ids=[self.job.pk],
                starts_at=local_moment(day, time(clock)), actor=system("test"), now=now,
            )  # fmt: skip
            deliver_events()
        return made

    def status(self, booking: Booking) -> str:
        with dealer_scope(self.east.pk):
            return Booking.objects.get(pk=booking.pk).status


@pytest.fixture
def store(transactional_db: None) -> Store:
    return Store()


Open = Callable[..., "Page"]


def press(page: Page, name: str) -> None:
    """Press a button or link by what is written on it, and wait for the page that answers."""
    page.locator("main, dialog[open], .ui-paper-bar").get_by_text(name, exact=True).first.click()
    page.wait_for_load_state("networkidle")


def test_a_visit_is_prepared_from_tentative_to_green_and_its_parts_are_drawn_and_issued(
    store: Store, open_page: Open
) -> None:
    store.shelf(3)
    booking = store.book()
    page = open_page(store.clerk, "/preparation")
    assert "施工单还没有打印" in page.inner_text("main")
    page.locator("main tbody tr").first.locator("a").first.click()
    page.wait_for_url(f"**/bookings/{booking.pk}")

    press(page, "打印全部")
    assert page.locator(".pr-paper").count() == 3
    press(page, "返回")
    assert store.status(booking) == "confirmed"  # whoever books two days ahead has just said that he comes
    assert page.locator(".ui-page-head .ui-badge").first.inner_text() == "已确认"
    press(page, "交给:技术总监")
    assert page.locator(".ui-steps .is-now").inner_text().endswith("技术总监")

    shelf = open_page(store.parts_clerk, "/parts/picking")
    press(shelf, "入筐")
    assert "已放入筐位 P01" in shelf.inner_text("body")
    shelf.get_by_role("link", name="打印标签").click()
    label = shelf.inner_text(".pt-label")
    assert "张伟" in label
    assert "P01" in label
    press(shelf, "返回")
    shelf.fill("#signed_by", "张伟")
    press(shelf, "出库给技师")
    facts = shelf.inner_text("main")
    assert "已出库" in facts
    assert "张伟" in facts


def test_a_late_part_offers_times_that_can_be_kept_and_one_press_rebooks(
    store: Store, open_page: Open
) -> None:
    store.shelf(0, lead_days=4)
    booking = store.book()
    page = open_page(store.clerk, f"/bookings/{booking.pk}")
    assert "赶不上这次预约" in page.inner_text("main")
    first = page.locator(".pr-proposals button").first
    said = first.inner_text()
    first.click()
    page.wait_for_load_state("networkidle")
    assert "赶不上这次预约" not in page.inner_text("main")
    assert said.split()[-1] in page.inner_text("h1")
    with dealer_scope(store.east.pk):
        moved = Booking.objects.get(pk=booking.pk)
    assert (moved.times_moved, moved.starts_at > booking.starts_at) == (1, True)


def test_a_shortage_is_ordered_priced_and_received(store: Store, open_page: Open) -> None:
    store.shelf(0, lead_days=1)
    booking = store.book()
    page = open_page(store.parts_clerk, "/parts/needs")
    assert booking.car.plate[:2] in page.inner_text("main tbody")
    press(page, "生成采购单")
    page.locator("input[name^=price-]").fill("380.5")
    page.locator("input[name^=quantity-]").fill("2")
    press(page, "保存草稿")
    assert "761.00" in page.inner_text("main")
    press(page, "已向供应商下单")
    page.locator("input[name=quantity]").fill("2")
    press(page, "入库")
    assert "已入库:前刹车片" in page.inner_text("body")
    with dealer_scope(store.east.pk):
        assert PurchaseOrder.objects.get().status == "received"
        deliver_events()
    page.goto("/parts/arrived")
    assert "前刹车片" in page.inner_text("main")


def test_cancelling_takes_everything_back_and_the_basket_returns_to_its_shelf(
    store: Store, open_page: Open
) -> None:
    store.shelf(3)
    booking = store.book()
    shelf = open_page(store.parts_clerk, "/parts/picking")
    press(shelf, "入筐")
    page = open_page(store.clerk, f"/bookings/{booking.pk}")
    page.keyboard.press("x")
    page.fill("#cancel-reason", "客户出差")
    page.locator("dialog[open] button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    assert store.status(booking) == "cancelled"
    assert "已作废" in page.inner_text("main")

    shelf.reload()
    assert "要退回货架" in shelf.inner_text("main")
    press(shelf, "已退回")
    assert "要退回货架" not in shelf.inner_text("main")


def test_a_customer_waits_for_an_earlier_slot_and_takes_it(store: Store, open_page: Open) -> None:
    store.shelf(9)
    booking = store.book(day=make.TODAY + timedelta(days=6), clock=15)
    page = open_page(store.clerk, f"/bookings/{booking.pk}")
    press(page, "想要更早:加入候补")
    assert page.input_value("#id_first_day") == f"{make.TODAY:%Y-%m-%d}"
    assert page.input_value("#id_clock_from") == "08:00"
    assert page.locator("input[name=labour]:checked").count() == 1
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url("**/waiting")
    press(page, "找空位")
    assert "保留" in page.inner_text("main tbody")
    press(page, "接受")
    page.wait_for_url("**/bookings/*")
    assert store.status(booking) == "cancelled"


def test_who_did_not_come_is_marked_and_listed(store: Store, open_page: Open) -> None:
    store.shelf(3)
    booking = store.book(day=make.TODAY, clock=9, now=make.NOW - timedelta(hours=3))
    page = open_page(store.clerk, f"/bookings/{booking.pk}")
    press(page, "记为爽约")
    assert store.status(booking) == "no_show"
    page.goto(f"/preparation/no-shows?from={make.TODAY:%Y-%m-%d}&to={make.TODAY:%Y-%m-%d}")
    assert "还没来" in page.inner_text("main tbody")


def test_shelves_are_counted_by_one_and_approved_by_another(store: Store, open_page: Open) -> None:
    part = store.shelf(5)
    page = open_page(store.parts_clerk, "/parts/stocktakes")
    press(page, "开始盘点")
    page.locator("input[name^=count-]").fill("4")
    page.locator("input[name^=reason-]").fill("包装破损")
    press(page, "保存并提交审批")
    assert "等有审批权限的另一个人审批" in page.inner_text("main")
    with dealer_scope(store.east.pk):
        sheet = Stocktake.objects.get()

    manager = open_page(store.world.wang, f"/parts/stocktakes/{sheet.pk}")
    assert "-1" in manager.inner_text("main")
    press(manager, "同意,差异入账")
    with dealer_scope(store.east.pk):
        assert store.room.total(part) == (4, 0)


def test_the_seller_asks_for_a_time_and_the_specialist_answers(store: Store, open_page: Open) -> None:
    from tests.domains.reminders.running import make_car, run

    seller = make.make_user("sales_advisor", store.east, name="卫东")
    car = make_car(store.east, sale_date=make.TODAY - timedelta(days=86), sales_advisor_name="卫东")
    run(store.east, make.TODAY)
    page = open_page(seller, "/programme")
    assert "定下到店时间" in page.inner_text("main tbody")
    page.locator("main tbody a").first.click()
    page.wait_for_url(f"**/programme/cars/{car.pk}")
    page.fill("#id_km", "4200")
    page.fill("#id_place", "市区上下班")
    press(page, "登记")
    assert "卫东" in page.inner_text("main")
    page.fill("#ask_wanted_at", f"{THURSDAY:%Y-%m-%d}T10:00")
    press(page, "这个时间能不能约?")
    assert "正在问预约专员" in page.inner_text("main")

    clerk = open_page(store.clerk, "/programme")
    clerk.locator("main tbody a").first.click()
    clerk.wait_for_load_state("networkidle")
    clerk.fill("#pg-answer", "周四下午两点以后")
    press(clerk, "答复销售顾问")
    page.reload()
    assert "周四下午两点以后" in page.inner_text("main")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("paper", "sheets"), [("work_order", 1), ("estimate", 1), ("issue_slip", 1), ("all", 3)]
)
def test_papers_fit_their_sheets(
    store: Store, open_page: Open, paper: str, sheets: int, language: str, request: pytest.FixtureRequest
) -> None:
    store.shelf(3)
    booking = store.book()
    User.objects.filter(pk=store.clerk.pk).update(language=language)
    page = open_page(store.clerk, f"/bookings/{booking.pk}/paper/{paper}", width=A4_WIDTH)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    _printed(page, f"paper-{paper}-{language}", sheets, request)


def test_a_label_is_one_sticker(store: Store, open_page: Open, request: pytest.FixtureRequest) -> None:
    store.shelf(3)
    booking = store.book()
    with dealer_scope(store.east.pk):
        slip = store.room.do("draw", reference=booking.number, technician="张伟")
    page = open_page(store.parts_clerk, f"/parts/slips/{slip.pk}/label")
    page.emulate_media(media="print")
    _printed(page, "label", 1, request)
    page.goto(f"/parts/slips/{slip.pk}/print")
    _printed(page, "slip", 1, request)


def _printed(page: Page, name: str, sheets: int, request: pytest.FixtureRequest) -> None:
    """Print the page; with --pictures keep the sheet for people to look at."""
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    if folder := request.config.getoption("--pictures", default=None):
        Path(folder, f"{name}.pdf").write_bytes(paper)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == sheets
