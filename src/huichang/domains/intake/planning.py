"""How the sheets of some files will be read: what we recognise, what the store has set before, samples to check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from huichang.domains.intake import day_order, facets, headings, reading
from huichang.domains.intake.cleaning import as_text
from huichang.domains.intake.dates import read_date
from huichang.domains.intake.models import ImportMapping, ImportRun
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.recognise import SAMPLE_ROWS, Recognised, recognise, with_columns
from huichang.domains.intake.vocabulary import KINDS

SAMPLES_SHOWN = 4
_MOST_TITLES = 20
_RUNS_SEARCHED = 50
# What of a plan says how its rows are read.
_READING = (
    "kind",
    "columns",
    "by_content",
    "part",
    "fill",
    "day_orders",
    "visit",
    "fingerprint",
    "remembered",
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import: where it is and what its sender calls it."""

    path: Path
    name: str


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
            found, day = _sheet_plans(sheet, remembered)
            plans += found
            if day:
                days.append(day)
    return Plan(facets.without_twice_told(plans), max(days, default=None))


def _sheet_plans(
    sheet: reading.Sheet, remembered: Mapping[str, ImportMapping]
) -> tuple[list[SheetPlan], date | None]:
    rows = sheet.rows()
    numbered = list(islice(rows, SAMPLE_ROWS))
    if not numbered:
        return [], None
    sample = [cells for _number, cells in numbered]
    total = len(numbered) + sum(1 for _row in rows)
    found, is_remembered = _recognised(sample, remembered)
    above = sample[: found.heading_row or 0]
    plan = _describe(sheet, found, numbered, total, is_remembered=is_remembered)
    if plan.is_correction and (as_before := _as_before(plan)):
        return as_before, _export_day(above)
    body = sample[found.heading_row + 1 if found.heading_row is not None else 0 :]
    plans = [_as_remembered(one, remembered) for one in facets.divided(plan, body)]
    for one in plans:
        one.day_orders = _day_orders(one, body)
        if one.visit in plans[0].day_orders:
            one.day_orders[one.visit] = plans[0].day_orders[one.visit]
    return plans, _export_day(above)


def _as_before(plan: SheetPlan) -> list[SheetPlan]:
    """A workbook of refused rows is read as the sheet it came from: few rows show little of what a column is."""
    for run in ImportRun.objects.order_by("-created_at")[:_RUNS_SEARCHED]:
        stored = [SheetPlan.from_json(sheet) for sheet in run.sheets]
        origin = next((one for one in stored if one.fingerprint == plan.fingerprint), None)
        if origin is None or not origin.kind:
            continue
        facets_of_it = (one for one in stored if (one.file, one.sheet) == (origin.file, origin.sheet))
        return [
            replace(plan, **{name: getattr(one, name) for name in _READING})
            for one in facets_of_it
            if one.kind
        ]
    return []


def _as_remembered(plan: SheetPlan, remembered: Mapping[str, ImportMapping]) -> SheetPlan:
    """A facet as the store has set it before."""
    mapping = remembered.get(plan.fingerprint) if plan.part else None
    if mapping:
        plan.kind, plan.remembered = mapping.kind, True
        plan.columns = {int(column): name for column, name in mapping.columns.items()}
    return plan


def _day_orders(plan: SheetPlan, body: Sequence[Sequence[Any]]) -> dict[int, str]:
    fields = KINDS[plan.kind].fields if plan.kind else {}
    orders = {
        column: day_order.order_of(row[column] for row in body if column < len(row))
        for column, name in plan.columns.items()
        if name in fields and fields[name].reads in {"date", "datetime", "birthday"}
    }
    return {column: order for column, order in orders.items() if order}


def _recognised(
    sample: Sequence[Sequence[Any]], remembered: Mapping[str, ImportMapping]
) -> tuple[Recognised, bool]:
    found = recognise(sample)
    for index, row in headings.candidates(sample):
        mapping = remembered.get(headings.fingerprint(row))
        if mapping is None:
            continue
        if not mapping.kind:
            return Recognised("", index, {}, mapping.fingerprint, headings=tuple(map(as_text, row))), True
        columns = {int(column): name for column, name in mapping.columns.items()}
        # A mapping of headings holds wherever the row of headings stands.
        return with_columns(sample, mapping.kind, index, columns, row), True
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
    above = [
        text for _number, cells in numbered[: max(first - 1, 0)] for cell in cells if (text := as_text(cell))
    ]
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
        titles=[text[:80] for text in above[:_MOST_TITLES]],
    )


def _samples(body: Sequence[Sequence[Any]], column: int) -> list[str]:
    """A few different values of a column, so that a person can see what is in it."""
    texts = (as_text(row[column])[:40] for row in body if column < len(row))
    return list(islice(dict.fromkeys(text for text in texts if text), SAMPLES_SHOWN))


_A_DAY = r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8})"
_NO_PERIOD = (
    r"(?![\d日])(?!\s*(?:至|到|~|~|—|-|to)\s*\d)"  # the days a report is about are not that of its export
)
_DAY = re.compile(
    rf"(?:导出|制表|打印|截止|截至|统计|查询|export\w*|as of|printed|generated)\D{{0,12}}{_A_DAY}{_NO_PERIOD}",
    re.IGNORECASE,
)


def _export_day(above: Iterable[Sequence[Any]]) -> date | None:
    texts = (as_text(cell) for row in above for cell in row)
    stated = (match[1] for text in texts if (match := _DAY.search(text)))
    return next((day for text in stated if (day := read_date(text)[0])), None)
