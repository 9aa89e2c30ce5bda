"""Days written as three short numbers (`5/6/2024`, `24-5-6`): only the whole column says which of them is what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_SHORT = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})(?!\d)(?P<time>[ T]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[AP]M)?)?",
    re.IGNORECASE,
)
AMBIGUOUS = "?"
# In the order of preference: Chinese exports begin with the year; a year of four digits can only stand last here.
_ORDERS = ("ymd", "mdy", "dmy")
_CENTURY = 2000


def order_of(cells: Iterable[Any]) -> str:
    """`ymd`, `mdy` or `dmy` when every short date of a column can be read so; AMBIGUOUS when two ways remain that
    begin with day and month; '' when the column has no such dates.
    """
    found = [match for cell in cells if (match := _match(cell))]
    if not found:
        return ""
    possible = [order for order in _ORDERS if all(_parts(match, order) for match in found)]
    if not possible:
        return AMBIGUOUS
    if possible[0] == "ymd" or len(possible) == 1:
        return possible[0]
    same_both_ways = all(match[1].lstrip("0") == match[3].lstrip("0") for match in found)
    return "mdy" if same_both_ways else AMBIGUOUS


def _match(cell: Any) -> re.Match[str] | None:
    return _SHORT.fullmatch(unicodedata.normalize("NFKC", cell).strip()) if isinstance(cell, str) else None


def _parts(match: re.Match[str], order: str) -> tuple[int, int, int] | None:
    """(year, month, day), None when they can be none. A year of two digits is of this century."""
    long_year = len(match[4]) == 4
    if not order:
        return None
    if order == "ymd" and long_year:
        return None
    numbers = dict(zip(order, (int(match[1]), int(match[3]), int(match[4])), strict=True))
    year = numbers["y"] if long_year else _CENTURY + numbers["y"]
    if not (1 <= numbers["m"] <= 12 and 1 <= numbers["d"] <= 31):
        return None
    return year, numbers["m"], numbers["d"]


def rewritten(cell: Any, order: str) -> str | None:
    """The cell with the year first; None when it is no short date, or the order does not fit it."""
    match = _match(cell)
    if match is None:
        return None
    parts = _parts(match, _own_order(match) if order in {"", AMBIGUOUS} else order)
    if parts is None:
        return None
    year, month, day = parts
    return f"{year:04d}-{month:02d}-{day:02d}{match['time'] or ''}"


def _own_order(match: re.Match[str]) -> str:
    """What a single date says about itself: `21/11/2024` can only begin with the day."""
    first, second = int(match[1]), int(match[3])
    if len(match[4]) == 4 and first == second:
        return "mdy"
    fitting = [order for order in _ORDERS if _parts(match, order)]
    return fitting[0] if len(fitting) == 1 else ""


def is_short(cell: Any) -> bool:
    return _match(cell) is not None
