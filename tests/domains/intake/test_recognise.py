"""Files and sheets of any layout: by the words of their headings and by what their columns hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from huichang.domains.intake import reading
from huichang.domains.intake.planning import Plan, Source, make_plan
from huichang.domains.intake.plans import SheetPlan
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import (
    ORDER_HEADS,
    OWNER_HEADS,
    a_vin,
    order,
    owner,
    write_csv,
    write_xls,
    write_xlsx,
)
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db


def plan_of(path: Path) -> Plan:
    with dealer_scope(make_dealer().pk):
        return make_plan([Source(path, path.name)])


def only_sheet(path: Path) -> SheetPlan:
    plan = plan_of(path)
    assert len(plan.sheets) == 1
    return plan.sheets[0]


def test_headings_are_found_below_title_rows_and_the_day_of_the_export_in_them(tmp_path: Path) -> None:
    rows = [["东区店 客户档案"], ["导出日期 2026-03-01  共 2 条"], [], OWNER_HEADS, owner(1), owner(2)]
    plan = plan_of(write_xlsx(tmp_path / "a.xlsx", {"客户": rows}))
    assert plan.as_of == date(2026, 3, 1)
    assert (plan.sheets[0].kind, plan.sheets[0].heading_row, plan.sheets[0].rows) == ("customers", 4, 2)
    assert len(plan.sheets[0].columns) == len(OWNER_HEADS)


@pytest.mark.parametrize("heads", [
    ("VIN", "License Plate", "Owner Name", "Mobile", "Model", "Sale Date"),
    ("底盘號", "牌照號", "車主姓名", "手機號碼", "車型", "銷售日期"),
    ("车辆识别代号*", "号牌号码", "用户姓名(必填)", "联系电话", "车款", "提车日期"),
])  # fmt: skip
def test_other_words_and_orders_of_columns(tmp_path: Path, heads: tuple[str, ...]) -> None:
    body = [[a_vin(n), f"沪A{n:05d}", "张三", f"138{n:08d}", "福克斯", "2022-01-01"] for n in range(5)]
    found = only_sheet(write_xlsx(tmp_path / "a.xlsx", {"s": [heads, *body]}))
    assert found.kind == "customers"
    assert list(found.columns.values()) == ["vin", "plate", "name", "mobile", "model", "sale_date"]
    assert found.by_content == []


def test_columns_are_recognised_by_what_they_hold(tmp_path: Path) -> None:
    heads = ("甲", "乙", "丙", "丁")
    body = [
        [f"138{n:08d}", a_vin(n), f"沪A{n:05d}", "张三李四王五赵六钱七"[2 * n : 2 * n + 2]] for n in range(5)
    ]
    found = only_sheet(write_xlsx(tmp_path / "a.xlsx", {"s": [heads, *body]}))
    assert found.kind == "customers"
    assert found.columns == {0: "mobile", 1: "vin", 2: "plate", 3: "name"}
    assert found.by_content == [0, 1, 2, 3]


def test_a_heading_that_its_cells_belie_loses(tmp_path: Path) -> None:
    heads = ("工单号", "车牌号", "车架号", "进厂日期")
    body = [[f"RO2024{n:06d}", a_vin(n), f"沪A{n:05d}", "2024-01-05 08:00"] for n in range(5)]
    found = only_sheet(write_xlsx(tmp_path / "a.xlsx", {"s": [heads, *body]}))
    assert found.kind == "orders"
    swapped = {column: name for column, name in found.columns.items() if name in {"vin", "plate"}}
    assert swapped.get(1) != "plate"
    assert swapped.get(2) != "vin"


def test_other_sheets_are_left_out(tmp_path: Path) -> None:
    sheets: dict[str, list[Any]] = {
        "说明": [["请勿修改表头"]],
        "空": [],
        "客户": [OWNER_HEADS, owner(1), owner(2)],
    }
    plan = plan_of(write_xlsx(tmp_path / "a.xlsx", sheets))
    assert [(sheet.sheet, sheet.kind) for sheet in plan.sheets] == [("说明", ""), ("客户", "customers")]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_any_usual_charset(tmp_path: Path, charset: str, delimiter: str) -> None:
    rows = [ORDER_HEADS, *(order(n, n) for n in range(4))]
    found = only_sheet(write_csv(tmp_path / "a.csv", rows, charset=charset, delimiter=delimiter))
    assert (found.kind, found.rows, len(found.columns)) == ("orders", 4, len(ORDER_HEADS))


def test_the_old_excel_format(tmp_path: Path) -> None:
    found = only_sheet(write_xls(tmp_path / "a.xls", {"s": [["东区店"], OWNER_HEADS, owner(1), owner(2)]}))
    assert (found.kind, found.heading_row) == ("customers", 2)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 no book", bytes(range(256)) * 9]
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(reading.Unreadable, match=r"broken\.xlsx"):
        plan_of(path)
