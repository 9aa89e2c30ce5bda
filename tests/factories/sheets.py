"""Small exports written by the tests: any headings, any order, with or without title rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt
from django.utils import timezone

from huichang.domains.customers import identifiers
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.planning import Source, make_plan
from huichang.domains.intake.queries import refusals_as_json
from huichang.domains.intake.running import begun, carry_out
from huichang.domains.vehicles import vin
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope

Rows = Sequence[Sequence[Any]]
ACTOR = system("test")

OWNER_HEADS = (
    "客户编号", "客户名称", "证件号码", "移动电话", "车牌号", "车架号", "车型", "开票日期", "保修开始日期", "保修结束日期",
    "最近里程", "备注",
)  # fmt: skip
ORDER_HEADS = ("工单号", "车牌号", "车架号", "进厂日期", "里程", "工时费", "配件费", "折扣", "实收")


def a_vin(number: int) -> str:
    """A VIN with the right check digit, another for each number."""
    body = f"LVSHFAAL0LF{number:06d}"
    return body[:8] + vin.check_digit(body) + body[9:]


def an_id(number: int) -> str:
    """An identity number with the right check character."""
    body = f"31010119850{number % 9 + 1}1{number % 10}{number:03d}"[:17].ljust(17, "1")
    return body + identifiers.id_check(body)


def owner(number: int, **changes: Any) -> list[Any]:
    """A clean row of the customer sheet (`OWNER_HEADS`); columns may be changed by their names."""
    row = dict(zip(OWNER_HEADS, (
        f"C{number:05d}", "张" + "明华丽强敏"[number % 5], an_id(number), f"138{number:08d}", f"沪A{number:05d}",
        a_vin(number), "福克斯 2021款 三厢", "2022-03-05", "2022-03-05", "2025-03-05", 35000, ""), strict=True))  # fmt: skip
    return list((row | changes).values())


def order(number: int, car: int, **changes: Any) -> list[Any]:
    """A clean row of the order sheet (`ORDER_HEADS`) of car `car`."""
    row = dict(zip(ORDER_HEADS, (
        f"RO{number:08d}", f"沪A{car:05d}", a_vin(car), "2024-05-06 09:30", 30000, 200, 400, 0, 600), strict=True))  # fmt: skip
    return list((row | changes).values())


def write_xlsx(path: Path, sheets: Mapping[str, Rows]) -> Path:
    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def write_xls(path: Path, sheets: Mapping[str, Rows]) -> Path:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
    book.save(str(path))
    return path


def write_csv(path: Path, rows: Rows, *, charset: str, delimiter: str = ",") -> Path:
    with path.open("w", encoding=charset, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def load(dealer: Dealer, *paths: Path, is_dry_run: bool = False) -> tuple[ImportRun, dict[str, Any]]:
    """Import files as the console does; the result is {"sheets": […], "refusals": […]}."""
    sources = [Source(path, path.name) for path in paths]
    with dealer_scope(dealer.pk):
        plan = make_plan(sources)
    with begun(dealer=dealer, plan=plan, is_dry_run=is_dry_run, actor=ACTOR, now=timezone.now()) as run:
        result = carry_out(run=run, dealer=dealer, sources=sources, actor=ACTOR, clock=timezone.now)
    with dealer_scope(dealer.pk):
        return run, result | {"refusals": json.loads(json.dumps(refusals_as_json(run)))}


def counts(result: dict[str, Any], sheet: int = 0) -> dict[str, int]:
    """The outcomes of one sheet that are not zero; checks that they add up."""
    found = result["sheets"][sheet]
    outcomes = {name: found[name] for name in ("created", "updated", "unchanged", "merged", "refused")}
    assert found["rows"] == sum(outcomes.values())
    return {name: count for name, count in outcomes.items() if count}
