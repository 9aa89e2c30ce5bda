"""Refused rows come back as the sheet they came from; an archive is a folder."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.planning import Source
from huichang.domains.intake.queries import refused_workbook
from huichang.domains.intake.reading import Unreadable
from huichang.domains.intake.uploads import unpacked_on_disk
from huichang.domains.workshop.models import OrderLine
from huichang.kernel.scoping import dealer_scope
from tests.factories import exports
from tests.factories.exports import CUSTOMER, FLAT, customers
from tests.factories.sheets import a_vin, counts, load, write_csv, write_xlsx
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db
CARS = exports.CARS


@pytest.fixture
def store() -> Dealer:
    return make_dealer()


def corrected(folder: Path, store: Dealer, run: ImportRun, mend: Callable[[list[list[Any]]], None]) -> Path:
    """The workbook of refused rows as a person sends it back."""
    with dealer_scope(store.pk):
        book = CalamineWorkbook.from_filelike(io.BytesIO(refused_workbook(run)))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    for rows in sheets.values():
        mend(rows)
    return write_xlsx(folder / "refused.xlsx", sheets)


def test_an_order_comes_back_with_its_lines_whichever_of_its_rows_is_mended(
    store: Dealer, tmp_path: Path
) -> None:
    rows = exports.flat_orders(3)
    good = rows[3][2]
    for row in rows[3:6]:
        row[1], row[2] = "", good[:16]
    run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"明细": [FLAT, *rows]}))
    assert [counts(result, n) for n in range(2)] == [
        {"created": 2, "merged": 4, "refused": 3},
        {"created": 6, "refused": 3},
    ]

    def mend(sheet: list[list[Any]]) -> None:
        for row in sheet[1:]:
            row[2] = good

    _run, again = load(store, corrected(tmp_path, store, run, mend))
    assert [counts(again, n) for n in range(2)] == [{"created": 1, "merged": 2}, {"created": 3}]
    with dealer_scope(store.pk):
        assert OrderLine.objects.filter(order__number="WT202400001").count() == 3


def test_a_single_row_comes_back_as_the_sheet_it_came_from(store: Dealer, tmp_path: Path) -> None:
    rows = exports.flat_orders(3)
    rows[0][12] = ""  # a line without a name
    run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"明细": [FLAT, *rows]}))
    assert counts(result, 1) == {"created": 8, "refused": 1}

    def mend(sheet: list[list[Any]]) -> None:
        sheet[1][12] = "机油"

    _run, again = load(store, corrected(tmp_path, store, run, mend))
    assert [counts(again, n) for n in range(2)] == [{"unchanged": 1}, {"created": 1}]
    with dealer_scope(store.pk):
        line = OrderLine.objects.get(name="机油", order__number="WT202400000")
        assert (line.kind, line.amount) == ("part", 240)
        assert line.order.business_type == ""  # the kind of the line is not taken for that of the order


def test_a_packed_line_comes_back_with_the_others_of_its_cell(store: Dealer, tmp_path: Path) -> None:
    heads, *orders = exports.packed_orders(2)
    rows = [list(order) for order in orders]
    rows[1][3], rows[1][2] = a_vin(1)[:16], ""
    run, result = load(store, write_xlsx(tmp_path / "a.xlsx", {"s": [heads, *rows]}))
    assert [counts(result, n) for n in range(2)] == [
        {"created": 1, "refused": 1},
        {"created": 4, "refused": 4},
    ]

    def mend(sheet: list[list[Any]]) -> None:
        assert len(sheet) == 2  # one row of the export, however many lines it holds
        sheet[1][3] = a_vin(1)

    _run, again = load(store, corrected(tmp_path, store, run, mend))
    assert [counts(again, n) for n in range(2)] == [{"created": 1}, {"created": 4}]


# --- archives -------------------------------------------------------------------------------------------


def test_an_archive_is_a_folder(store: Dealer, tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "客户.xlsx", {"客户": [CUSTOMER, *customers()]})
    orders = write_csv(tmp_path / "工单.csv", [
        ("工单号", "车架号", "进厂日期"), *((f"RO{n:06d}", a_vin(n), "2024-03-05") for n in range(4)),
    ], charset="gb18030")  # fmt: skip
    with unpacked_on_disk([Source(exports.zipped(tmp_path, book, orders), "导出.zip")]) as opened:
        assert [source.name for source in opened] == ["客户.xlsx", "工单.csv"]
        _run, result = load(store, *(source.path for source in opened))
    assert [counts(result, n) for n in range(2)] == [{"created": CARS}, {"created": 4}]


def test_an_archive_without_a_table_says_so(tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"\x89PNG")
    archive = exports.zipped(tmp_path, picture)
    with pytest.raises(Unreadable, match="没有表格"), unpacked_on_disk([Source(archive, "照片.zip")]):
        pytest.fail("nothing in it can be read")
