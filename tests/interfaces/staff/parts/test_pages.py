"""The parts clerk's pages: what they show, what their buttons do, and how many queries they need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.parts.models import (
    Bin,
    IssueSlip,
    OldPart,
    Part,
    PurchaseOrder,
    StockAlarm,
    StockBalance,
    Stocktake,
    Supplier,
    Warehouse,
)
from huichang.interfaces.sessions import NETWORK, STORE
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.parts_store import Room
from tests.factories.world import World, make_booking, make_car, make_user, signed_in

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    """东区店's parts room, today."""
    made = Room(world.east, now=timezone.now())
    with dealer_scope(world.east.pk):
        yield made


@pytest.fixture
def clerk(world: World) -> Client:
    return signed_in(make_user("parts_clerk", world.east, name="陈静"))


@pytest.fixture
def manager(world: World) -> Client:
    return signed_in(world.wang)


@pytest.fixture
def today(room: Room) -> Any:
    return local_date(room.now)


def test_the_stock_is_found_by_code_name_and_place(room: Room, clerk: Client, world: World) -> None:
    room.part("R-1", 5, name="机油 0W-20")
    room.part("R-2", 1, name="前刹车片", safety_stock=4, location="3-01")
    with dealer_scope(world.west.pk):
        Room(world.west).part("W-9", 1, name="别店的")
    everything = text(clerk.get("/parts"))
    assert "机油 0W-20" in everything
    assert "前刹车片" in everything
    assert "别店的" not in everything
    for query in ("q=r-2", "q=刹车", "q=3-01"):
        page = text(clerk.get(f"/parts?{query}"))
        assert "前刹车片" in page
        assert "机油" not in page
    assert "没有找到配件" in text(clerk.get("/parts?q=没有"))


def test_the_list_goes_on_page_by_page(room: Room, clerk: Client) -> None:
    Part.objects.bulk_create(
        Part(dealer=room.dealer, code=f"C-{n:03d}", name=f"第{n:03d}个") for n in range(55)
    )
    first = text(clerk.get("/parts"))
    assert "第049个" in first
    assert "第050个" not in first
    assert "第054个" in text(clerk.get("/parts?after=C-049"))


@pytest.mark.parametrize(
    "url", ["/parts", "/parts/picking", "/parts/needs", "/parts/alarms", "/parts/coming"]
)
def test_more_rows_need_no_more_queries(
    room: Room, clerk: Client, today: Any, queries: Callable[[Client, str], int], url: str
) -> None:
    def fill(name: str) -> None:
        room.reserve(f"X{name}", (room.part(f"S{name}", 5), 1), (room.part(f"L{name}"), 1), need=today)
        room.ordered(room.part(f"O{name}"), 1, expected=today)

    fill("0")
    one = queries(clerk, url)
    for number in range(1, 4):
        fill(str(number))
    assert queries(clerk, url) == one


def test_the_card_shows_places_waiting_visits_and_every_movement(
    room: Room, clerk: Client, today: Any
) -> None:
    pads = room.part("R-1", 3, name="前刹车片")
    booking = make_booking(room.dealer, car=make_car(room.dealer, plate="渝B62D81"), number="A1")
    room.reserve("A1", (pads, 4), need=today)
    page = text(clerk.get(f"/parts/{pads.pk}"))
    for shown in ("渝B·62D81", booking.customer.name, "已预留", "缺货待购", "期初", "之后共 3"):
        assert shown in page


def test_pieces_are_carried_and_written_off_from_the_card(room: Room, clerk: Client) -> None:
    pads = room.part("R-1", 3)
    target = room.place("2-02")
    url = f"/parts/{pads.pk}/move"
    clerk.post(url, {"source": room.place().pk, "target": target.pk, "quantity": "1", "reason": ""})
    clerk.post(url, {"what": "scrap", "place": room.place().pk, "quantity": "1", "reason": "破损"})
    assert {row.bin.code: row.on_hand for row in StockBalance.objects.select_related("bin")} == {
        "1-01": 1, "2-02": 1,
    }  # fmt: skip
    refused = clerk.post(url, {"what": "scrap", "place": room.place().pk, "quantity": "9", "reason": "破损"})
    assert (refused.status_code, "库存不够" in text(refused)) == (422, True)


def test_a_part_and_a_package_are_kept(room: Room, clerk: Client) -> None:
    given = {
        "code": "N-1", "name": "雨刮片", "kind": "part", "price": "128", "lead_days": "2", "safety_stock": "4",
        "is_active": "on", "family": "雨刮", "specification": "24 寸",
    }  # fmt: skip
    assert clerk.post("/parts/new", given).status_code == 302
    part = Part.objects.get()
    assert (part.family, part.specification) == ("雨刮", "24 寸")
    package = given | {"code": "N-2", "name": "雨刮套餐", "kind": "package", "contents": "N-1 2"}
    assert clerk.post("/parts/new", package).status_code == 302
    assert Part.objects.get(code="N-2").contents.get().quantity == 2
    twice = clerk.post("/parts/new", given)
    assert (twice.status_code, "已经有这个编码" in text(twice)) == (422, True)
    unknown = clerk.post("/parts/new", package | {"code": "N-3", "contents": "N-7 1"})
    assert "没有编码 N-7" in text(unknown)
    opening = {"what": "open", "place": room.place().pk, "quantity": "6"}
    clerk.post(f"/parts/{part.pk}/move", opening)
    assert room.total(part) == (6, 0)


class TestPicking:
    @pytest.fixture
    def slip(self, room: Room, today: Any) -> IssueSlip:
        pads = room.part("R-1", 3, name="前刹车片")
        make_booking(room.dealer, car=make_car(room.dealer, plate="渝B62D81"), number="A1")
        room.reserve("A1", (pads, 2), need=today + timedelta(days=1))
        return IssueSlip.objects.get()

    def test_tomorrows_visit_is_drawn_with_the_bookings_technician(
        self, clerk: Client, slip: IssueSlip
    ) -> None:
        page = text(clerk.get("/parts/picking"))
        assert "渝B·62D81" in page
        assert "可以备料" in page
        answer = clerk.post(f"/parts/slips/{slip.pk}/act", {"step": "draw", "back": "picking"}, follow=True)
        assert "已放入筐位 P01" in text(answer)
        slip.refresh_from_db()
        assert slip.status == "drawn"
        assert slip.technician.startswith("技师")

    def test_label_and_slip_are_printed(self, clerk: Client, slip: IssueSlip) -> None:
        clerk.post(f"/parts/slips/{slip.pk}/act", {"step": "draw", "technician": "张伟"})
        label = text(clerk.get(f"/parts/slips/{slip.pk}/label"))
        for shown in ("渝B·62D81", "张伟", "P01", "data:image/svg+xml"):
            assert shown in label
        paper = text(clerk.get(f"/parts/slips/{slip.pk}/print"))
        for shown in ("前刹车片", "技师签收", "已入筐"):
            assert shown in paper

    def test_handed_out_and_signed(self, clerk: Client, slip: IssueSlip) -> None:
        url = f"/parts/slips/{slip.pk}/act"
        clerk.post(url, {"step": "issue", "technician": "张伟"})
        clerk.post(url, {"step": "sign", "signed_by": "张伟"})
        slip.refresh_from_db()
        assert (slip.status, slip.signed_by) == ("issued", "张伟")

    def test_a_called_off_basket_goes_back(self, room: Room, clerk: Client, slip: IssueSlip) -> None:
        url = f"/parts/slips/{slip.pk}/act"
        clerk.post(url, {"step": "draw"})
        room.do("release", reference="A1", reason="客户取消")
        assert "要退回货架" in text(clerk.get("/parts/picking"))
        assert "已退回货架" in text(clerk.post(url, {"step": "put_back", "back": "picking"}, follow=True))
        assert "要退回货架" not in text(clerk.get("/parts/picking"))

    def test_a_technician_draws_and_hands_nothing_out(self, world: World, slip: IssueSlip) -> None:
        technician = signed_in(make_user("technician", world.east))
        assert technician.post(f"/parts/slips/{slip.pk}/act", {"step": "issue"}).status_code == 403
        assert technician.post(f"/parts/slips/{slip.pk}/act", {"step": "draw"}).status_code == 302
        slip.refresh_from_db()
        assert slip.status == "drawn"

    def test_parts_for_a_car_without_a_booking(self, room: Room, clerk: Client) -> None:
        part = room.part("R-7", 2, keeps_old_part=True)
        given = {"reference": "W1", "plate": "苏E1", "technician": "张伟", "lines": "R-7 1"}
        assert clerk.post("/parts/issue", given).status_code == 302
        assert room.total(part) == (1, 0)
        refused = clerk.post("/parts/issue", given | {"lines": "R-7 5", "overdraw": "on"})
        assert (refused.status_code, "库存不够" in text(refused)) == (422, True)  # the clerk may not overdraw
        old = OldPart.objects.get()
        clerk.post(f"/parts/old/{old.pk}/move", {"to": "kept", "place": "旧件架 1"})
        assert "旧件架 1" in text(clerk.get("/parts/old"))

    def test_a_manager_may_hand_out_what_the_books_do_not_hold(self, room: Room, manager: Client) -> None:
        part = room.part("R-7", 1)
        given = {"reference": "W1", "technician": "张伟", "lines": "R-7 2", "overdraw": "on"}
        assert manager.post("/parts/issue", given).status_code == 302
        assert room.total(part) == (-1, 0)


class TestBuying:
    def test_needs_become_an_order_a_supplier(self, room: Room, clerk: Client, today: Any) -> None:
        pads, oil = room.part("R-1", supplier="中心库"), room.part("R-2", 1, safety_stock=4)
        room.reserve("A1", (pads, 2), need=today + timedelta(days=9))
        centre, local = room.supplier("中心库"), room.supplier("本地供应")
        room.do("start_day", dealer=room.dealer)
        page = text(clerk.get("/parts/needs"))
        assert "补到安全库存差 3" in page
        clerk.post("/parts/needs/order", {
            "part": [pads.pk, oil.pk], f"quantity-{pads.pk}": "2", f"supplier-{pads.pk}": centre.pk,
            f"quantity-{oil.pk}": "3", f"supplier-{oil.pk}": local.pk,
        })  # fmt: skip
        assert {row.supplier.name: row.lines.get().quantity for row in PurchaseOrder.objects.all()} == {
            "中心库": 2, "本地供应": 3,
        }  # fmt: skip
        assert "草稿里已有" in text(clerk.get("/parts/needs"))

    def test_a_draft_is_amended_with_prices_until_it_is_placed(
        self, room: Room, clerk: Client, today: Any
    ) -> None:
        pads, discs = room.part("R-1", name="刹车片"), room.part("R-2", name="刹车盘")
        clerk.post("/parts/needs/order", {"code": "R-1", "quantity": "3", "supplier": room.supplier().pk})
        order = PurchaseOrder.objects.get()
        line, step = order.lines.get(), f"/parts/orders/{order.pk}/step"
        assert "再加一个配件" in text(clerk.get(f"/parts/orders/{order.pk}"))
        clerk.post(step, {
            "step": "save", f"quantity-{line.pk}": "4", f"price-{line.pk}": "88.5", "code": "R-2", "quantity": "2",
            f"expected-{line.pk}": f"{today + timedelta(days=6)}", "note": "分两箱",
        })  # fmt: skip
        found = {row.part: (row.quantity, row.unit_price) for row in order.lines.all()}
        assert found == {
            pads: (Decimal(4), Decimal("88.5")), discs: (Decimal(2), Decimal(0)),
        }  # fmt: skip
        assert order.lines.get(part=pads).expected_date == today + timedelta(days=6)
        printed = text(clerk.get(f"/parts/orders/{order.pk}/print"))
        assert "354.00" in printed
        assert "分两箱" in printed

        gone = clerk.post(step, {"step": "save", f"quantity-{line.pk}": "0"}, follow=True)
        assert "至少留一个配件" in text(gone)
        clerk.post(step, {"step": "save", f"quantity-{line.pk}": "4", f"price-{line.pk}": "90"})
        assert order.lines.get().part == pads
        clerk.post(step, {"step": "place"})
        refused = clerk.post(step, {"step": "save", f"quantity-{line.pk}": "9"}, follow=True)
        assert "不能再改数量和价格" in text(refused)

    def test_the_next_order_starts_with_the_price_paid_last(self, room: Room, clerk: Client) -> None:
        pads = room.part("R-1")
        for paid in ("80", "85"):
            clerk.post("/parts/needs/order", {"code": "R-1", "quantity": "1", "supplier": room.supplier().pk})
            order = PurchaseOrder.objects.order_by("-pk")[0]
            line = order.lines.get()
            clerk.post(f"/parts/orders/{order.pk}/step", {
                "step": "save", f"quantity-{line.pk}": "1", f"price-{line.pk}": paid,
            })  # fmt: skip
        clerk.post("/parts/needs/order", {"code": "R-1", "quantity": "1", "supplier": room.supplier().pk})
        assert PurchaseOrder.objects.order_by("-pk")[0].lines.get(part=pads).unit_price == 85

    def test_an_order_is_placed_received_in_parts_and_closed(
        self, room: Room, clerk: Client, today: Any
    ) -> None:
        pads = room.part("R-1", lead_days=2)
        room.reserve("A1", (pads, 3), need=today + timedelta(days=9))
        supplier = room.supplier()
        made = clerk.post("/parts/needs/order", {"code": "R-1", "quantity": "3", "supplier": supplier.pk})
        order = PurchaseOrder.objects.get()
        assert made.headers["Location"] == f"/parts/orders/{order.pk}"
        clerk.post(f"/parts/orders/{order.pk}/step", {"step": "place"})
        assert room.held("A1") == {"ordered": "3"}
        line = order.lines.get()
        step = f"/parts/lines/{line.pk}/step"
        clerk.post(step, {"step": "receive", "quantity": "1"})
        clerk.post(step, {"step": "expect", "expected_date": f"{today + timedelta(days=20)}"})
        assert "赶不上" in text(clerk.get(f"/parts/{pads.pk}"))
        assert "原定" in text(clerk.get("/parts/coming"))
        assert "A1" in text(clerk.get("/parts/arrived"))
        refused = clerk.post(step, {"step": "close", "reason": ""}, follow=True)
        assert "请写明原因" in text(refused)
        clerk.post(step, {"step": "close", "reason": "停产"})
        order.refresh_from_db()
        assert (order.status, room.held("A1")) == ("received", {"reserved": "1", "short": "2"})
        assert "采购单" in text(clerk.get(f"/parts/orders/{order.pk}/print"))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "请先勾选"), ({"code": "R-9", "quantity": "1", "supplier": "1"}, "没有编码 R-9"),
            ({"code": "R-1", "quantity": "x", "supplier": "1"}, "填数量"),
            ({"code": "R-1", "quantity": "1e99", "supplier": "1"}, "填数量"),
        ],
    )  # fmt: skip
    def test_nonsense_is_said_so(self, room: Room, clerk: Client, given: dict[str, str], said: str) -> None:
        room.part("R-1")
        assert said in text(clerk.post("/parts/needs/order", given, follow=True))

    def test_an_alarm_is_answered(self, room: Room, clerk: Client, today: Any) -> None:
        room.reserve("A1", (room.part("R-1", name="前刹车片"), 1), need=today + timedelta(days=9))
        page = text(clerk.get("/parts/alarms"))
        assert "前刹车片" in page
        clerk.post(f"/parts/alarms/{StockAlarm.objects.get().pk}/answer", {"note": "已催中心库"})
        assert "已催中心库" in text(clerk.get("/parts/alarms?kind=short"))


class TestCounting:
    def test_counted_by_the_clerk_approved_by_the_manager(
        self, room: Room, clerk: Client, manager: Client
    ) -> None:
        pads = room.part("R-1", 5)
        room.part("R-2")
        clerk.post("/parts/stocktakes", {"warehouse": room.main().pk})
        sheet = Stocktake.objects.get()
        line = sheet.lines.get()
        url = f"/parts/stocktakes/{sheet.pk}/count"
        assert "还有 1 行" in text(clerk.post(url, {"step": "submit"}, follow=True))
        clerk.post(
            url,
            {
                f"count-{line.pk}": "4",
                f"reason-{line.pk}": "丢失",
                "code": "R-2",
                "place": "1-01",
                "found": "2",
            },
        )
        clerk.post(url, {"step": "submit"})
        assert room.total(pads) == (5, 0)
        assert clerk.post(url, {"step": "approve"}).status_code == 403
        assert "已入账 2 处差异" in text(manager.post(url, {"step": "approve"}, follow=True))
        assert room.total(pads) == (4, 0)
        paper = text(clerk.get(f"/parts/stocktakes/{sheet.pk}/print"))
        assert "丢失" in paper

    def test_the_paper_to_count_with_does_not_tell_what_the_books_hold(
        self, room: Room, clerk: Client
    ) -> None:
        room.part("R-1", 57)
        clerk.post("/parts/stocktakes", {"warehouse": room.main().pk})
        sheet = Stocktake.objects.get()
        for url in (f"/parts/stocktakes/{sheet.pk}/print", f"/parts/stocktakes/{sheet.pk}"):
            assert "57" not in text(clerk.get(url)).split("<main", 1)[1]


def test_places_and_suppliers_are_kept(room: Room, clerk: Client) -> None:
    clerk.post("/parts/warehouses/new", {"code": "T", "name": "中转库", "kind": "transit", "is_active": "on"})
    depot = Warehouse.objects.get(code="T")
    clerk.post(f"/parts/warehouses/{depot.pk}/bins", {"codes": "T1 T2"})
    assert list(depot.bins.order_by("code").values_list("code", "is_pickable")) == [
        ("T1", False),
        ("T2", False),
    ]
    clerk.post(f"/parts/places/{Bin.objects.get(code='T2').pk}/retire")
    page = text(clerk.get("/parts/places"))
    assert "停用 T1" in page
    assert "停用 T2" not in page
    clerk.post("/parts/suppliers/new", {"name": "中心库", "is_active": "on"})
    refused = clerk.post("/parts/suppliers/new", {"name": "中心库", "is_active": "on"})
    assert "已经有这个供应商" in text(refused)
    assert Supplier.objects.count() == 1


def test_the_region_sees_what_lies_where(world: World, room: Room) -> None:
    room.part("R-1", 5, name="前刹车片")
    with dealer_scope(world.west.pk):
        west = Room(world.west)
        west.reserve("B1", (west.part("R-1", 1, name="前刹车片"), 2))
    region = signed_in(make_user("region_manager", region=world.region))
    session = region.session
    session[STORE] = NETWORK
    session.save()
    page = text(region.get("/network/parts?code=R-1"))
    for shown in ("东区店", "西区店", "2 / 2", "前刹车片"):
        assert shown in page
    assert region.get("/parts").status_code == 403
