"""Values as they come over the wire: strict, so that what the schema says is what is taken."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from huichang.interfaces.api.problems import conflict
from huichang.kernel.worktime import CHINA

BIGGEST = 2**63 - 1
# One line of text: what PostgreSQL cannot store (NUL) or nobody can read (control characters) is refused.
LINE = r"^[^\x00-\x1f\x7f]*$"
FILLED = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
_DIGITS = re.compile(r"-?(0|[1-9]\d*)")


def _day(value: Any) -> Any:
    if value is None or (isinstance(value, str) and _DAY.fullmatch(value)) or type(value) is date:
        return value
    raise ValueError("YYYY-MM-DD")


def _moment(value: Any) -> Any:
    if value is None or (isinstance(value, str) and _MOMENT.fullmatch(value)) or isinstance(value, datetime):
        return value
    raise ValueError("RFC 3339: 2026-06-16T09:00:00+08:00")


def _in_china(value: datetime) -> datetime:
    return value.astimezone(CHINA)


def _digits(value: Any) -> Any:
    """Numbers in an address: plain digits, not what Python's int() would also take."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise ValueError("digits")
    return value


def _whole(value: Any) -> Any:
    """JSON knows one kind of number: 3.0 is the integer 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _truth(value: Any) -> Any:
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("true / false")
    return value


Day = Annotated[date, BeforeValidator(_day)]
# Given out with the store's offset, whatever the offset it came with.
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), PlainSerializer(_in_china, return_type=datetime)]
# Bounds stand before the validators: only so do they reach the description.
Id = Annotated[int, Field(strict=True, ge=1, le=BIGGEST), BeforeValidator(_whole)]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1), BeforeValidator(_whole)]
Truth = Annotated[bool, Field(strict=True)]
PathId = Annotated[int, Field(ge=1, le=BIGGEST), BeforeValidator(_digits)]
Limit = Annotated[int, Field(ge=1, le=200), BeforeValidator(_digits)]
QueryTruth = Annotated[bool, BeforeValidator(_truth)]


# A text on one line of at most so many characters; `Filled…` with something in it.
Line20 = Annotated[str, StringConstraints(max_length=20, pattern=LINE)]
Line30 = Annotated[str, StringConstraints(max_length=30, pattern=LINE)]
Filled30 = Annotated[str, StringConstraints(max_length=30, min_length=1, pattern=FILLED)]
Line32 = Annotated[str, StringConstraints(max_length=32, pattern=LINE)]
Line40 = Annotated[str, StringConstraints(max_length=40, pattern=LINE)]
Line60 = Annotated[str, StringConstraints(max_length=60, pattern=LINE)]
Line80 = Annotated[str, StringConstraints(max_length=80, pattern=LINE)]
Filled80 = Annotated[str, StringConstraints(max_length=80, min_length=1, pattern=FILLED)]
Line200 = Annotated[str, StringConstraints(max_length=200, pattern=LINE)]
Filled200 = Annotated[str, StringConstraints(max_length=200, min_length=1, pattern=FILLED)]
Line254 = Annotated[str, StringConstraints(max_length=254, pattern=LINE)]
Line400 = Annotated[str, StringConstraints(max_length=400, pattern=LINE)]
Line500 = Annotated[str, StringConstraints(max_length=500, pattern=LINE)]


class Given(Schema):
    """Base of every request body: unknown fields are an error, so that a typing mistake is not silence."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *names: str) -> dict[str, Any]:
        """The fields of `names` (all when empty) that the client sent."""
        values = self.model_dump(exclude_unset=True)
        return {name: value for name, value in values.items() if not names or name in names}


def in_reach(day: date | None, field: str) -> None:
    """Refuse days no store works with, before calendar arithmetic leaves the calendar."""
    if day is not None and not 1900 <= day.year < 2200:
        raise conflict(_("日期超出可用范围(1900–2199 年)。"), field)
