"""The vehicle identification number: as typed → clean, and what exactly is wrong with it.

Rules and the worked example LATPAB071W1005301: FACTS §5 (17 characters, no I O Q, ninth the check digit).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from vininfo.dicts.wmi import WMI as _KNOWN_MAKES

LENGTH = 17
LETTERS_NOT_USED = "IOQ"
CHECK_POSITION = 9

_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
# Written between the groups of a VIN by hand or by a spreadsheet; never part of it.
_NOISE = str.maketrans("", "", " \t\r\n.,-_·•*'\"`。,:;\u3000\u00a0\u200b\ufeff")

REASONS: dict[str, str | Promise] = {
    "vin_missing": _("没有车架号"),
    "vin_length": _("车架号应为17位,这里是%(length)s位"),
    "vin_letter": _("车架号第%(position)s位是字母“%(character)s”,车架号里没有 I、O、Q"),
    "vin_character": _("车架号第%(position)s位“%(character)s”不是字母或数字"),
    "vin_check_digit": _("车架号校验不通过:第9位是“%(found)s”,按其余各位应为“%(expected)s”"),
}


@dataclass(frozen=True, slots=True)
class VinProblem:
    """What is wrong with a VIN. `code` is a key of `REASONS`; positions count from 1."""

    code: str
    params: dict[str, Any]

    @property
    def message(self) -> str:
        return str(REASONS[self.code]) % self.params


def normalise(text: str) -> str:
    """Half-width capitals without spaces, dots, dashes and quotes; nothing else is touched."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return unicodedata.normalize("NFKC", text).translate(_NOISE).upper()


def check_digit(vin: str) -> str:
    """What position 9 of a well-formed VIN must be: 0-9 or X. Raises KeyError for characters not in use."""
    rest = sum(_VALUES[character] * weight for character, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def problem(vin: str, *, check: bool = True) -> VinProblem | None:
    """The first thing wrong with a normalised VIN, or None.

    Chinese VINs (first letter L) must carry the right check digit; elsewhere it is not law. `check=False`
    accepts a wrong one: the override of a person who has read it off the car.
    """
    if not vin:
        return VinProblem("vin_missing", {})
    if len(vin) != LENGTH:
        return VinProblem("vin_length", {"length": len(vin)})
    for position, character in enumerate(vin, start=1):
        if character in LETTERS_NOT_USED:
            return VinProblem("vin_letter", {"position": position, "character": character})
        if not (character.isascii() and character.isalnum()):
            return VinProblem("vin_character", {"position": position, "character": character})
    expected, found = check_digit(_with_zero_check(vin)), vin[CHECK_POSITION - 1]
    if check and vin[0] == "L" and found != expected:
        return VinProblem("vin_check_digit", {"found": found, "expected": expected})
    return None


def _with_zero_check(vin: str) -> str:
    # The check position has weight 0, but only 0-9 and X have a value we may ask for in every case.
    return f"{vin[: CHECK_POSITION - 1]}0{vin[CHECK_POSITION:]}"


def wmi(vin: str) -> str:
    """The world manufacturer identifier: the first three characters."""
    return vin[:3]


_MAKES = {
    "LVS": "长安福特",
    "LS5": "长安铃木",
    "LVR": "长安马自达",
    "LSV": "上汽大众",
    "LSG": "上汽通用",
    "LFV": "一汽大众",
    "LGX": "比亚迪",
    "LC0": "比亚迪",
}


def make(vin: str) -> str:
    """The make behind the WMI: the Chinese name where we know it (FACTS §5), else vininfo's; '' if unknown."""
    code = wmi(vin)
    if code in _MAKES:
        return _MAKES[code]
    found = _KNOWN_MAKES.get(code) or _KNOWN_MAKES.get(code[:2]) or ""
    return str(found if isinstance(found, str) else getattr(found, "manufacturer", ""))
