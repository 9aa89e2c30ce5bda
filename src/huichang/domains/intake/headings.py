"""The row of headings: what a heading says, which field it names, where the row is below title rows."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence

from opencc import OpenCC

from huichang.domains.intake.vocabulary import OUR_COLUMNS, Kind

SEARCHED_ROWS = 30
_BRACKETS = re.compile(r"[((\[【][^))\]】]*[))\]】]")
_NOISE = re.compile(r"[\W_]+", re.UNICODE)


@functools.cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@functools.lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """`移動電話 (必填)*` → `移动电话`: half-width, simplified, lower case, no brackets, spaces, punctuation."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    shorter = _NOISE.sub("", _BRACKETS.sub("", text)) or _NOISE.sub("", text)
    return str(_simplifier().convert(shorter))


def fields(row: Sequence[object], kind: Kind) -> dict[int, str]:
    """Column → field of `kind` by the words of a heading row. Earlier synonyms win; a field is given once."""
    ranked: list[tuple[int, int, str]] = []
    for column, cell in enumerate(row):
        word = plain(cell) if isinstance(cell, str) else ""
        if not word or is_ours(word):
            continue
        for item in kind.fields.values():
            rank = _rank(word, item.words)
            if rank is not None:
                ranked.append((rank, column, item.name))
    found: dict[int, str] = {}
    for _best, column, name in sorted(ranked):
        if column not in found and name not in found.values():
            found[column] = name
    return found


def _rank(word: str, words: tuple[str, ...]) -> int | None:
    try:
        return words.index(word)
    except ValueError:
        return None


def is_ours(word: str) -> bool:
    """True for a column that the workbook of refused rows added."""
    return word in OUR_COLUMNS


def find(rows: Sequence[Sequence[object]], kind: Kind) -> tuple[int | None, dict[int, str]]:
    """Index of the row that names most fields of `kind` among the first rows, and what it names.

    (None, {}) when no row names two. A title row is one long cell and never names two.
    """
    best: tuple[int | None, dict[int, str]] = (None, {})
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        named = fields(row, kind)
        if len(named) >= 2 and len(named) > len(best[1]):
            best = (index, named)
    return best


def looks_like_headings(row: Sequence[object]) -> bool:
    """True when a row could be headings we do not know: short texts, all different, no digits-only cells."""
    texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
    filled = [cell for cell in row if cell not in ("", None)]
    return (
        len(texts) >= 2
        and len(texts) == len(filled)
        and len(set(texts)) == len(texts)
        and all(len(text) <= 24 and not any(ch.isdigit() for ch in text[:3]) for text in texts)
    )


def fingerprint(row: Sequence[object]) -> str:
    """Identity of a heading row, so that a mapping can be remembered: 32 hex digits."""
    words = [plain(cell) if isinstance(cell, str) else "" for cell in row]
    while words and not words[-1]:
        words.pop()
    kept = [word for word in words if not is_ours(word)]
    return hashlib.sha256("\x1f".join(kept).encode()).hexdigest()[:32]
