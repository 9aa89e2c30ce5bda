"""Lines of an order that an export has packed into one cell: `机油*4*60=240;机滤x1 35元、四轮定位`."""

from __future__ import annotations

import re
import unicodedata

# The fields of an item, in the order in which `items` gives them, behind the kind of line.
ITEM_FIELDS = ("line_kind", "name", "quantity", "unit_price", "amount")
Item = tuple[str, str, str, str]

_BETWEEN = re.compile(r"[;\n|、]+|,(?!\d{3}(?!\d))|\s{2,}|(?<=\D)\s+(?=\d{1,2}[.、)]\s*\D)")
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}[.、)]|[①-⑳])\s*(?=\D)")
_NUMBER = r"\d+(?:\.\d+)?"
_UNIT = r"(?:个|件|只|条|桶|升|瓶|套|次|片|根|块|台|支|副|[lL]|小时|h|工时)?"
_FACTORS = re.compile(
    rf"(?P<name>.+?)\s*[*x(]\s*(?P<quantity>{_NUMBER})\s*{_UNIT}\s*\)?(?:\s*[*x@]\s*¥?(?P<price>{_NUMBER})\s*元?)?",
    re.IGNORECASE,
)
_MONEY = rf"(?P<{{}}>\d{{{{1,3}}}}(?:,\d{{{{3}}}})+(?:\.\d+)?|{_NUMBER})"
_AMOUNT = re.compile(
    r"(?P<name>.*?)\s*(?:[=:]\s*¥?|¥|(?<=\D)\s)\s*"
    + _MONEY.format("amount")
    + r"\s*元?|(?P<other>.*?\D)"
    + _MONEY.format("yuan")
    + r"\s*元"
)
_MOST = 200


def items(text: str) -> list[Item]:
    """(name, quantity, price, amount) of each item of a cell; '' for what it does not say."""
    plain = unicodedata.normalize("NFKC", text).replace("×", "x").replace("$", "¥")
    parts = (_NUMBERED.sub("", part).strip() for part in _BETWEEN.split(plain))
    return [_item(part) for part in parts if part][:_MOST]


def _item(text: str) -> Item:
    rest, amount = text, ""
    if match := _AMOUNT.fullmatch(text):
        rest, amount = (
            (match["name"] or match["other"]).strip(),
            (match["amount"] or match["yuan"]).replace(",", ""),
        )
    if factors := _FACTORS.fullmatch(rest):
        return factors["name"].strip(), factors["quantity"], factors["price"] or "", amount
    return rest or text, "", "", amount
