"""Cells as exports write them → values, with what was fixed or what is wrong. Pure functions.

A cleaner takes a raw cell and returns a `Cell`: `value` is JSON-ready (dates and times in ISO, amounts as text),
`fix` a class of repaired dirt, `problem` why there is no value, `doubt` why a kept value must be looked at.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from huichang.domains.customers import identifiers
from huichang.domains.intake.choices import CHOICES, WORDS
from huichang.domains.intake.dates import read_date, read_datetime, read_time
from huichang.domains.intake.day_order import is_short
from huichang.domains.intake.digits import expanded
from huichang.domains.intake.problems import Problem
from huichang.domains.vehicles import vin as vehicle_vin

MOST_KM = 999_999  # the odometers of cars have six digits
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad"))
_WRAPPED = re.compile(r'="([^"]*)"')
_NOTHING = {"", "-", "--", "—", "——", "/", "无", "n/a", "na", "null", "none", "#n/a", "暂无", "未知"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cleaner made of a raw cell; all empty for a blank one."""

    value: Any = None
    fix: str = ""
    problem: Problem | None = None
    doubt: Problem | None = None


BLANK = Cell()
Cleaner = Callable[[Any], Cell]


def as_text(raw: Any) -> str:
    """The cell as somebody would read it: whole numbers without `.0`, no invisible characters."""
    if isinstance(raw, str):
        text = (
            raw if raw.isascii() else raw.translate(_INVISIBLE).replace("\u00a0", " ").replace("\u3000", " ")
        )
        return text.strip()
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, dt.datetime):
        return raw.strftime("%Y-%m-%d" if raw.time() == dt.time() else "%Y-%m-%d %H:%M")
    return str(raw)


def _unwrapped(raw: Any) -> tuple[str, bool]:
    """The text, and whether it is a formula. `="0138"` is the way some exports protect text: its inside counts."""
    text = as_text(raw)
    if text.startswith("="):
        wrapped = _WRAPPED.fullmatch(text)
        return (wrapped[1].strip(), False) if wrapped else (text, True)
    return text, False


def text(raw: Any) -> Cell:
    """Any text on one line. A formula is no content."""
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    return Cell(" ".join(value.split())) if value and value.lower() not in _NOTHING else BLANK


_SOLD = re.compile(r"已过户|已转卖|已转让|已卖|已出售|车已售|二手已出|sold", re.IGNORECASE)
_NOTE = re.compile(r"\s*[((\[【]([^))\]】]*)[))\]】]\s*$")


def says_sold(remark: str) -> bool:
    """True when a note says that the car has left its owner."""
    return bool(_SOLD.search(remark))


def name(raw: Any) -> Cell:
    """A name; a note behind it in brackets (`张三(已卖)`) is cut off and, when it says sold, told by `fix`."""
    cell = text(raw)
    note = _NOTE.search(cell.value or "")
    if note and says_sold(note[1]):
        return Cell(cell.value[: note.start()].strip(), fix="note_sold_on")
    return cell


def code(raw: Any) -> Cell:
    """A number or code people refer to: half-width, without spaces and a leading apostrophe."""
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    value = unicodedata.normalize("NFKC", value).lstrip("'").replace(" ", "")
    exact, is_lost = expanded(value)
    if is_lost:
        return Cell(problem=Problem("digits_lost", {"value": value}))
    return Cell(exact) if exact and exact.lower() not in _NOTHING else BLANK


@functools.lru_cache(maxsize=65536)
def _vin(value: str) -> Cell:
    typed = value.replace("\uff01", "!")
    overridden = typed.endswith("!")
    clean = vehicle_vin.normalise(typed.rstrip("!"))
    wrong = vehicle_vin.problem(clean, check=not overridden)
    if wrong:
        return Cell(problem=Problem(wrong.code, wrong.params))
    return Cell(clean, fix="" if clean == value or overridden else "vin_written_otherwise")


def vin(raw: Any) -> Cell:
    """A VIN. A failing check digit is refused unless the cell ends in `!`: a person has read it off the car."""
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    return _vin(value) if value else BLANK


@functools.lru_cache(maxsize=65536)
def _plate(value: str) -> Cell:
    clean, wrong = identifiers.plate(value)
    if wrong:
        # New cars wait for their plate under many words; they are no plates and no mistakes.
        if any(word in value for word in ("临", "未上牌", "无牌", "待上牌", "新车")):
            return BLANK
        return Cell(problem=Problem(wrong.code, wrong.params))
    if clean == value:
        return Cell(clean)
    wide = any(unicodedata.east_asian_width(character) == "F" for character in value)
    return Cell(clean, fix="plate_fullwidth" if wide else "plate_lower_dot")


def plate(raw: Any) -> Cell:
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    return _plate(value) if value.lower() not in _NOTHING else BLANK


_EXACT_UP_TO = 2**53  # a float beyond has lost digits
_BETWEEN_PHONES = re.compile(r"[/、,,;;|]|(?<=\d)\s+(?=\+?1\d{10}\b)")


def phone(raw: Any) -> Cell:
    """Phones in a cell → list of digits. One bad number among good ones is a doubt, alone it is the problem."""
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    if value.lower() in _NOTHING:
        return BLANK
    if len(value) == 11 and value.isascii() and value.isdigit() and value[0] == "1" and value[1] != "0":
        return Cell([value])
    exact, is_lost = expanded(value)
    if is_lost:
        return Cell(problem=Problem("digits_lost", {"value": value}))
    return _phones(exact)


def _phones(value: str) -> Cell:
    numbers: list[str] = []
    wrong: Problem | None = None
    for part in _BETWEEN_PHONES.split(value):
        if not part.strip():
            continue
        digits, _kind, found = identifiers.phone(part.strip())
        if found:
            wrong = Problem(found.code, found.params)
        elif digits not in numbers:
            numbers.append(digits)
    if not numbers:
        return Cell(problem=wrong or Problem("phone_form", {"value": value}))
    return Cell(numbers, fix="" if numbers == [value] else "mobile_punctuated", doubt=wrong)


def id_number(raw: Any) -> Cell:
    """A person's identity number or a company's code. A company's wrong check character is doubted, but kept."""
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    if value.lower() in _NOTHING:
        return BLANK
    if expanded(value)[1] or (isinstance(raw, float) and raw >= _EXACT_UP_TO):
        return Cell(problem=Problem("digits_lost", {"value": value}))
    if re.search(r"[A-Z]", identifiers.plain(value)[:-1].upper()):
        clean, wrong = identifiers.company_code(value)
        if wrong and wrong.code == "company_checksum":
            return Cell(clean, doubt=Problem(wrong.code, wrong.params))
    else:
        clean, wrong = identifiers.resident_id(value)
    if wrong:
        return Cell(problem=Problem(wrong.code, wrong.params))
    return Cell(clean, fix="" if clean == value.upper() else "id_written_otherwise")


def date(raw: Any) -> Cell:
    """A day in ISO. Anything that is no real day between 1950 and 2079 is a problem."""
    value, fix = read_date(raw)
    if value is None:
        written = as_text(raw)
        code = "date_ambiguous" if is_short(written) else "date_form"
        return BLANK if written.lower() in _NOTHING else Cell(problem=Problem(code, {"value": written}))
    if not 1950 <= value.year < 2080:
        return Cell(problem=Problem("date_range", {"value": value.isoformat()}))
    return Cell(value.isoformat(), fix=fix)


def datetime(raw: Any) -> Cell:
    """A moment in ISO without zone: the store's wall clock; midnight when only the day is given."""
    value, fix = read_datetime(raw)
    if value is None:
        return date(raw)
    if not 1950 <= value.year < 2080:
        return Cell(problem=Problem("date_range", {"value": value.isoformat()}))
    return Cell(value.isoformat(), fix=fix)


_ZERO_DATE = re.compile(r"0{4}[-/.年]0{1,2}[-/.月]0{1,2}日?(?: 0{1,2}:00(?::00)?)?|0+|1900-01-00|0000")


def birthday(raw: Any) -> Cell:
    """A birthday; `0000-00-00` means none was known."""
    if _ZERO_DATE.fullmatch(as_text(raw)):
        return Cell(fix="birth_zero")
    return _any_century(raw)


def _any_century(raw: Any) -> Cell:
    value, fix = read_date(raw)
    if value is not None and 1900 <= value.year < 1950:
        return Cell(value.isoformat(), fix=fix)
    return date(raw)


_MILEAGE = re.compile(r"([\d.]+)(万|w|千|k)?(?:km|公里|千米|里|kilometers?|kms)?", re.IGNORECASE)
_TIMES = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000}


def mileage(raw: Any) -> Cell:
    """Whole kilometres from 0 to 999,999: `35,120km`, `3.5万公里`, `35120`."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _kilometres(Decimal(str(raw)), fix="")
    written = as_text(raw)
    if written.lower() in _NOTHING:
        return BLANK
    plain = unicodedata.normalize("NFKC", written).replace(",", "").replace(" ", "")
    match = _MILEAGE.fullmatch(plain)
    try:
        number = Decimal(match[1]) * _TIMES.get((match[2] or "").lower(), 1) if match else None
    except InvalidOperation:
        number = None
    if number is None:
        return Cell(problem=Problem("mileage_form", {"value": written}))
    return _kilometres(number, fix="" if written.isascii() and written.isdigit() else "mileage_text")


def _kilometres(number: Decimal, fix: str) -> Cell:
    km = int(number.to_integral_value())
    if not 0 <= km <= MOST_KM:
        return Cell(problem=Problem("mileage_range", {"value": km}))
    return Cell(km, fix=fix)


_MONEY_NOISE = re.compile(r"[¥¥$,\s元圆]|rmb|cny", re.IGNORECASE)


def _amount(raw: Any, code: str, most: int) -> Cell:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _two_places(Decimal(str(raw)), most)
    written = as_text(raw)
    if written.lower() in _NOTHING:
        return BLANK
    plain = _MONEY_NOISE.sub("", unicodedata.normalize("NFKC", written))
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if not re.fullmatch(r"[-+]?\d+(\.\d*)?|[-+]?\.\d+", plain):
        return Cell(problem=Problem(code, {"value": written}))
    return _two_places(Decimal(plain), most)


def _two_places(value: Decimal, most: int) -> Cell:
    if not value.is_finite() or abs(value) > most:
        return Cell(problem=Problem("number_range", {"value": str(value)}))
    return Cell(str(value.quantize(Decimal("0.01"))))


def money(raw: Any) -> Cell:
    """Yuan with two places, as text: `¥1,288.50`, `(100)` for minus."""
    return _amount(raw, "money_form", 99_999_999)


def number(raw: Any) -> Cell:
    """A quantity with two places, as text."""
    return _amount(raw, "number_form", 9_999_999)


def whole(raw: Any) -> Cell:
    """A whole number from 0 to 9,999; a unit behind it (`3个月`, `5天`) is dropped."""
    trimmed = re.sub(r"(个月|月|天|日|days?|months?)$", "", as_text(raw).lower()).strip()
    cell = _amount(trimmed, "number_form", 9_999_999)
    if cell.value is None:
        return cell
    value = Decimal(cell.value)
    if value != value.to_integral_value() or not 0 <= value <= 9999:
        return Cell(problem=Problem("number_range", {"value": trimmed}))
    return Cell(int(value))


def time(raw: Any) -> Cell:
    """A time of day as HH:MM."""
    value = read_time(raw)
    if value is None:
        written = as_text(raw)
        return (
            BLANK if written.lower() in _NOTHING else Cell(problem=Problem("time_form", {"value": written}))
        )
    return Cell(value.strftime("%H:%M"))


def skills(raw: Any) -> Cell:
    """Skills in one cell, separated by any of `;、,/` or spaces → list."""
    words = [word for word in re.split(r"[;;、,,/|\s]+", as_text(raw)) if word]
    return Cell(list(dict.fromkeys(words)))


def email(raw: Any) -> Cell:
    value = as_text(raw)
    if value.lower() in _NOTHING:
        return BLANK
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return Cell(problem=Problem("choice_unknown", {"value": value, "choices": "name@example.com"}))
    return Cell(value)


_TOKENS = re.compile(r"[^\s/、,,;;|()()::]+")
_MOBILE_IN = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def mixed(raw: Any) -> Cell:
    """Several fields in one cell (`张三/13801754045`, `沪A12345 LSV…`) → their texts by field; the rest is the name."""
    value, is_formula = _unwrapped(raw)
    if is_formula:
        return Cell(problem=Problem("formula", {"value": value}))
    found: dict[str, str] = {}
    for token in _TOKENS.findall(_MOBILE_IN.sub(r" \g<0> ", value)):
        found.setdefault(_field_of(token), token)
    return Cell(found) if found else BLANK


def _field_of(token: str) -> str:
    plain = vehicle_vin.normalise(token)
    if plain.isascii() and plain.isalnum() and 15 <= len(plain) <= 19 and not plain.isdigit():
        return "vin"
    if identifiers.plate(token)[1] is None:
        return "plate"
    digits = identifiers.plain(token)
    if digits.isascii() and digits.lstrip("+").isdigit() and 7 <= len(digits) <= 15:
        return "mobile"
    return "name"


def _choice(kind: str, raw: Any) -> Cell:
    written = as_text(raw)
    found = WORDS[kind].get(written.lower().replace(" ", ""))
    if found:
        return Cell({"yes": True, "no": False}.get(found, found))
    if written.lower() in _NOTHING:
        return BLANK
    options = "、".join(words.split()[0] for words in CHOICES[kind].values())
    return Cell(problem=Problem("choice_unknown", {"value": written, "choices": options}))


CLEANERS: dict[str, Cleaner] = {
    "text": text, "name": name, "code": code, "vin": vin, "plate": plate, "phone": phone,
    "id_number": id_number, "date": date, "datetime": datetime, "birthday": birthday, "mileage": mileage,
    "money": money, "number": number, "whole": whole, "time": time, "skills": skills, "email": email,
    "mixed": mixed, **{kind: functools.partial(_choice, kind) for kind in CHOICES},
}  # fmt: skip
