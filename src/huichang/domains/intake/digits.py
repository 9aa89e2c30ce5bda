"""Long numbers that a spreadsheet has turned into something else."""

from __future__ import annotations

import re

_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+(\d{1,2})")
_WHOLE_AS_DECIMAL = re.compile(r"(\d+)\.0+")


def expanded(value: str) -> tuple[str, bool]:
    """Undo what a spreadsheet made of a long number: `1.38017540450E+10` and `13801754045.0` are whole.

    The second value says that digits are gone: `1.38E+10` may have been any of a hundred million numbers.
    """
    if match := _WHOLE_AS_DECIMAL.fullmatch(value):
        return match[1], False
    match = _SCIENTIFIC.fullmatch(value)
    if match is None:
        return value, False
    digits, power = match[1] + (match[2] or ""), int(match[3])
    return digits.ljust(power + 1, "0"), len(digits) <= power
