"""Exports nobody has seen before: whatever their shape, every row is counted, again changes nothing, a trial tells true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huichang.domains.customers import identifiers
from huichang.domains.customers.models import Car, Customer, CustomerPhone, Ownership
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake import classes
from huichang.domains.intake.planning import Source, make_plan
from huichang.domains.vehicles import vin
from huichang.domains.workshop.models import OrderLine, ServiceOrder
from huichang.kernel.scoping import dealer_scope
from tests.factories import exports
from tests.factories.exports import CUSTOMER, FLAT, customers, mobile, name, plate
from tests.factories.sheets import a_vin, counts, load, write_csv, write_xls, write_xlsx
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db
CARS = exports.CARS


@pytest.fixture
def store() -> Dealer:
    return make_dealer()


def text_file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# Whatever they are written in, these say the same: eight customers with a car each.
Written = Callable[[Path], Path]
SAME: dict[str, Written] = {
    "a page in GB2312 called xls": lambda d: text_file(d / "a.xls", exports.page([CUSTOMER, *customers()], "gb2312")),
    "a page in UTF-8 called csv": lambda d: text_file(d / "a.csv", exports.page([CUSTOMER, *customers()], "utf-8")),
    "a page with a title table": lambda d: text_file(
        d / "a.xls", exports.page([CUSTOMER, *customers()], "utf-8", head="<table><tr><td>客户表</td></tr></table>")
    ),
    "a grid in a layout": lambda d: text_file(d / "a.xls", exports.grid_in_layout([CUSTOMER, *customers()])),
    "XML of 2003 called xls": lambda d: text_file(d / "a.xls", exports.xml_workbook([CUSTOMER, *customers()])),
    "an xlsx called csv": lambda d: write_xlsx(d / "a.xlsx", {"s": [CUSTOMER, *customers()]}).rename(d / "a.csv"),
    "text called xls": lambda d: write_csv(
        d / "a.xls", [CUSTOMER, *customers()], charset="gb18030", delimiter="\t"
    ),
    "an xlsx with a wrong dimension": lambda d: exports.with_wrong_dimension(
        write_xlsx(d / "a.xlsx", {"s": [CUSTOMER, *customers()]})
    ),
    "protected cells": lambda d: exports.protected_csv(d / "a.csv"),
    "two hundred columns": lambda d: exports.wide(d / "a.xlsx"),
    "no headings": lambda d: write_xls(d / "a.xls", {"s": [row[:4] for row in customers()]}),
    "headings that name nothing": lambda d: write_xlsx(d / "a.xlsx", {"s": [["序号", "", "", "", ""], *customers()]}),
    "two rows of headings": lambda d: exports.two_rows_of_headings(d / "a.xlsx"),
    "name and phone, plate and VIN in one cell": lambda d: write_xlsx(d / "a.xlsx", {"s": [
        ("客户姓名/电话", "车牌/车架号"), *([f"{name(n)}/{mobile(n)}", f"{plate(n)} {a_vin(n)}"] for n in range(CARS)),
    ]}),
}  # fmt: skip


@pytest.mark.parametrize("shape", SAME)
def test_the_same_customers_in_every_shape(store: Dealer, tmp_path: Path, shape: str) -> None:
    path = SAME[shape](tmp_path)
    _run, tried = load(store, path, is_dry_run=True)
    _run, result = load(store, path)
    assert counts(result) == {"created": CARS}
    assert tried["sheets"] == result["sheets"]
    _run, again = load(store, path)
    assert counts(again) == {"unchanged": CARS}
    with dealer_scope(store.pk):
        found = set(Ownership.objects.values_list("customer__name", "car__plate", "car__vehicle__vin"))
        assert found == {(name(n), plate(n), a_vin(n)) for n in range(CARS)}
        assert set(CustomerPhone.objects.values_list("number", flat=True)) == {mobile(n) for n in range(CARS)}


HEADINGS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "shortened": (
        ("底盘号", "牌照", "车主", "手机", "车型", "购车日", "质保到期"),
        {"vin", "plate", "name", "mobile", "model", "sale_date", "warranty_end"},
    ),
    "decorated": (
        ("车辆VIN码", "车辆牌照", "车主姓名*", "车主联系电话", "车型描述", "销售时间", "保修止"),
        {"vin", "plate", "name", "mobile", "model", "sale_date", "warranty_end"},
    ),
    "English, abbreviated": (
        ("VIN No.", "Reg. No.", "Cust. Name", "Mobile No.", "Model Desc.", "Delivery Date", "Wty End Date"),
        {"vin", "plate", "name", "mobile", "model", "sale_date", "warranty_end"},
    ),
    "in two languages": (
        (
            "车架号(VIN)",
            "车牌号 Plate No.",
            "客户名称/Customer",
            "手机 Mobile",
            "车型 Model",
            "销售日期 Sale Date",
            "Warranty End 质保到期",
        ),
        {"vin", "plate", "name", "mobile", "model", "sale_date", "warranty_end"},
    ),
    "broken over lines": (
        ("车架\n号码", "车牌\n号", "客户\n姓名", "联系\n电话1", "车\n型", "开票\n日期", "质保\n到期日"),
        {"vin", "plate", "name", "mobile", "model", "sale_date", "warranty_end"},
    ),
}


@pytest.mark.parametrize("words", HEADINGS)
def test_headings_in_other_words(store: Dealer, tmp_path: Path, words: str) -> None:
    heads, fields = HEADINGS[words]
    rows = [[a_vin(n), plate(n), name(n), mobile(n), "朗逸", "2020-05-06", "2023-05-06"] for n in range(CARS)]
    path = write_xlsx(tmp_path / "a.xlsx", {"s": [heads, *rows]})
    with dealer_scope(store.pk):
        (plan,) = make_plan([Source(path, path.name)]).sheets
    assert (plan.kind, set(plan.columns.values())) == ("customers", fields)
    _run, result = load(store, path)
    assert counts(result) == {"created": CARS}


# --- orders and their lines -----------------------------------------------------------------------------


def test_orders_repeated_beside_each_of_their_lines(store: Dealer, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "明细.xlsx", {"明细": [FLAT, *exports.flat_orders()]})
    _run, result = load(store, path)
    assert [sheet["kind"] for sheet in result["sheets"]] == ["orders", "order_lines", "customers"]
    assert counts(result) == {"created": 6, "merged": 12}
    assert counts(result, 1) == {"created": 18}
    assert counts(result, 2) == {"created": 6}  # who owns the cars, from orders, as nothing else tells it
    assert result["sheets"][0]["flagged"] == {}
    with dealer_scope(store.pk):
        lines = OrderLine.objects.filter(order__number="WT202400000").order_by("position")
        assert [(one.name, one.kind, one.amount) for one in lines] == [
            ("机油", "part", 240), ("机滤", "part", 35), ("小保养", "labour", 100),
        ]  # fmt: skip
        assert ServiceOrder.objects.get(number="WT202400003").customer_id is not None
    _run, again = load(store, path)
    assert [counts(again, n) for n in range(3)] == [
        {"unchanged": 6, "merged": 12},
        {"unchanged": 18},
        {"unchanged": 6},
    ]


def test_cells_of_an_order_merged_over_its_lines(store: Dealer, tmp_path: Path) -> None:
    _run, result = load(store, exports.merged_orders(tmp_path / "a.xlsx"))
    assert [counts(result, n) for n in range(2)] == [{"created": 4, "merged": 4}, {"created": 8}]
    assert not result["refusals"]


def test_lines_packed_into_cells_of_their_order(store: Dealer, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"s": exports.packed_orders()})
    _run, result = load(store, path)
    assert [counts(result, n) for n in range(2)] == [{"created": 4}, {"created": 16}]
    with dealer_scope(store.pk):
        lines = OrderLine.objects.filter(order__number="JS240000").order_by("position")
        assert [(one.kind, one.name, int(one.quantity), int(one.amount or 0)) for one in lines] == [
            ("labour", "小保养", 1, 0), ("labour", "四轮定位", 1, 0), ("part", "机油", 4, 240), ("part", "机滤", 1, 35),
        ]  # fmt: skip
    _run, again = load(store, path)
    assert [counts(again, n) for n in range(2)] == [{"unchanged": 4}, {"unchanged": 16}]


def test_a_sheet_of_lines_that_repeats_car_and_day_is_no_second_sheet_of_orders(
    store: Dealer, tmp_path: Path
) -> None:
    orders = [
        ("工单号", "车架号", "进厂日期", "里程"),
        *((f"RO2024{n:06d}", a_vin(n), f"2024-03-0{n + 1}", 30_000) for n in range(4)),
    ]
    lines: list[tuple[Any, ...]] = [("工单号", "车牌号", "日期", "配件名称", "数量", "单价", "金额")]
    lines += [
        (f"RO2024{n:06d}", plate(n), f"2024-03-0{n + 2}", part, 1, 60, 60)
        for n in range(4)
        for part in "甲乙"
    ]
    _run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"工单": orders, "出库": lines}))
    assert [(sheet["sheet"], sheet["kind"]) for sheet in result["sheets"]] == [
        ("工单", "orders"),
        ("出库", "order_lines"),
    ]
    assert [counts(result, n) for n in range(2)] == [{"created": 4}, {"created": 8}]


def test_a_printed_report_of_several_pages(store: Dealer, tmp_path: Path) -> None:
    _run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"Page1": exports.printed_report()}))
    assert counts(result) == {"created": 60}
    assert result["sheets"][0]["left_out"] == {"note": 5, "repeated_heading": 3, "total": 4}


def test_a_total_that_counts_the_customers_is_no_customer(store: Dealer, tmp_path: Path) -> None:
    _run, result = load(store, exports.two_rows_of_headings(tmp_path / "a.xlsx"))
    assert result["sheets"][0]["left_out"] == {"note": 1, "total": 1}


def test_totals_are_not_in_doubt_where_the_sheet_has_no_parts_of_them(store: Dealer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [
        ("工单号", "车架号", "进厂日期", "实收"), *((f"RO{n:06d}", a_vin(n), "2024-03-05", 300) for n in range(3)),
    ], charset="utf-8")  # fmt: skip
    _run, result = load(store, path)
    assert "total_off" not in result["sheets"][0]["flagged"]


# --- customers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [
    ("客户编号", "客户名称", "手机", "车牌号1", "车架号1", "车型1", "车牌号2", "车架号2", "车型2"),
    ("客户编号", "客户名称", "手机", "车牌号", "车架号", "车型", "车牌号", "车架号", "车型"),
    ("客户编号", "客户名称", "手机", "车牌号(一)", "车架号(一)", "车型(一)", "车牌号(二)", "车架号(二)", "车型(二)"),
])  # fmt: skip
def test_several_cars_in_the_row_of_a_customer(store: Dealer, tmp_path: Path, heads: tuple[str, ...]) -> None:
    rows = [
        [f"K{n:04d}", name(n), mobile(n), plate(n), a_vin(n), "朗逸",
         *([plate(n + 50), a_vin(n + 50), "途观"] if n % 2 else ["", "", ""])]
        for n in range(6)
    ]  # fmt: skip
    _run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"s": [heads, *rows]}))
    assert [counts(result, n) for n in range(2)] == [{"created": 6}, {"created": 3}]
    with dealer_scope(store.pk):
        assert Customer.objects.count() == 6
        cars = Car.objects.filter(ownerships__customer__number="K0001").order_by("plate")
        assert [(car.plate, car.vehicle.vin) for car in cars] == [
            (plate(1), a_vin(1)),
            (plate(51), a_vin(51)),
        ]


def test_several_cars_in_one_cell(store: Dealer, tmp_path: Path) -> None:
    rows = [
        [name(0), mobile(0), f"{a_vin(0)}\n{a_vin(50)}", f"{plate(0)}\n{plate(50)}"],
        [name(1), mobile(1), a_vin(1), plate(1)],
    ]
    _run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"s": [CUSTOMER[:4], *rows]}))
    assert counts(result) == {"created": 3}
    with dealer_scope(store.pk):
        found = dict(Car.objects.values_list("plate", "vehicle__vin"))
    assert found == {plate(0): a_vin(0), plate(50): a_vin(50), plate(1): a_vin(1)}


def test_owners_in_orders_never_replace_those_of_a_customer_file(store: Dealer, tmp_path: Path) -> None:
    load(store, write_xlsx(tmp_path / "客户.xlsx", {"客户": [CUSTOMER, *customers(6)]}))
    rows = [[*row[:3], "送车人", "13700000000", *row[5:]] for row in exports.flat_orders()]
    _run, result = load(store, write_xlsx(tmp_path / "工单.xlsx", {"明细": [FLAT, *rows]}))
    assert counts(result, 2) == {"unchanged": 6}
    with dealer_scope(store.pk):
        assert not Ownership.objects.exclude(end_date=None).exists()
        assert not Customer.objects.filter(name="送车人").exists()


def test_the_owner_is_whom_the_newest_visit_names(store: Dealer, tmp_path: Path) -> None:
    rows: list[Any] = [("工单号", "车架号", "车主", "车主电话", "进厂日期")]
    visits = (
        ("2024/3/9", "旧车主", mobile(1)),
        ("2024/3/10", "新车主", mobile(2)),
        ("2024/2/28", "更旧", mobile(3)),
    )
    rows += [(f"RO{n}", a_vin(1), *who, day) for n, (day, *who) in enumerate(visits)]
    _run, result = load(store, write_csv(tmp_path / "a.csv", rows, charset="utf-8"))
    assert counts(result, 1) == {"created": 1}
    with dealer_scope(store.pk):
        assert Customer.objects.get().name == "新车主"


def test_a_company_is_named_before_the_person_to_ask_for(store: Dealer, tmp_path: Path) -> None:
    rows = [
        ("联系人", "单位名称", "联系人电话", "车架号"),
        ("张三", "启程物流有限公司", mobile(1), a_vin(1)),
        ("以下空白",),
    ]
    _run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"s": rows}))
    assert counts(result) == {"created": 1}
    with dealer_scope(store.pk):
        assert Customer.objects.get().name == "启程物流有限公司"


def test_a_customer_file_after_orders_finds_the_same_people(store: Dealer, tmp_path: Path) -> None:
    load(store, write_xlsx(tmp_path / "工单.xlsx", {"明细": [FLAT, *exports.flat_orders()]}))
    heads = ("客户编号", *CUSTOMER)
    rows = [[f"C{n:04d}", *row] for n, row in enumerate(customers(6))]
    _run, result = load(store, write_xlsx(tmp_path / "客户.xlsx", {"客户": [heads, *rows]}))
    assert counts(result) == {"updated": 6}  # a model and a number for each
    with dealer_scope(store.pk):
        assert Customer.objects.count() == 6
        assert not Ownership.objects.exclude(end_date=None).exists()
        assert Customer.objects.get(number="C0002").name == name(2)


# --- cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["{m}/{d}/{Y} 10:05", "{d}/{m}/{Y}", "{m}/{d}/{y}", "{y}-{m}-{d}", "{y}/{m:02d}/{d:02d} 08:00"]
)
def test_the_column_shows_how_its_days_are_written(store: Dealer, tmp_path: Path, form: str) -> None:
    _run, result = load(store, exports.short_dates(tmp_path / "a.csv", form))
    assert counts(result) == {"created": 30}
    with dealer_scope(store.pk):
        arrived = ServiceOrder.objects.get(number="RO000027").arrived_at
    assert arrived.strftime("%Y-%m-%d") in {"2024-04-28", "2024-04-27"}  # in UTC a day begins at 16:00


def test_days_that_can_be_read_two_ways_are_not_guessed(store: Dealer, tmp_path: Path) -> None:
    rows = [("RO#", "VIN", "Date In"), *((f"RO{n:06d}", a_vin(n), f"{n + 1}/{n + 2}/2024") for n in range(5))]
    _run, result = load(store, write_csv(tmp_path / "a.csv", rows, charset="utf-8"))
    assert counts(result) == {"refused": 5}
    assert {one["reason"] for one in result["refusals"]} == {
        f"“{n + 1}/{n + 2}/2024”分不清哪个是月、哪个是日" for n in range(5)
    }


def test_numbers_that_a_spreadsheet_cut_off_are_not_believed(store: Dealer, tmp_path: Path) -> None:
    rows: list[Any] = [CUSTOMER[:3], [name(0), "1.38E+10", a_vin(0)], [name(1), "1.3912345678E+10", a_vin(1)]]
    rows.append([name(2), "13912340000.0", a_vin(2)])
    _run, result = load(store, write_csv(tmp_path / "a.csv", rows, charset="utf-8"))
    assert counts(result) == {"created": 3}
    assert result["sheets"][0]["set_aside"] == {"digits_lost": 1}
    with dealer_scope(store.pk):
        assert set(CustomerPhone.objects.values_list("number", flat=True)) == {"13912345678", "13912340000"}


def test_an_order_number_that_was_cut_off_is_refused(store: Dealer, tmp_path: Path) -> None:
    rows = [
        ("工单号", "车架号", "进厂日期"),
        ("2.02403E+11", a_vin(0), "2024-03-05"),
        ("202403050002", a_vin(1), "2024-03-05"),
    ]
    _run, result = load(store, write_csv(tmp_path / "a.csv", rows, charset="utf-8"))
    assert counts(result) == {"created": 1, "refused": 1}
    assert set(result["refusals"][0]) == {"file", "sheet", "row", "column", "value", "reason", "remedy"}
    assert all(result["refusals"][0].values())


def test_an_order_without_a_car_says_what_is_wrong_with_its_vin(store: Dealer, tmp_path: Path) -> None:
    rows = [
        ("工单号", "车牌号", "车架号", "进厂日期"),
        ("RO1", plate(1), a_vin(1)[:16], "2024-03-05"),
        ("RO2", plate(2), "", "2024-03-05"),
    ]
    _run, result = load(store, write_csv(tmp_path / "a.csv", rows, charset="utf-8"))
    assert [(one["column"], one["reason"]) for one in result["refusals"]] == [
        ("车架号", "车架号应为17位,这里是16位"), ("车牌号", f"没有车牌为 {plate(2)} 的车"),
    ]  # fmt: skip


def test_each_kind_has_its_own_word_for_a_field(store: Dealer, tmp_path: Path) -> None:
    rows = [*exports.flat_orders(2)]
    rows[1][12] = ""
    _run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"明细": [FLAT, *rows]}))
    assert [one["reason"] for one in result["refusals"]] == ["“项目名称”是空的"]


def test_every_cell_that_may_be_set_aside_has_a_word_for_its_class() -> None:
    codes = {*vin.REASONS, *identifiers.REASONS, "digits_lost", "date_ambiguous"} - {
        "vin_missing",
        "plate_missing",
    }
    assert codes <= set(classes.LABELS)
