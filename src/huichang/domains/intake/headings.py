"""The row of headings: what a heading says, which field it names, where the row is below title rows."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from opencc import OpenCC

from huichang.domains.intake.vocabulary import KINDS, OUR_COLUMNS, Kind

SEARCHED_ROWS = 30
_LONGEST = 80  # a longer cell is no heading
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


# Where a heading in two languages changes from one to the other: `销售日期 Sale Date`.
_LANGUAGES = re.compile(r"(?<=[\u4e00-\u9fff])(?=[a-z])|(?<=[a-z])(?=[\u4e00-\u9fff])")
# Between the levels of a heading that stands in two rows: `保修›开始日期`.
LEVEL = "›"


def levels(heading: str) -> tuple[str, ...]:
    """The words of each row of a heading, the lowest last."""
    return tuple(part for part in heading.split(LEVEL) if part)


@functools.lru_cache(maxsize=4096)
def _readings(cell: str) -> list[tuple[int, str]]:
    """The ways to read a heading with their penalties: as it stands, its lowest level, without what only decorates."""
    words = [plain(cell.replace(LEVEL, ""))]
    words += [plain(part) for part in reversed(levels(cell)[1:])]
    words += [part for part in _LANGUAGES.split(words[0]) if len(part) > 1 and part != words[0]]
    loose = [other for word in words for other in _undecorated(word)]
    exact = [(100 * place, word) for place, word in enumerate(words) if word]
    return exact + [(1000 + place, word) for place, word in enumerate(loose) if len(word) > 1]


_BEFORE = re.compile(
    r"^(?:客户|车主|用户|车辆|送修人|报修人|联系人|会员|本次|当前|cust(?:omer)?|client|vehicle|car|owner)(?=..)"
)
_ENDINGS = (
    ("日期", "时间", "日", "年月日", ""),
    ("号码", "编号", "号", "代码", "编码", "码", ""),
    ("金额", "费用", "费", "合计", ""),
    ("名称", "名", ""),
    ("number", "no", "num", "id", ""),
    ("date", "time", "day", ""),
)


def _undecorated(word: str) -> Iterator[str]:
    """Words that say the same: `客户联系电话1` → `联系电话`, `购车日` → `购车日期`, `维修费用` → `维修费`."""
    bare = word.rstrip("0123456789") or word
    for base in dict.fromkeys((bare, _BEFORE.sub("", bare))):
        if base != word:
            yield base
        for group in _ENDINGS:
            ending = next(
                (end for end in group if end and base.endswith(end) and len(base) > len(end) + 1), None
            )
            if ending:
                yield from (base.removesuffix(ending) + other for other in group if other != ending)
        yield from (base + end for end in ("日期", "号"))


def fields(row: Sequence[object], kind: Kind) -> dict[int, str]:
    """Column → field of `kind` by the words of a heading row. Earlier synonyms win; a field is given once."""
    ranked: list[tuple[int, int, str]] = []
    for column, cell in enumerate(row):
        readings = _readings(cell) if isinstance(cell, str) and len(cell) <= _LONGEST else []
        if not readings or is_ours(readings[0][1]):
            continue
        named = _words_of(kind.name)
        ranks = (
            (penalty + rank, column, name) for penalty, word in readings for name, rank in named.get(word, ())
        )
        ranked += ranks
    found: dict[int, str] = {}
    for _best, column, name in sorted(ranked):
        if column not in found and name not in found.values():
            found[column] = name
    return found


@functools.cache
def _words_of(kind: str) -> dict[str, list[tuple[str, int]]]:
    """Word → the fields it names, each with its place among the words of that field."""
    found: dict[str, list[tuple[str, int]]] = {}
    for item in KINDS[kind].fields.values():
        for rank, word in enumerate(item.words):
            found.setdefault(word, []).append((item.name, rank))
    return found


def is_ours(word: str) -> bool:
    """True for a column that the workbook of refused rows added."""
    return word in OUR_COLUMNS


def find(rows: Sequence[Sequence[object]], kind: Kind) -> tuple[int | None, dict[int, str], Sequence[object]]:
    """Index of the last row of headings, what they name, and the headings: the row, or two rows read together,
    that names most fields of `kind` among the first rows.

    (None, {}, ()) when no row names two. A title row is one long cell and never names two.
    """
    best: tuple[int | None, dict[int, str], Sequence[object]] = (None, {}, ())
    for index, row in candidates(rows):
        named = fields(row, kind)
        if len(named) >= 2 and len(named) > len(best[1]):
            best = (index, named, row)
    return best


def candidates(rows: Sequence[Sequence[object]]) -> list[tuple[int, Sequence[object]]]:
    """(index of the last row, headings) of what could be headings: each row, then each two rows together."""
    searched = rows[:SEARCHED_ROWS]
    single: list[tuple[int, Sequence[object]]] = list(enumerate(searched))
    double = [
        (index + 1, joined(upper, lower))
        for index, (upper, lower) in enumerate(pairwise(searched))
        if _could_be_lower(upper, lower)
    ]
    return single + double


def _could_be_lower(upper: Sequence[object], lower: Sequence[object]) -> bool:
    """The second row of headings is all words, and the first groups it or leaves gaps that it fills."""
    words = [cell for cell in lower if cell not in ("", None)]
    if len(words) < 2 or not all(isinstance(cell, str) and len(cell) <= 24 for cell in words):
        return False
    if any(sum(ch.isdigit() for ch in str(cell)) > 3 for cell in words):
        return False
    filled = sum(cell not in ("", None) for cell in upper)
    return 2 <= filled < max(len(upper), len(lower))


def joined(upper: Sequence[object], lower: Sequence[object]) -> list[str]:
    """Two rows of headings as one: a merged cell of the upper row stands above all it spans."""
    width = max(len(upper), len(lower))
    above, texts = "", list[str]()
    for column in range(width):
        top = str(upper[column] or "").strip() if column < len(upper) else ""
        low = str(lower[column] or "").strip() if column < len(lower) else ""
        above = top or (above if low else "")
        texts.append(f"{above}{LEVEL}{low}" if above and low and above != low else low or above)
    return texts


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
