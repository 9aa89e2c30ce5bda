"""What was typed into the search field → which columns to look in, as prefixes of derived columns.

A plate or its tail, a phone or its last digits, a VIN or its tail, a name in simplified or traditional characters,
pinyin or its initials, an identity number, a customer's number.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from opencc import OpenCC

from huichang.domains.customers import identifiers
from huichang.kernel import sql
from huichang.kernel.sensitive import blind_index

PREFIXES = (
    "plate", "plate_tail", "vin_tail", "phone", "phone_tail", "name", "simplified", "pinyin", "initials",
)  # fmt: skip
SHORTEST_TAIL, LONGEST_PLATE = 3, 8
_MOBILE = re.compile(r"1[3-9]\d{9}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PART = re.compile(r" *-- if (\w+)\n(.*?) *-- end\n", re.DOTALL)


@functools.cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters as simplified ones."""
    return str(_converter().convert(text)) if _CHINESE.search(text) else text


def parameters(text: str) -> dict[str, str]:
    """The prefixes and equalities of `sql/search.sql` for what was typed; all empty when there is nothing to find."""
    typed = identifiers.plain(text)
    starts = _chinese_starts(text, typed) if _CHINESE.search(typed) else _latin_starts(typed)
    found = {"id_index": "", "number": typed[:30], **{name: starts.get(name, "") for name in PREFIXES}}
    if len(typed) == 18:
        found["id_index"] = blind_index(typed.upper())
    return found


def statement(wanted: Mapping[str, str]) -> str:
    """`sql/search.sql` with only the columns in which something is looked for."""
    return _statement(frozenset(name for name, prefix in wanted.items() if prefix))


@functools.cache
def _statement(names: frozenset[str]) -> str:
    whole = sql.statement("huichang.domains.customers", "search")
    return _PART.sub(lambda part: part.group(2) if part.group(1) in names else "", whole)


def _chinese_starts(text: str, typed: str) -> dict[str, str]:
    """A plate with its province, or a name; `simplified` is only asked when it differs."""
    other = simplified(typed)
    starts = {"name": typed, "simplified": other if other != typed else ""}
    plate, _wrong = identifiers.plate(text)
    if len(plate) > 1 and plate[1:].isascii():
        starts["plate"] = plate
    return starts


def _latin_starts(typed: str) -> dict[str, str]:
    upper, lower = typed.upper(), typed.lower()
    if not (typed.isascii() and typed.isalnum()):
        return {}
    if _MOBILE.fullmatch(typed):
        return {"phone": typed}
    starts: dict[str, str] = {}
    if len(typed) >= SHORTEST_TAIL:
        starts["vin_tail"] = upper[::-1]
        if len(typed) <= LONGEST_PLATE:
            starts["plate_tail"] = upper[::-1]
    if typed.isdigit() and len(typed) >= SHORTEST_TAIL:
        starts |= {"phone": typed, "phone_tail": typed[::-1]}
    if typed.isalpha():
        starts |= {"pinyin": lower, "initials": lower}
    return starts
