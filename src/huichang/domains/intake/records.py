"""The rows of a sheet → records: furniture left out, merged cells filled, cells of several records divided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from huichang.domains.intake.cleaning import as_text
from huichang.domains.intake.dates import read_datetime
from huichang.domains.intake.day_order import rewritten
from huichang.domains.intake.facets import CARS, LINES, OWNERS, PACKED_LINES
from huichang.domains.intake.furniture import Furniture
from huichang.domains.intake.packed import ITEM_FIELDS, items
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.vocabulary import KINDS, PACKED
from huichang.domains.vehicles import vin

Row = list[Any]
Rows = Iterable[tuple[int, Row]]


def effective_columns(plan: SheetPlan) -> dict[int, str]:
    """Where the fields of a record stand: of packed lines behind the sheet's own columns."""
    if plan.part != PACKED_LINES:
        return plan.columns
    own = {column: name for column, name in plan.columns.items() if name not in PACKED}
    return own | {len(plan.headings) + place: name for place, name in enumerate(ITEM_FIELDS)}


def records(plan: SheetPlan, rows: Callable[[], Rows], left_out: Counter[str]) -> Iterator[tuple[int, Row]]:
    """(row number, cells) of each record of a sheet; counts in `left_out` what is none, once for a sheet."""
    counted = left_out if not plan.part else Counter[str]()
    found = _filled(plan, _below_headings(plan, rows(), counted))
    if plan.part == OWNERS:
        newest = _newest(plan, _filled(plan, _below_headings(plan, rows(), Counter())))
        found = ((number, cells) for number, cells in found if number in newest)
    divide = _DIVIDERS.get(plan.part) or (_cars_of_one_cell if plan.kind == "customers" else _as_it_is)
    if plan.part.startswith(CARS):
        divide = _with_own_columns
    for number, cells in found:
        for one in divide(plan, cells):
            yield number, one


def _below_headings(plan: SheetPlan, rows: Rows, left_out: Counter[str]) -> Rows:
    known = KINDS[plan.kind].fields if plan.kind else {}
    essential = {column for column, name in plan.columns.items() if name in known and known[name].essential}
    furniture = Furniture(plan.headings, frozenset(essential), frozenset(plan.titles))
    for number, cells in rows:
        if number <= plan.heading_row:
            continue
        what = furniture.class_of(cells)
        if what:
            left_out[what] += 1
        else:
            yield number, cells


def _filled(plan: SheetPlan, rows: Rows) -> Rows:
    """A row without any of an order's own cells belongs to the order above: it stood in merged cells."""
    above: Row = []
    for number, cells in rows:
        is_below = bool(plan.fill and above) and not any(_text(cells, column) for column in plan.fill)
        above = _with_cells_of(above, cells, plan.fill) if is_below else cells
        yield number, above


def _with_cells_of(above: Row, cells: Row, columns: Sequence[int]) -> Row:
    row = [*cells, *[""] * (len(above) - len(cells))]
    for column in columns:
        row[column] = above[column] if column < len(above) else ""
    return row


def _text(cells: Sequence[Any], column: int) -> str:
    return as_text(cells[column]) if column < len(cells) else ""


def _newest(plan: SheetPlan, rows: Rows) -> set[int]:
    """The row of each car's newest visit: who owns it now is whom that order names."""
    column = next((c for c, name in plan.columns.items() if name in {"vin", "mixed_more", "mixed"}), None)
    newest: dict[str, tuple[str, int]] = {}
    for number, cells in rows:
        car = _text(cells, column) if column is not None else ""
        day = _moment(plan, cells)
        if car and (day, number) >= newest.get(car, ("", 0)):
            newest[car] = day, number
    return {number for _day, number in newest.values()}


def _moment(plan: SheetPlan, cells: Sequence[Any]) -> str:
    """When the visit of a row was, in a form that sorts; '' when the row does not say."""
    column = plan.visit
    if column is None or column >= len(cells):
        return ""
    written = rewritten(cells[column], plan.day_orders.get(column, ""))
    moment, _fix = read_datetime(cells[column] if written is None else written)
    return moment.isoformat() if moment else ""


def _as_it_is(plan: SheetPlan, cells: Row) -> Iterator[Row]:
    yield cells


def _with_own_columns(plan: SheetPlan, cells: Row) -> Iterator[Row]:
    """Only rows that say something of the facet: its car, its line."""
    name = "vin" if plan.kind == "customers" else ""
    own = [c for c, found in plan.columns.items() if found == name or (not name and c not in plan.fill)]
    if any(_text(cells, column) for column in own):
        yield cells


def _cars_of_one_cell(plan: SheetPlan, cells: Row) -> Iterator[Row]:
    """A cell with several VINs is as many cars; a cell with as many parts is divided among them."""
    column = next((c for c, name in plan.columns.items() if name == "vin"), None)
    parts = _parts(_text(cells, column)) if column is not None else []
    if len(parts) < 2 or not all(len(vin.normalise(part)) == vin.LENGTH for part in parts):
        yield cells
        return
    divided = {c: _parts(_text(cells, c)) for c in plan.columns if c < len(cells)}
    for place in range(len(parts)):
        yield [
            divided[c][place] if c in divided and len(divided[c]) == len(parts) else cell
            for c, cell in enumerate(cells)
        ]


def _parts(text: str) -> list[str]:
    for mark in "、,,;;|/":
        text = text.replace(mark, "\n")
    return text.split()


def _packed_lines(plan: SheetPlan, cells: Row) -> Iterator[Row]:
    width = len(plan.headings)
    row = [*cells, *[""] * (width - len(cells))][:width]
    for column, name in plan.columns.items():
        if name in PACKED:
            kind = "工时" if name == PACKED[0] else "配件"
            for item in items(_text(cells, column)):
                yield [*row, kind, *item]


_DIVIDERS = {LINES: _with_own_columns, PACKED_LINES: _packed_lines, OWNERS: _as_it_is}
