"""Reads of the import: refused rows as data and as a workbook to correct, open to-dos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from huichang.domains.intake.exporting import Table, workbook
from huichang.domains.intake.headings import is_ours, plain
from huichang.domains.intake.models import ImportRefusal, ImportRun, RecordToDo


def refusals(run: ImportRun) -> QuerySet[ImportRefusal]:
    """Refused rows in the order of the files' sheets and rows."""
    return ImportRefusal.objects.filter(run=run).order_by("file", "sheet", "row", "pk")


def refusals_as_json(run: ImportRun) -> list[dict[str, Any]]:
    """[{file, sheet, row, column, value, reason, remedy}], texts in the language in force."""
    return [
        {
            "file": one.file,
            "sheet": one.sheet,
            "row": one.row,
            "column": one.column,
            "value": one.value,
            "reason": one.reason,
            "remedy": one.remedy,
        }
        for one in refusals(run).iterator()
    ]


def refused_workbook(run: ImportRun) -> bytes:
    """An xlsx with a sheet for each sheet that had refused rows: its own columns, then reason and remedy.

    Corrected, it can be imported again as it is: our columns are skipped.
    """
    headings = {(sheet["file"], sheet["sheet"]): sheet["headings"] for sheet in run.sheets}
    groups = groupby(refusals(run).iterator(), key=lambda one: (one.file, one.sheet))
    return workbook(
        _refused_table(sheet, headings.get((file, sheet), []), list(group)) for (file, sheet), group in groups
    )


def _refused_table(name: str, headings: Sequence[str], rows: list[ImportRefusal]) -> Table:
    # A workbook that comes back a second time has our columns already: they are written anew.
    kept = [column for column, heading in enumerate(headings) if not is_ours(plain(heading))]
    shown = [headings[column] for column in kept]
    return Table(name, [*shown, _("原因"), _("处理办法")], _refused_rows(rows, kept), first_note=len(shown))


def _refused_rows(rows: list[ImportRefusal], kept: Sequence[int]) -> Iterator[list[Any]]:
    for _row, group in groupby(rows, key=lambda one: one.row):
        ones = list(group)
        cells: list[Any] = json.loads(ones[0].cells or "[]")
        line = [cells[column] if column < len(cells) else "" for column in kept]
        reasons = [f"{one.column}:{one.reason}" if one.column else one.reason for one in ones]
        yield [*line, "\n".join(reasons), "\n".join(one.remedy for one in ones)]


def open_todos() -> QuerySet[RecordToDo]:
    """Cells set aside that nobody has settled, newest first."""
    return RecordToDo.objects.filter(done_at=None).order_by("-created_at", "pk")


def todos_of(record: str, record_id: int) -> QuerySet[RecordToDo]:
    """Open to-dos of one record (`customer`, `car`, `order`)."""
    return open_todos().filter(record=record, record_id=record_id)
