"""Archives of exports: many systems hand out a zip. What is a table in it is imported as if it lay in a folder."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils.translation import gettext as _

from huichang.domains.intake.reading import LARGEST_UNPACKED, Unreadable

ENDINGS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".txt", ".tsv", ".htm", ".html", ".xml"}
MOST_FILES = 200
_PARTS_OF_WORKBOOKS = {"[Content_Types].xml", "mimetype"}
_NAMES_ARE_UTF8 = 0x800
_IS_ENCRYPTED = 0x1


def is_archive(file: Path | IO[bytes]) -> bool:
    """True for a zip that is no workbook (those are zips too)."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return not _PARTS_OF_WORKBOOKS & set(archive.namelist())


def members(file: Path | IO[bytes], shown: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the tables in an archive, in its order. Raises Unreadable."""
    try:
        with zipfile.ZipFile(file) as archive:
            tables = [item for item in archive.infolist() if _is_table(item)]
            _check(tables, shown)
            for item in tables:
                yield PurePosixPath(_name(item)).name, archive.read(item)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable(_("{file}:压缩包是坏的({error})").format(file=shown, error=error)) from error


def _check(tables: list[zipfile.ZipInfo], shown: str) -> None:
    if not tables:
        raise Unreadable(_("{file}:压缩包里没有表格文件").format(file=shown))
    if any(item.flag_bits & _IS_ENCRYPTED for item in tables):
        raise Unreadable(_("{file}:压缩包有密码,请解压后再导入").format(file=shown))
    if len(tables) > MOST_FILES or sum(item.file_size for item in tables) > LARGEST_UNPACKED:
        raise Unreadable(_("{file}:解开后太大,请分成几个文件").format(file=shown))


def _is_table(item: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(_name(item))
    hidden = any(part.startswith((".", "~", "__MACOSX")) for part in path.parts)
    return not item.is_dir() and not hidden and path.suffix.lower() in ENDINGS


def _name(item: zipfile.ZipInfo) -> str:
    """Archives made on Chinese Windows write names in GBK and do not say so."""
    if item.flag_bits & _NAMES_ARE_UTF8:
        return item.filename
    try:
        return item.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return item.filename
