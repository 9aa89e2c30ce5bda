"""Exports as stores really have them: each writes files into a folder in a shape that no other test uses."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.factories.sheets import Rows, a_vin, write_csv, write_xlsx

CUSTOMER = ("客户名称", "手机", "车架号", "车牌号", "车型")
CARS = 8


def name(number: int) -> str:
    return ("王建国", "李秀英", "张伟", "刘洋洋", "陈静", "杨帆", "赵丽华", "黄勇")[number % 8]


def mobile(number: int) -> str:
    return f"139{10_000_000 + number * 37}"


def plate(number: int) -> str:
    return f"京A{10_000 + number * 7}"


def customers(cars: int = CARS) -> list[list[Any]]:
    """Rows of `CUSTOMER`."""
    return [[name(n), mobile(n), a_vin(n), plate(n), "朗逸"] for n in range(cars)]


def page(rows: Rows, charset: str, *, head: str = "") -> bytes:
    """A page with one table, as dealer systems write it under the name of a workbook."""
    body = "".join(
        "<tr>" + "".join(f"<td x:str>{cell}&nbsp;</td>" for cell in row) + "</tr>\n" for row in rows
    )
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    text = f"<html><head>{meta}<style>td {{mso: 1}}</style></head><body>{head}<table border=1>{body}</table></body></html>"
    return text.encode(charset)


def grid_in_layout(rows: Rows) -> str:
    """A grid inside a table of the layout, its cells never closed, its headings spanning."""
    first, *rest = rows
    head = "".join(f"<th nowrap>{cell}</th>" for cell in first)
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rest)
    return f"<table><tr><td><b>客户表</b></td></tr><tr><td><table><thead><tr>{head}</tr></thead>{body}</table></td></tr></table>"


def xml_workbook(rows: Rows) -> str:
    """Excel's XML of 2003, with cells placed by number as Excel does for gaps."""

    def cell(text: Any, place: int) -> str:
        return f'<Cell ss:Index="{place}"><Data ss:Type="String">{text}</Data></Cell>'

    lines = "".join(
        "<Row>"
        + "".join(cell(text, place) for place, text in enumerate(row, start=1) if text != "")
        + "</Row>"
        for row in rows
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="客户"><Table>{lines}</Table></Worksheet></Workbook>'
    )


def with_wrong_dimension(path: Path) -> Path:
    """The same workbook claiming to hold one cell, as some report writers do."""
    wrong = path.with_name("wrong.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(wrong, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1"/>', content))
    return wrong


def zipped(folder: Path, *paths: Path) -> Path:
    """An archive as Chinese Windows makes it: the names in GBK, and a Mac's litter beside them."""
    archive = folder / "导出.zip"
    names = {
        f"{number:02d}".ljust(len(path.name.encode("gb18030")), "_"): path
        for number, path in enumerate(paths)
    }
    with zipfile.ZipFile(archive, "w") as file:
        for stand_in, path in names.items():
            file.writestr(stand_in, path.read_bytes())
        file.writestr("__MACOSX/._a.xlsx", b"litter")
    content = archive.read_bytes()
    for stand_in, path in names.items():  # Python would write the names in UTF-8 and say so
        content = content.replace(stand_in.encode(), path.name.encode("gb18030"))
    archive.write_bytes(content)
    return archive


# --- orders and lines -----------------------------------------------------------------------------------

FLAT = ("委托书号", "牌照", "底盘号", "客户", "手机", "进厂时间", "出厂日期", "公里数", "工时费合计", "材料费合计", "实收金额",
        "项目代码", "项目名称", "类型", "数量", "单价", "金额")  # fmt: skip


def flat_orders(orders: int = 6) -> list[list[Any]]:
    """Rows of `FLAT`: three lines an order, what is the order's repeated in each."""
    lines = (
        ("P1", "机油", "配件", 4, 60, 240),
        ("P2", "机滤", "配件", 1, 35, 35),
        ("L1", "小保养", "工时", 0.5, 200, 100),
    )
    return [
        [f"WT2024{n:05d}", plate(n), a_vin(n), name(n), mobile(n), f"2024-03-0{n + 1} 09:15", f"2024-03-0{n + 1} 16:00",
         30_000 + n, 100, 275, 375, *line]
        for n in range(orders) for line in lines
    ]  # fmt: skip


def merged_orders(path: Path, orders: int = 4) -> Path:
    """Two lines an order; the order's own cells are merged over both."""
    heads = ("工单号", "车牌号", "VIN", "进厂日期", "里程", "实收", "项目名称", "数量", "单价", "金额")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("工单")
        sheet.write_row(0, 0, heads)
        for n in range(orders):
            row = 1 + 2 * n
            for column, cell in enumerate(
                (f"RO2024{n:06d}", plate(n), a_vin(n), f"2024-03-0{n + 1}", 30_000, 335)
            ):
                sheet.merge_range(row, column, row + 1, column, cell)
            sheet.write_row(row, 6, ("机油", 5, 60, 300))
            sheet.write_row(row + 1, 6, ("机滤", 1, 35, 35))
    return path


def packed_orders(orders: int = 4) -> Rows:
    """Orders whose lines stand in two cells; the only day is that of the bill."""
    heads = (
        "结算单号",
        "结算日期",
        "车牌号",
        "车架号",
        "客户名称",
        "维修项目",
        "配件明细",
        "工时费",
        "材料费",
        "合计",
    )
    rows = [
        [f"JS{240_000 + n}", f"2024.3.{n + 1}", plate(n), a_vin(n), name(n), "小保养,四轮定位", "机油*4*60.00=240;机滤*1*35=35",
         300, 275, 575]
        for n in range(orders)
    ]  # fmt: skip
    return [heads, *rows]


def printed_report(orders: int = 60) -> Rows:
    """A report of several pages: title and headings on each, totals, gaps, signatures and a note below."""
    heads = ("序号", "工单号", "车牌号", "底盘号", "进厂日期", "里程", "工时费", "材料费", "实收")
    title: list[list[Any]] = [["维修业务统计表"], ["统计日期:2024-01-01 至 2024-03-31"]]
    rows: list[Sequence[Any]] = [*title, heads]
    for n in range(orders):
        rows.append(
            [
                n + 1,
                f"RO{24_000_000 + n}",
                plate(n),
                a_vin(n),
                f"2024-03-{n % 28 + 1:02d}",
                10_000,
                100,
                200,
                300,
            ]
        )
        if n % 20 == 19:
            rows += [["本页小计", "", "", "", "", "", 2000, 4000, 6000], [], title[0], heads]
    return [*rows, ["总计", f"{orders}台", "", "", "", "", 6000, 12000, 18000], ["制表人:张三", "", "审核:李四"],
            ["备注:以上数据已核对"]]  # fmt: skip


def two_rows_of_headings(path: Path) -> Path:
    """Groups above the headings in merged cells, and a total that counts the customers."""
    groups = (("客户信息", 1, 2), ("车辆信息", 3, 5), ("保修", 6, 7), ("保险到期", 8, 9))
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("客户")
        sheet.merge_range(0, 0, 0, 9, "东区店客户车辆明细表")
        sheet.merge_range(1, 0, 2, 0, "序号")
        for text, first, last in groups:
            sheet.merge_range(1, first, 1, last, text)
        sheet.write_row(
            2, 1, ("姓名", "电话", "车牌", "车架", "车型", "开始日期", "结束日期", "交强险", "商业险")
        )
        for n in range(CARS):
            sheet.write_row(3 + n, 0, (n + 1, name(n), mobile(n), plate(n), a_vin(n), "朗逸", "2020-05-01", "2023-05-01",
                                       "2024-09-01", "2024-10-01"))  # fmt: skip
        sheet.write_row(3 + CARS, 0, ("合计", CARS))
        sheet.write(4 + CARS, 0, "注:本表仅供内部使用,不得外传。")
    return path


def wide(path: Path) -> Path:
    """Two hundred columns, of which five say something."""
    heads = [f"字段{n}" for n in range(195)]
    rows = [[f"x{n}" for n in range(100)] + row + [""] * 95 for row in customers()]
    return write_xlsx(path, {"s": [[*heads[:100], *CUSTOMER, *heads[100:]], *rows]})


def protected_csv(path: Path) -> Path:
    """Excel's own word on the separator, and every cell protected from being read as a number."""
    rows = ["sep=;", ";".join(CUSTOMER), *(";".join(f'="{cell}"' for cell in row) for row in customers())]
    path.write_text("\n".join(rows), encoding="utf-8-sig")
    return path


def short_dates(path: Path, form: str) -> Path:
    """Orders of a system that writes days as `form` says, with {d} {m} {y} {Y}."""
    rows = [
        [f"RO{n:06d}", a_vin(n), plate(n), form.format(d=n % 28 + 1, m=n % 12 + 1, y="24", Y="2024"), 30_000 + n, "300.00"]
        for n in range(30)
    ]  # fmt: skip
    return write_csv(path, [("RO#", "VIN", "Plate", "Date In", "Odometer", "Total"), *rows], charset="utf-8")
