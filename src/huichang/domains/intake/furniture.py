"""Rows of a printed table that are no records: headings repeated on every page, totals, titles, notes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huichang.domains.intake import headings
from huichang.domains.intake.cleaning import as_text

Row = Sequence[Any]
_TOTAL = re.compile(
    r"(?:本?页?[小合总累共]计|合\s*计|总\s*计|小\s*计|汇总|(?:sub|grand)?\s*-?totals?|sum)(?:\s*[:(].*|\s.*)?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:注|备注|说明|附注|制表|打印|审核|复核|导出|统计|查询|经办|负责人|签[字名章]|日期|时间|门店|单位|页码|以上|以下|本表|"
    r"note|remarks?|printed|page|date|prepared|end of)\w{0,8}\s*[:.。]|"
    r"以下(?:空白|无正文|无数据)|第\s*\d+\s*页|共\s*\d+\s*[页条行台]|page\s*\d+|[-—*=]{3,}",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[¥$]?-?[\d,.]{1,12}\s*(?:元|台|条|个|单|人|户)?")
_LONG = 30  # a cell of such length alone in its row is a sentence


def _half(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, slots=True)
class Furniture:
    """Knows a sheet's headings, titles and essential columns; `class_of` names what a row is instead of a record."""

    headings: Sequence[str]
    essential: frozenset[int]
    titles: Collection[str]

    def class_of(self, row: Row) -> str:
        """`repeated_heading`, `total`, `note`, or '' for a record."""
        filled = {column: text for column, cell in enumerate(row) if (text := as_text(cell))}
        if self._repeats_headings(filled):
            return "repeated_heading"
        if self._is_total(filled):
            return "total"
        if len(filled) <= 3 and self._is_note(list(filled.values())):
            return "note"
        return ""

    def _repeats_headings(self, filled: Mapping[int, str]) -> bool:
        same = sum(
            1 for column, text in filled.items()
            if column < len(self.headings) and (heading := self.headings[column])
            and text in {heading, *headings.levels(heading)}
        )  # fmt: skip
        return same >= 2 and same * 2 > len(filled)

    def _is_total(self, filled: Mapping[int, str]) -> bool:
        """A word for totals among the first cells; in the essential columns nothing but that word and figures."""
        first = list(filled.items())[:3]
        words = {column for column, text in first if len(text) <= 16 and _TOTAL.fullmatch(_half(text))}
        told = (filled[column] for column in self.essential - words if column in filled)
        return bool(words) and all(_FIGURE.fullmatch(_half(text)) for text in told)

    def _is_note(self, texts: Sequence[str]) -> bool:
        if len(texts) == 1 and (texts[0] in self.titles or len(texts[0]) >= _LONG):
            return True
        return bool(texts) and all(_NOTE.match(_half(text)) or text in self.titles for text in texts)
