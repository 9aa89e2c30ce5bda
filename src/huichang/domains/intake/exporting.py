"""Tables as workbooks. Every cell is written as text, number or date: what begins with = + - @ is never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_WIDEST = 50


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet to write. The columns from `first_note` on are ours and are coloured (None: no such columns)."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    first_note: int | None = None


def workbook(tables: Iterable[Table]) -> bytes:
    """An xlsx with one sheet a table. Rows are written one by one: memory does not grow with their number."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}  # fmt: skip
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "note": book.add_format({"bold": True, "bottom": 1, "bg_color": "#FDE9D9"}),
        }
        names: set[str] = set()
        for table in tables:
            _write(book.add_worksheet(_sheet_name(table.name, names)), table, formats)
        if not names:
            book.add_worksheet("-")
    return buffer.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    """Excel allows 31 characters, some not, and each name once whatever its case."""
    base = (name.translate(_FORBIDDEN_IN_NAMES).strip("'") or "-")[:31]
    unique, number = base, 1
    while unique.lower() in taken:
        number += 1
        unique = f"{base[: 30 - len(str(number))]}~{number}"
    taken.add(unique.lower())
    return unique


def _write(sheet: Any, table: Table, formats: dict[str, Any]) -> None:
    for column, heading in enumerate(table.headings):
        is_ours = table.first_note is not None and column >= table.first_note
        sheet.set_column(
            column, column, min(_WIDEST, max(10, 2 * len(heading) + 2)) if not is_ours else _WIDEST
        )
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(table.headings):
        is_ours = table.first_note is not None and column >= table.first_note
        sheet.write_string(0, column, heading, formats["note" if is_ours else "head"])
    for number, row in enumerate(table.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day))  # noqa: DTZ001 - a day has no zone
    else:
        sheet.write_string(row, column, str(value)[:32767])
