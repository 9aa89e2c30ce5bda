"""How the sheets of some files will be read: what we recognise, what the store has set before, samples to check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from huichang.domains.intake import headings, reading
from huichang.domains.intake.cleaning import as_text
from huichang.domains.intake.dates import read_date
from huichang.domains.intake.models import ImportMapping
from huichang.domains.intake.recognise import SAMPLE_ROWS, Recognised, recognise, with_columns
from huichang.domains.intake.vocabulary import KINDS

SAMPLES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import: where it is and what its sender calls it."""

    path: Path
    name: str


@dataclass(slots=True)
class SheetPlan:
    """How one sheet is read. `kind` '' leaves it out; columns count from 0; `heading_row` is a row number (0: none).

    `remembered` says that the store has set this mapping before; `samples` are the first values of each column.
    """

    file: str
    sheet: str
    kind: str
    heading_row: int
    columns: dict[int, str]
    headings: list[str]
    fingerprint: str
    by_content: list[int] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    rows: int = 0
    remembered: bool = False

    def as_json(self) -> dict[str, Any]:
        shown = {name: getattr(self, name) for name in self.__slots__}
        return shown | {"columns": {str(column): name for column, name in self.columns.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SheetPlan:
        columns = {int(column): name for column, name in stored["columns"].items()}
        return cls(**{**stored, "columns": columns})

    @property
    def order(self) -> int:
        return KINDS[self.kind].order if self.kind else 999

    @property
    def is_correction(self) -> bool:
        """Whether it comes from our workbook of refused rows: it holds only these, not whole orders."""
        return sum(headings.is_ours(headings.plain(heading)) for heading in self.headings) > 1


@dataclass(frozen=True, slots=True)
class Plan:
    """All sheets of an import; `as_of` is the day of the export as its title rows state it, None when they do not."""

    sheets: list[SheetPlan]
    as_of: date | None

    @property
    def is_empty(self) -> bool:
        """Not one row under any heading: nothing to import, and nothing to set either."""
        return not any(sheet.rows for sheet in self.sheets)

    @property
    def takes_nothing(self) -> bool:
        """No sheet was recognised, or those that were have no rows."""
        return not any(sheet.kind and sheet.rows for sheet in self.sheets)


def make_plan(sources: Iterable[Source]) -> Plan:
    """Look into every sheet. Needs the dealer's scope (remembered mappings). Raises reading.Unreadable."""
    remembered = {mapping.fingerprint: mapping for mapping in ImportMapping.objects.all()}
    plans: list[SheetPlan] = []
    days: list[date] = []
    for source in sources:
        for sheet in reading.sheets(source.path, source.name):
            plan, day = _sheet_plan(sheet, remembered)
            if plan:
                plans.append(plan)
            if day:
                days.append(day)
    return Plan(plans, max(days, default=None))


def _sheet_plan(
    sheet: reading.Sheet, remembered: Mapping[str, ImportMapping]
) -> tuple[SheetPlan | None, date | None]:
    rows = sheet.rows()
    numbered = list(islice(rows, SAMPLE_ROWS))
    if not numbered:
        return None, None
    sample = [cells for _number, cells in numbered]
    total = len(numbered) + sum(1 for _row in rows)
    found, is_remembered = _recognised(sample, remembered)
    above = sample[: found.heading_row or 0]
    return _describe(sheet, found, numbered, total, is_remembered=is_remembered), _export_day(above)


def _recognised(
    sample: Sequence[Sequence[Any]], remembered: Mapping[str, ImportMapping]
) -> tuple[Recognised, bool]:
    found = recognise(sample)
    for index, row in enumerate(sample[: headings.SEARCHED_ROWS]):
        mapping = remembered.get(headings.fingerprint(row))
        if mapping is None:
            continue
        if not mapping.kind:
            return Recognised("", index, {}, mapping.fingerprint, headings=tuple(map(as_text, row))), True
        columns = {int(column): name for column, name in mapping.columns.items()}
        # A mapping of headings holds wherever the row of headings stands.
        return with_columns(sample, mapping.kind, index, columns), True
    return found, False


def _describe(
    sheet: reading.Sheet,
    found: Recognised,
    numbered: Sequence[tuple[int, Sequence[Any]]],
    total: int,
    *,
    is_remembered: bool,
) -> SheetPlan:
    first = found.heading_row + 1 if found.heading_row is not None else 0
    body = [cells for _number, cells in numbered[first:]]
    return SheetPlan(
        file=sheet.file,
        sheet=sheet.name,
        kind=found.kind,
        heading_row=numbered[found.heading_row][0] if found.heading_row is not None else 0,
        columns=dict(found.columns),
        headings=list(found.headings),
        fingerprint=found.fingerprint,
        by_content=sorted(found.by_content),
        samples=[_samples(body, column) for column in range(len(found.headings))],
        missing=list(found.missing),
        rows=total - first,
        remembered=is_remembered,
    )


def _samples(body: Sequence[Sequence[Any]], column: int) -> list[str]:
    """A few different values of a column, so that a person can see what is in it."""
    texts = (as_text(row[column])[:40] for row in body if column < len(row))
    return list(islice(dict.fromkeys(text for text in texts if text), SAMPLES_SHOWN))


_DAY = re.compile(
    r"(?:导出|制表|打印|截止|统计|查询|export\w*|as of|printed)\D{0,12}"
    r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8})",
    re.IGNORECASE,
)


def _export_day(above: Iterable[Sequence[Any]]) -> date | None:
    for row in above:
        for cell in row:
            match = _DAY.search(as_text(cell))
            if match:
                return read_date(match[1])[0]
    return None
