"""Tables that are written as markup: HTML pages, and Excel's XML of 2003. Many dealer systems export these as `.xls`.

Both give rows of text in the order of the file; a cell that spans others has its text in the first of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree as ET

Rows = list[list[str]]
_HTML = re.compile(r"<(?:!doctype html|html|head|meta|body|table|style|div)\b", re.IGNORECASE)
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_WIDEST = 16_384  # columns of Excel; what a page claims beyond is nonsense


def is_html(head: str) -> bool:
    """Whether a text that begins like this is a page."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and bool(_HTML.search(head)) and not is_xml(head)


def is_xml(head: str) -> bool:
    """Whether a text that begins like this is a workbook in Excel's XML of 2003."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and _SPREADSHEET in head


def stated_charset(head: bytes) -> str | None:
    """The charset a page states for itself; GB2312 and GBK are read as the GB18030 that contains them."""
    match = _CHARSET.search(head)
    if match is None:
        return None
    name = match[1].decode("ascii").lower()
    return "gb18030" if name in {"gb2312", "gbk", "gb18030"} else name


# --- pages ----------------------------------------------------------------------------------------------


class _Table:
    def __init__(self) -> None:
        self.rows: Rows = []
        self.cell: list[str] | None = None
        self.span = 1
        self.down: dict[int, int] = {}  # column → rows below that a cell above still fills
        self.is_row_open = False

    def begin_row(self) -> None:
        self.end_cell()
        self.rows.append([])
        self.is_row_open = True

    def begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        if not self.is_row_open:
            self.begin_row()
        row = self.rows[-1]
        while self.down.get(len(row), 0):
            self.down[len(row)] -= 1
            row.append("")
        self.cell, self.span = [], _number(attributes.get("colspan"))
        below = _number(attributes.get("rowspan")) - 1
        for column in range(len(row), len(row) + self.span):
            if below:
                self.down[column] = below

    def end_cell(self) -> None:
        if self.cell is not None:
            text = re.sub(r"[ \t\r\f\v]*\n\s*", "\n", "".join(self.cell)).replace("\u00a0", " ").strip()
            self.rows[-1] += [text, *[""] * (self.span - 1)]
            self.cell = None

    def end_row(self) -> None:
        self.end_cell()
        if self.is_row_open:
            row = self.rows[-1]
            while self.down.get(len(row), 0):
                self.down[len(row)] -= 1
                row.append("")
        self.is_row_open = False


def _number(text: str | None) -> int:
    return min(int(text), _WIDEST) if text and text.strip().isdigit() and int(text) > 0 else 1


class _Page(HTMLParser):
    """Collects every table of a page; a table inside a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[_Table] = []
        self.found: list[_Table] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "title"}:
            self._silent += 1
        elif tag == "table":
            self.open.append(_Table())
            self.found.append(self.open[-1])
        elif self.open and tag == "tr":
            self.open[-1].end_row()
            self.open[-1].begin_row()
        elif self.open and tag in {"td", "th"}:
            self.open[-1].begin_cell(dict(attrs))
        elif tag in {"br", "p", "div"}:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "title"}:
            self._silent = max(0, self._silent - 1)
        elif self.open and tag == "table":
            self.open.pop().end_row()
        elif self.open and tag == "tr":
            self.open[-1].end_row()
        elif self.open and tag in {"td", "th"}:
            self.open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self.open and not self._silent and self.open[-1].cell is not None:
            self.open[-1].cell.append(data)


def html_tables(text: str) -> list[Rows]:
    """The tables of a page that hold rows of several cells; frames of the layout are none.

    A grid whose headings stand in a table of their own, above that of its rows, is one table.
    """
    page = _Page()
    page.feed(text)
    page.close()
    for table in page.open:
        table.end_row()
    found: list[Rows] = []
    for rows in (table.rows for table in page.found):
        if not any(sum(bool(cell) for cell in row) > 1 for row in rows):
            continue
        if found and len(found[-1]) == 1 and rows and len(found[-1][0]) == len(rows[0]):
            found[-1] += rows
        else:
            found.append(rows)
    return found


# --- Excel's XML of 2003 --------------------------------------------------------------------------------

_SS = f"{{{_SPREADSHEET}}}"


def xml_sheets(content: bytes) -> Iterator[tuple[str, Rows]]:
    """(name, rows) of each sheet. Raises ValueError when the XML is broken or declares entities."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        message = "entities"
        raise ValueError(message)
    try:
        for _event, element in ET.iterparse(BytesIO(content)):  # noqa: S314 - entities are refused above
            if element.tag == f"{_SS}Worksheet":
                yield element.get(f"{_SS}Name") or "-", _xml_rows(element)
                element.clear()
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


def _xml_rows(sheet: ET.Element) -> Rows:
    rows: Rows = []
    for row in sheet.iter(f"{_SS}Row"):
        place = row.get(f"{_SS}Index")
        rows += [[] for _gap in range(min(int(place or 0), 1_048_576) - 1 - len(rows))]
        cells: list[str] = []
        for cell in row.iter(f"{_SS}Cell"):
            column = min(int(cell.get(f"{_SS}Index") or 0), _WIDEST)
            cells += [""] * (column - 1 - len(cells))
            data = cell.find(f"{_SS}Data")
            text = "".join(data.itertext()) if data is not None else ""
            cells.append(text)
            cells += [""] * min(int(cell.get(f"{_SS}MergeAcross") or 0), _WIDEST)
        rows.append(cells)
    return rows
