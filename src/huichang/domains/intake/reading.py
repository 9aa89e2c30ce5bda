"""Files → sheets of raw cells with their row numbers. xlsx, xls, xlsb, ods by calamine; csv in any usual charset.

Cells come as str, float, int, bool, date, datetime, time, timedelta or '' — cleaning is `cleaning.py`'s.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import mmap
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

import python_calamine
from django.utils.translation import gettext as _

from huichang.domains.intake import markup

Row = list[Any]
Rows = Iterator[tuple[int, Row]]

_SPREADSHEETS = {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}
_CSV_SAMPLE = 256 * 1024
# Pictures, PDFs and archives are sent by mistake, often under another ending.
_NO_TABLES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"RIFF")
# A spreadsheet that would unpack to more than this is refused rather than read into memory.
LARGEST_UNPACKED = 2 * 1024**3


class Unreadable(Exception):
    """The file cannot be read at all; the text says why and what to do, for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a file. `rows()` starts anew each time it is called; numbers are those the reader sees (from 1)."""

    file: str
    name: str
    rows: Callable[[], Rows]


def sheets(path: Path, name: str = "") -> list[Sheet]:
    """The sheets of a file in their order. `name` is shown instead of the file's own. Raises Unreadable."""
    shown = name or path.name
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise Unreadable(_("{file}:打不开({error})").format(file=shown, error=error.strerror)) from error
    if not head:
        raise Unreadable(_("{file}:文件是空的").format(file=shown))
    if head in _SPREADSHEETS:
        return _workbook(path, shown)
    if head.startswith(_NO_TABLES):
        raise Unreadable(_("{file}:不是 Excel 工作簿,也不是文字表格").format(file=shown))
    return _marked_up(path, shown) or [_table(path, shown)]


# --- pages and XML that are called workbooks ------------------------------------------------------------

_HEAD = 4096


def _marked_up(path: Path, shown: str) -> list[Sheet]:
    """The sheets of a page or of Excel's XML of 2003; none when the file is neither."""
    with path.open("rb") as file:
        start = file.read(_HEAD)
    head = start.decode(
        "utf-16" if start[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "latin-1", "ignore"
    )
    if markup.is_xml(head):
        try:
            return [_listed(shown, name, rows) for name, rows in markup.xml_sheets(path.read_bytes())]
        except ValueError as error:
            raise Unreadable(_unreadable(shown, error)) from error
    if not markup.is_html(head):
        return []
    try:
        text = path.read_text(encoding=markup.stated_charset(start) or _charset(path, shown))
    except (UnicodeError, LookupError):
        text = path.read_text(encoding=_charset(path, shown), errors="replace")
    tables = markup.html_tables(text)
    if not tables:
        raise Unreadable(_("{file}:网页里没有表格").format(file=shown))
    stem = Path(shown).stem
    names = [stem] if len(tables) == 1 else [f"{stem} {number}" for number in range(1, len(tables) + 1)]
    return [_listed(shown, name, rows) for name, rows in zip(names, tables, strict=True)]


def _listed(shown: str, name: str, listed: list[list[str]]) -> Sheet:
    def rows() -> Rows:
        for number, cells in enumerate(listed, start=1):
            if any(cell.strip() for cell in cells):
                yield number, list(cells)

    return Sheet(shown, name, rows)


# --- spreadsheets ---------------------------------------------------------------------------------------


def _workbook(path: Path, shown: str) -> list[Sheet]:
    _refuse_bombs(path, shown)
    if _is_locked(path):
        raise Unreadable(_locked(shown))
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        names = [meta.name for meta in workbook.sheets_metadata if _holds_cells(meta)]
    except (python_calamine.CalamineError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Unreadable(_unreadable(shown, error)) from error
    return [Sheet(shown, name, _lazy_rows(workbook, path, name, shown)) for name in names]


def _unreadable(shown: str, error: Exception) -> str:
    if isinstance(error, python_calamine.PasswordError):
        return _locked(shown)
    return _("{file}:不是完好的 Excel 工作簿或 CSV 文件({error})").format(file=shown, error=error)


def _locked(shown: str) -> str:
    return _("{file}:工作簿有密码,请去掉密码另存后再导入").format(file=shown)


_ENCRYPTED = "EncryptedPackage".encode(
    "utf-16-le"
)  # the stream of an xlsx with a password, in its OLE container


def _is_locked(path: Path) -> bool:
    """Calamine knows an encrypted xlsx by its ending only, and uploads have none."""
    with path.open("rb") as file:
        if file.read(4) != b"\xd0\xcf\x11\xe0":
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(_ENCRYPTED) >= 0


def _holds_cells(meta: Any) -> bool:
    return bool(meta.typ == python_calamine.SheetTypeEnum.WorkSheet)


def _refuse_bombs(path: Path, shown: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if sum(item.file_size for item in archive.infolist()) > LARGEST_UNPACKED:
            raise Unreadable(_("{file}:解开后太大,请分成几个文件").format(file=shown))


def _lazy_rows(
    workbook: python_calamine.CalamineWorkbook, path: Path, name: str, shown: str
) -> Callable[[], Rows]:
    def rows() -> Rows:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise Unreadable(_unreadable(shown, error)) from error
        if sheet.start is None:
            return
        formulas = _formulas(path, workbook.sheet_names.index(name))
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = _with_formulas(cells, formulas[number]) if number in formulas else cells
            if any(cell != "" for cell in row):
                yield number, row

    return rows


def _with_formulas(row: Row, formulas: dict[int, str]) -> Row:
    """A formula without a computed value shows its text, so that it can be refused with what it says."""
    filled = row + [""] * (max(formulas) + 1 - len(row))
    for column, text in formulas.items():
        if filled[column] == "":
            filled[column] = text
    return filled


_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*><f[^>]*>([^<]*)</f>')


def _formulas(path: Path, index: int) -> dict[int, dict[int, str]]:
    """Row → column → `=text` of the formulas of an xlsx sheet; calamine gives their values only."""
    found: dict[int, dict[int, str]] = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as archive:
        part = _sheet_part(archive, index)
        if part is None:
            return found
        with archive.open(part) as file:
            tail = b""
            while chunk := file.read(1 << 20):
                text = tail + chunk
                for match in _FORMULA.finditer(text):
                    column, row = _column(match[1]), int(match[2])
                    found.setdefault(row, {})[column] = "=" + unescape(match[3].decode("utf-8", "replace"))
                tail = text[text.rfind(b"<c ") :] if b"<c " in text[-8192:] else b""
    return found


_SHEET = re.compile(r"<(?:\w+:)?sheet [^>]*?r:id=\"([^\"]+)\"")
_RELATION = re.compile(r"<Relationship [^>]*>")


def _sheet_part(archive: zipfile.ZipFile, index: int) -> str | None:
    """The part of the archive that holds sheet number `index`."""
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    ids = _SHEET.findall(book)
    for relation in _RELATION.findall(relations):
        if index < len(ids) and f'Id="{ids[index]}"' in relation:
            target = re.search(r'Target="([^"]+)"', relation)
            if target:
                name = target[1].lstrip("/")
                return name if name.startswith("xl/") else f"xl/{name}"
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


# --- csv ------------------------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _table(path: Path, shown: str) -> Sheet:
    charset = _charset(path, shown)
    with path.open(encoding=charset, errors="strict", newline="") as file:
        sample = file.read(_CSV_SAMPLE // 4)
    if sum(not (c.isprintable() or c.isspace()) for c in sample) > len(sample) / 50:
        raise Unreadable(_("{file}:不是 Excel 工作簿,也不是文字表格").format(file=shown))
    stated = _STATED_DELIMITER.match(sample)
    delimiter = stated[1] if stated else _delimiter(sample)
    first = 1 if stated else 0

    def rows() -> Rows:
        with path.open(encoding=charset, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            numbered = enumerate(_strict(reader, shown), start=1)
            for number, cells in itertools.islice(numbered, first, None):
                if any(cell.strip() for cell in cells):
                    yield number, [_unprotected(cell) for cell in cells]

    return Sheet(shown, Path(shown).stem, rows)


_STATED_DELIMITER = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # Excel's own way to say it
_PROTECTED = re.compile(r'="([^"]*)"\s*')


def _unprotected(cell: str) -> str:
    """`="0138"` is how some exports keep Excel from reading text as a number: its inside counts."""
    if cell.startswith('="') and (match := _PROTECTED.fullmatch(cell)):
        return match[1]
    return cell


def _strict(reader: Any, shown: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except (csv.Error, UnicodeError) as error:
        raise Unreadable(_unreadable(shown, error)) from error


def _charset(path: Path, shown: str) -> str:
    """UTF-8 with or without mark, UTF-16 with or without mark, else GB18030 (which contains GBK, GB2312)."""
    with path.open("rb") as file:
        sample = file.read(_CSV_SAMPLE)
        whole = len(sample) < _CSV_SAMPLE
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if sample[1::2].count(0) > len(sample) / 8:
        return "utf-16-le"
    if sample[::2].count(0) > len(sample) / 8:
        return "utf-16-be"
    for name in ("utf-8", "gb18030", "big5"):
        if _decodes(sample, name, whole=whole):
            return name
    raise Unreadable(_("{file}:文字编码认不出来,请另存为 UTF-8 再导入").format(file=shown))


def _decodes(sample: bytes, charset: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(charset)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(sample: str) -> str:
    """The separator that cuts the first lines into the same number (>1) of cells most often."""
    lines = list(io.StringIO(sample))[:50]
    best, most = ",", 0
    for candidate in (",", "\t", ";", "|"):
        widths = [len(row) for row in csv.reader(lines, delimiter=candidate)]
        common = max(set(widths), key=widths.count) if widths else 1
        score = widths.count(common) * common if common > 1 else 0
        if score > most:
            best, most = candidate, score
    return best
