"""Dates, money, distances and masked identifiers as the reader's language writes them.

Plain functions, so that exports and messages write a value exactly as the pages do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

NOTHING = "—"
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAINLAND_MOBILE = 11
_PLATE_OF_NEW_ENERGY = 8

Number = int | float | Decimal


def chinese() -> bool:
    """Say whether the active language is Chinese."""
    return (get_language() or "zh").lower().startswith("zh")


def local(value: date | datetime) -> date | datetime:
    """Move an aware datetime to the active time zone; leave anything else."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def listed(items: Iterable[object]) -> str:
    """Several things in one line: `甲、乙` in Chinese, `a, b` in English."""
    return ("、" if chinese() else ", ").join(str(item) for item in items)


def day(value: date | datetime | None) -> str:
    """`2026-11-21` in Chinese, `21 Nov 2026` in English."""
    if value is None:
        return NOTHING
    value = local(value)
    if chinese():
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"


def weekday(value: date | datetime | None) -> str:
    """`周六` in Chinese, `Sat` in English."""
    if value is None:
        return NOTHING
    number = local(value).weekday()
    return f"周{_WEEKDAYS_ZH[number]}" if chinese() else _WEEKDAYS_EN[number]


def day_short(value: date | datetime | None) -> str:
    """`11月21日 周六` in Chinese, `Sat 21 Nov` in English: for dates near today."""
    if value is None:
        return NOTHING
    value = local(value)
    if chinese():
        return f"{value.month}月{value.day}日 {weekday(value)}"
    return f"{weekday(value)} {value.day} {_MONTHS_EN[value.month - 1]}"


def month(value: date | datetime | None) -> str:
    """`2026年11月` in Chinese, `Nov 2026` in English."""
    if value is None:
        return NOTHING
    value = local(value)
    return f"{value.year}年{value.month}月" if chinese() else f"{_MONTHS_EN[value.month - 1]} {value.year}"


def clock(value: datetime | None) -> str:
    """`09:42` in both languages."""
    if value is None:
        return NOTHING
    return f"{local(value):%H:%M}"


def moment(value: datetime | None) -> str:
    """`2026-11-21 09:42` in Chinese, `21 Nov 2026, 09:42` in English."""
    if value is None:
        return NOTHING
    return f"{day(value)} {clock(value)}" if chinese() else f"{day(value)}, {clock(value)}"


def days_left(days: int | None) -> str:
    """Say how far away a day is: `还有 9 天`, `今天`, `逾期 1 天`. `days` counts from today."""
    if days is None:
        return NOTHING
    if days == 0:
        return _("今天")
    if days > 0:
        return _("还有 %(n)d 天") % {"n": days}
    return _("逾期 %(n)d 天") % {"n": -days}


def duration(minutes: Number | None) -> str:
    """Write minutes as people say them: `1 小时 50 分`, `40 分`."""
    if minutes is None:
        return NOTHING
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return _("%(minutes)d 分") % {"minutes": rest}
    if not rest:
        return _("%(hours)d 小时") % {"hours": hours}
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": rest}


def thousands(value: Number | None, places: int = 0) -> str:
    """`51,240`; with `places` digits after the point, halves rounded up."""
    if value is None:
        return NOTHING
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{rounded:,.{places}f}"


def money(value: Number | None) -> str:
    """`¥1,284.00`; a minus stands before the sign."""
    if value is None:
        return NOTHING
    amount = Decimal(str(value))
    text = thousands(abs(amount), 2)
    return f"-¥{text}" if amount < 0 else f"¥{text}"


def money_round(value: Number | None) -> str:
    """`¥1,284`: whole yuan, for tiles and summaries."""
    if value is None:
        return NOTHING
    amount = Decimal(str(value))
    text = thousands(abs(amount))
    return f"-¥{text}" if amount < 0 else f"¥{text}"


def kilometres(value: Number | None) -> str:
    """`51,240 km`."""
    return NOTHING if value is None else f"{thousands(value)} km"


def percent(value: Number | None, places: int = 0) -> str:
    """Write a share of one: `0.86` is `86%`."""
    return NOTHING if value is None else f"{thousands(Decimal(str(value)) * 100, places)}%"


def plate(value: str | None) -> str:
    """`渝B62D81` as `渝B·62D81`. A number that is no mainland plate is left as it is."""
    if not value:
        return NOTHING
    if re.fullmatch(r"[\u4e00-\u9fff][A-Z][A-Z0-9挂学警港澳领使]{5,6}", value):
        return f"{value[:2]}·{value[2:]}"
    return value


def plate_kind(value: str | None) -> str:
    """Return `green` for a new-energy plate (eight characters), `blue` otherwise."""
    return "green" if value and len(value) == _PLATE_OF_NEW_ENERGY else "blue"


def mask_mobile(value: str | None) -> str:
    """`13912344418` as `139****4418`; other numbers keep a head of three (or the area code) and a tail of four."""
    if not value:
        return NOTHING
    digits = re.sub(r"\D", "", value)
    if len(digits) == _MAINLAND_MOBILE and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    tail = digits[-4:]
    area = re.match(r"(0\d{2,3})-", value)
    if area:
        return f"{area.group(1)}-****{tail}"
    return f"{digits[: max(len(digits) - 8, 0)]}****{tail}"


def phone(value: str | None) -> str:
    """`13912344418` as `139 1234 4418`; anything else unchanged."""
    if not value:
        return NOTHING
    if re.fullmatch(r"1\d{10}", value):
        return f"{value[:3]} {value[3:7]} {value[7:]}"
    return value


def mask_tail(value: str | None, keep: int = 4) -> str:
    """Show only the last characters: `…4418`. For identity numbers and long codes."""
    if not value:
        return NOTHING
    return f"…{value[-keep:]}" if len(value) > keep else "…"
