"""Dates and times as people and spreadsheets write them."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from typing import Any

# Day 0 of Excel's calendar, shifted by its invented 29 February 1900: right for every day after it.
_EXCEL_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones
_SERIALS = range(18_264, 73_050)  # 1950-01-01 to 2099-12-31
_YEAR_FIRST = re.compile(
    r"(\d{4})(?P<mark>[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})[日号]?"
    r"(?:[ T]*(?P<half>上午|下午|AM|PM)?\s*(\d{1,2})[::时点](\d{1,2})(?:[::分](\d{1,2})(?:\.\d+)?秒?)?分?"
    r"(?P<tail>\s*[AP]M)?)?(?:Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(19|20)(\d\d)(\d\d)(\d\d)(?:\s*(\d\d):?(\d\d)(?::?(\d\d))?)?")
_ENGLISH = (
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%b %d %Y %I:%M%p",
    "%d-%b-%y",
)
# Years of the Republic (民国): 1 is 1912.
_REPUBLIC = re.compile(r"(?:民[国國]\s*)?(\d{2,3})(?P<mark>[-/.年])(\d{1,2})[-/.月](\d{1,2})日?")
_REPUBLIC_ZERO = 1911
_HAN_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")
_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
_FIX_OF_MARK = {"/": "date_slash_text", ".": "date_dot_text", "年": "date_chinese_text", "-": ""}

Read = tuple[dt.datetime | None, str]


def read_datetime(raw: Any) -> Read:
    """The moment in a cell and the class of dirt that was read over; (None, "") when it is no moment."""
    if isinstance(raw, dt.datetime):
        return raw.replace(tzinfo=None), ""
    if isinstance(raw, dt.date):
        return dt.datetime.combine(raw, dt.time()), ""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _from_number(float(raw))
    if isinstance(raw, str) and raw.strip():
        return _from_text(raw.strip())
    return None, ""


def read_date(raw: Any) -> tuple[dt.date | None, str]:
    """The day in a cell; a time of day is dropped."""
    moment, fix = read_datetime(raw)
    return (moment.date() if moment else None), fix


def _from_number(number: float) -> Read:
    if int(number) in _SERIALS:
        moment = _EXCEL_ZERO + dt.timedelta(days=number)
        return (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0), "date_excel_serial"
    if number.is_integer() and 19_000_101 <= number <= 20_991_231:
        return _from_text(str(int(number)))
    return None, ""


@functools.lru_cache(maxsize=65536)
def _from_text(text: str) -> Read:
    plain = unicodedata.normalize("NFKC", text)
    if match := _YEAR_FIRST.fullmatch(plain):
        return _moment(match), _FIX_OF_MARK[match["mark"]]
    if match := _COMPACT.fullmatch(plain):
        century, *rest = match.groups(default="0")
        return _valid(int(century + rest[0]), *map(int, rest[1:])), "date_compact_text"
    if re.fullmatch(r"\d{5}(\.\d+)?", plain):
        return _from_number(float(plain))
    if found := _chinese_years(plain):
        return found
    for pattern in _ENGLISH:
        try:
            return dt.datetime.strptime(plain, pattern), "date_english_text"  # noqa: DTZ007 - a wall-clock day
        except ValueError:
            continue
    return None, ""


def _chinese_years(plain: str) -> Read | None:
    """`民国113年5月6日`, `113/05/06` and `二〇二四年五月六日`; None when it is none of these."""
    if match := _REPUBLIC.fullmatch(plain):
        year = int(match[1])
        if plain.startswith("民") or 80 <= year <= 150:
            return _valid(year + _REPUBLIC_ZERO, int(match[3]), int(match[4])), "date_republic"
    if match := _HAN_DATE.fullmatch(plain):
        year, month, day = int(match[1].translate(_HAN_DIGITS)), _han(match[2]), _han(match[3])
        return _valid(year, month, day), "date_chinese_text"
    return None


def _han(text: str) -> int:
    """`二十一` → 21."""
    if "十" not in text:
        return int(text.translate(_HAN_DIGITS))
    tens, ones = (part.translate(_HAN_DIGITS) for part in text.split("十", 1))
    return int(tens or 1) * 10 + int(ones or 0)


def _moment(match: re.Match[str]) -> dt.datetime | None:
    year, _mark, month, day, _half, hour, minute, second, _tail = match.groups()
    half = (match["half"] or match["tail"] or "").strip().upper()
    hours = int(hour or 0)
    if half in {"下午", "PM"} and hours < 12:
        hours += 12
    if half in {"上午", "AM"} and hours == 12:
        hours = 0
    return _valid(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))


def _valid(*parts: int) -> dt.datetime | None:
    try:
        return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - three to six of them, never a zone
    except ValueError:
        return None


def read_time(raw: Any) -> dt.time | None:
    """A time of day: `08:30`, `8点30分`, `830`, a spreadsheet's time or fraction of a day."""
    if isinstance(raw, dt.datetime):
        return raw.time()
    if isinstance(raw, dt.time):
        return raw
    if isinstance(raw, dt.timedelta):
        return (_EXCEL_ZERO + raw).time()
    if isinstance(raw, float) and 0 <= raw < 1:
        return (_EXCEL_ZERO + dt.timedelta(minutes=round(raw * 1440))).time()
    match = re.fullmatch(r"(\d{1,2})[::点时](\d{2})?(?:[::]\d{2}|分)?", str(raw).strip())
    if match and int(match[1]) < 24 and int(match[2] or 0) < 60:
        return dt.time(int(match[1]), int(match[2] or 0))
    return None
