"""Which kind of sheet it is and which column is which: by the words of the headings and by what the columns hold."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from huichang.domains.customers import identifiers
from huichang.domains.intake import headings
from huichang.domains.intake.cleaning import as_text, mixed
from huichang.domains.intake.dates import read_datetime
from huichang.domains.intake.vocabulary import KINDS, MIXED, Kind
from huichang.domains.vehicles import vin

SAMPLE_ROWS = 300
# A column is taken for what most of its filled cells are; dirt is what the import is for.
MOST = 0.75
NEARLY_ALL = 0.9
_MOST_AMOUNTS = 12

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a sheet is read. `kind` is '' when it is none of ours; columns count from 0.

    `heading_row` is the index among the sheet's non-empty rows, None when the first row is data already.
    `by_content` are the columns that were recognised by their cells, not by their headings.
    """

    kind: str
    heading_row: int | None
    columns: dict[int, str]
    fingerprint: str
    by_content: frozenset[int] = frozenset()
    headings: tuple[str, ...] = ()
    score: float = 0.0
    missing: tuple[str, ...] = field(default=())


def recognise(sample: Sequence[Row]) -> Recognised:
    """Read the first rows of a sheet (see SAMPLE_ROWS)."""
    candidates = [_as_kind(sample, kind) for kind in KINDS.values()]
    fitting = [one for one in candidates if not one.missing]
    if fitting:
        return max(fitting, key=lambda one: one.score)
    # None of ours: its headings are shown nevertheless, so that a person can say what it is.
    index = _unknown_headings(sample)
    row = sample[index] if index is not None else ()
    return Recognised(
        "", index, {}, headings.fingerprint(row or _shape(sample)), headings=_shown(row, sample)
    )


def with_columns(
    sample: Sequence[Row], kind: str, heading_row: int | None, columns: dict[int, str], row: Row
) -> Recognised:
    """A mapping a person has set, in the form of one we found; `row` are the headings."""
    return Recognised(
        kind,
        heading_row,
        columns,
        headings.fingerprint(row or _shape(sample)),
        headings=_shown(row, sample),
        missing=_missing(KINDS[kind], columns),
    )


def _as_kind(sample: Sequence[Row], kind: Kind) -> Recognised:
    index, _columns, row = headings.find(sample, kind)
    if index is None:
        index = _unknown_headings(sample)
        row = sample[index] if index is not None else ()
    body = sample[(index + 1 if index is not None else 0) :]
    columns, by_content = columns_of(row, body, kind)
    if index is None and (index := _before_data(sample, columns)) is not None:
        row = sample[index]
    return Recognised(
        kind.name,
        index,
        columns,
        headings.fingerprint(row or _shape(sample)),
        frozenset(by_content),
        _shown(row, sample),
        _score(kind, columns, by_content, row),
        _missing(kind, columns),
    )


def columns_of(row: Row, body: Sequence[Row], kind: Kind) -> tuple[dict[int, str], set[int]]:
    """Column → field of `kind` by the words of the headings `row` and by what `body` holds; and those by content."""
    columns, by_content = _with_content(headings.fields(row, kind), body, kind, row)
    if kind.name == "orders" and "arrived_at" not in columns.values():
        # A sheet of settled orders may know no other day than that of the bill.
        columns = {column: "arrived_at" if name == "left_at" else name for column, name in columns.items()}
    return columns, by_content


def _before_data(sample: Sequence[Row], columns: dict[int, str]) -> int | None:
    """The last of the first rows of which no recognised column holds anything: a row that names nothing."""
    for index, row in enumerate(sample[:10]):
        if sum(bool(as_text(row[column])) for column in columns if column < len(row)) >= 2:
            return index - 1 if index else None
    return None


def _score(kind: Kind, columns: dict[int, str], by_content: set[int], row: Row) -> float:
    """Columns named by words count most; a kind that explains more of the headings wins over one that has fewer."""
    filled = sum(1 for cell in row if as_text(cell)) or len(columns) or 1
    points = sum(0.6 if column in by_content else 1.0 for column in columns)
    first_words = sum(
        1 for column, name in columns.items()
        if column < len(row) and headings.plain(as_text(row[column])) == kind.fields[name].words[0]
    )  # fmt: skip
    # What makes a sheet one of orders must not be guessed from cells below headings that say something else.
    essential = {item.name for item in kind.fields.values() if item.essential}
    guessed = sum(
        1 for column, name in columns.items()
        if column in by_content and name in essential and column < len(row) and as_text(row[column])
    )  # fmt: skip
    return points + 0.25 * first_words + points / filled - (guessed if guessed > 1 else 0)


def _missing(kind: Kind, columns: dict[int, str]) -> tuple[str, ...]:
    """The first field of each group of needs that no column serves."""
    found = set(columns.values())
    return tuple(group[0] for group in kind.needs if not found & set(group))


def _shape(sample: Sequence[Row]) -> tuple[str, ...]:
    return ("#", str(max((len(row) for row in sample), default=0)))


def _shown(row: Row, sample: Sequence[Row]) -> tuple[str, ...]:
    width = max((len(one) for one in sample), default=0)
    texts = [as_text(cell) for cell in row]
    return tuple(texts + [""] * (width - len(texts)))


def _unknown_headings(sample: Sequence[Row]) -> int | None:
    """The row above the data when its words are unknown to us: the last wordy row before cells with digits."""
    for index, row in enumerate(sample[:10]):
        if headings.looks_like_headings(row):
            return index
        if sum(1 for cell in row if any(ch.isdigit() for ch in as_text(cell))) >= 2:
            return None
    return None


# --- content --------------------------------------------------------------------------------------------

_ORDER_NUMBER = re.compile(r"(?=(?:\D*\d){6})[A-Za-z]{0,6}[-_/]?\d[\dA-Za-z\-_/]{4,24}")
_LANDLINE = re.compile(r"\(?0\d{2,3}[-) ]?\d{7,8}(?:[-转*]\d{1,5})?|400-?\d{3}-?\d{4}")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")

# What a column of each sort is for; the first free field of the kind takes it.
_FIELDS_OF: dict[str, tuple[str, ...]] = {
    "vin": ("vin",),
    "plate": ("plate",),
    "mobile": ("mobile", "phone", "third_phone"),
    "landline": ("phone", "third_phone", "mobile"),
    "mixed": MIXED,
    "id_number": ("id_number",),
    "order_number": ("number",),
    "moment": ("arrived_at",),
    "date": ("found_date", "complained_date", "arrived_at"),
    "name": ("name",),
}


def _with_content(
    columns: dict[int, str], body: Sequence[Row], kind: Kind, row: Row
) -> tuple[dict[int, str], set[int]]:
    """Fill free fields from columns whose cells say what they are; correct headings that their cells belie."""
    found, by_content = dict(columns), set[int]()
    width = max((len(one) for one in body), default=0)
    for column in range(width):
        if column < len(row) and headings.is_ours(headings.plain(as_text(row[column]))):
            continue
        sort, share = sort_of([one[column] for one in body if column < len(one)])
        if not sort:
            continue
        fields = [name for name in _FIELDS_OF[sort] if name in kind.fields]
        if not fields or found.get(column) in fields:
            continue
        belied = sort in {"vin", "plate", "mobile", "id_number", "mixed"} and share >= NEARLY_ALL
        fitting = {"mixed", "text"} if sort == "mixed" else {sort, "phone"}
        if column in found and not (belied and _reads(kind, found[column]) not in fitting):
            continue
        _give(found, by_content, column, fields, belied=belied, row=row)
    _find_amounts(found, by_content, body, kind, width)
    return dict(sorted(found.items())), by_content


def _reads(kind: Kind, name: str) -> str:
    return kind.fields[name].reads


def _give(
    found: dict[int, str], by_content: set[int], column: int, fields: list[str], *, belied: bool, row: Row
) -> None:
    holders = {name: held for held, name in found.items()}
    for name in fields:
        if name not in holders:
            found[column] = name
            by_content.add(column)
            return
    if belied and column in found:
        del found[column]  # its heading promised something that its cells are not


def _find_amounts(
    found: dict[int, str], by_content: set[int], body: Sequence[Row], kind: Kind, width: int
) -> None:
    """Quantity × price = amount names all three columns of a sheet of lines, whatever their headings."""
    wanted = ("quantity", "unit_price", "amount")
    if kind.name != "order_lines" or set(wanted) <= set(found.values()):
        return
    free = [c for c in range(width) if (c not in found or found[c] in wanted) and _is_numeric(body[:60], c)]
    free = free[:_MOST_AMOUNTS]  # the trios grow with the third power
    for trio in ((a, b, c) for c in free for a in free for b in free if len({a, b, c}) == 3):
        if _multiplies(body[:60], trio):
            for column, name in zip(trio, wanted, strict=True):
                if found.get(column) != name:
                    found[column] = name
                    by_content.add(column)
            return


def _is_numeric(body: Sequence[Row], column: int) -> bool:
    """Whether most filled cells of a column are numbers, at least five of them."""
    filled = [row[column] for row in body if column < len(row) and row[column] != ""]
    numbers = sum(isinstance(cell, (int, float)) for cell in filled)
    return numbers >= 5 and numbers >= MOST * len(filled)


def _multiplies(body: Sequence[Row], trio: tuple[int, int, int]) -> bool:
    rows = [[row[c] for c in trio] for row in body if all(c < len(row) for c in trio)]
    numbers = [row for row in rows if all(isinstance(cell, (int, float)) for cell in row)]
    if len(numbers) < 5 or len({row[0] for row in numbers}) < 2:
        return False
    if sum(1 for row in numbers if all(row)) < 5:
        return False  # nothing times something is nothing, whatever the columns are
    return all(abs(Decimal(str(a)) * Decimal(str(b)) - Decimal(str(c))) <= 1 for a, b, c in numbers)


def sort_of(cells: Sequence[Any]) -> tuple[str, float]:
    """What most filled cells of a column are, and their share: a key of `_FIELDS_OF`, or ('', 0.0)."""
    filled = [cell for cell in cells if as_text(cell)][:SAMPLE_ROWS]
    counts: dict[str, int] = {}
    for cell in filled:
        sort = _sort(cell)
        counts[sort] = counts.get(sort, 0) + 1
    sort, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    share = count / len(filled) if filled else 0.0
    if sort == "" or share < MOST or (len(filled) < 2 and sort not in _UNMISTAKABLE):
        return "", 0.0
    if sort == "name" and len(set(map(as_text, filled))) < len(filled) / 2:
        return "", 0.0  # few different words: colours, advisors, kinds
    return sort, share


# Sorts that a single cell proves.
_UNMISTAKABLE = {"vin", "id_number", "plate", "mobile"}


def _sort(cell: Any) -> str:
    return _sort_of_text(cell) if isinstance(cell, str) else _sort_of_any(cell)


@functools.lru_cache(maxsize=65536)
def _sort_of_text(cell: str) -> str:
    return _sort_of_any(cell)


def _sort_of_any(cell: Any) -> str:
    text = as_text(cell)
    compact = vin.normalise(text)
    if len(compact) == vin.LENGTH and vin.problem(compact, check=False) is None and not compact.isdigit():
        return "vin"
    if len(compact) in {15, 18} and identifiers.resident_id(text)[1] is None:
        return "id_number"
    if 6 <= len(compact) <= 9 and identifiers.plate(text)[1] is None:
        return "plate"
    if identifiers.phone(text)[1:] == (identifiers.MOBILE, None):
        return "mobile"
    return _sort_of_other(cell, text)


def _sort_of_other(cell: Any, text: str) -> str:
    moment, _fix = read_datetime(cell) if not isinstance(cell, (int, float)) else (None, "")
    if moment is not None:
        return "date" if (moment.hour, moment.minute) == (0, 0) else "moment"
    if isinstance(cell, (int, float)):
        return ""
    if _LANDLINE.fullmatch(text):
        return "landline"
    if len({"vin", "plate", "mobile"} & set(mixed(cell).value or ())) and len(mixed(cell).value) > 1:
        return "mixed"
    if _ORDER_NUMBER.fullmatch(text):
        return "order_number"
    return "name" if _HAN_NAME.fullmatch(text) else ""
