"""Plates, identity numbers, phones and name keys: as typed → clean, and what is wrong (FACTS §5)."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "plate_missing": _("没有车牌号"),
    "plate_form": _("“%(value)s”不是车牌号的写法"),
    "id_length": _("证件号码应为18位(旧证15位),这里是%(length)s位"),
    "id_character": _("证件号码第%(position)s位“%(character)s”不该出现"),
    "id_date": _("证件号码里的出生日期“%(value)s”不存在"),
    "id_checksum": _("证件号码校验不通过:末位是“%(found)s”,应为“%(expected)s”"),
    "company_length": _("统一社会信用代码应为18位,这里是%(length)s位"),
    "company_character": _("统一社会信用代码第%(position)s位“%(character)s”不该出现"),
    "company_checksum": _("统一社会信用代码校验不通过:末位是“%(found)s”,应为“%(expected)s”"),
    "mobile_length": _("手机号应为11位,这里是%(length)s位"),
    "phone_form": _("“%(value)s”不是电话号码的写法"),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with an identifier. `code` is a key of `REASONS`; positions count from 1."""

    code: str
    params: dict[str, Any]

    @property
    def message(self) -> str:
        return str(REASONS[self.code]) % self.params


_NOISE = str.maketrans(
    "", "", " \t\r\n.,-_·•・*'\"`。、,:;()()[]【】\u3000\u00a0\u200b\ufeff\u2022\u2219\u22c5"
)


def plain(text: str) -> str:
    """Half-width, without spaces and punctuation; letters keep their case."""
    if text.isascii() and text.isalnum():
        return text
    return unicodedata.normalize("NFKC", text).translate(_NOISE)


# --- plates ---------------------------------------------------------------------------------------------

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TRADITIONAL = str.maketrans("滬雲遼魯蘇贛陝閩貴粵寧瓊學領掛", "沪云辽鲁苏赣陕闽贵粤宁琼学领挂")
_PLATES = re.compile(
    rf"[{_PROVINCES}][A-HJ-NP-Z](?:"
    r"[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳领试超]"  # ordinary, five places
    r"|[A-HJKMNP-Z][A-HJ-NP-Z0-9][0-9]{4}"  # new energy, small: D, F and the later letters
    r"|[0-9]{5}[A-HJKMNP-Z]"  # new energy, large
    r")"
    rf"|[{_PROVINCES}][A-HJ-NP-Z0-9]{{5,6}}领"
    r"|使[0-9]{6}|[0-9]{6}使"
    r"|民航[A-Z0-9]{5}"
)


def plate(text: str) -> tuple[str, Wrong | None]:
    """A plate as it is stored (`渝A12345`: half-width capitals, no dot) and what is wrong with it, if anything.

    Ordinary, new-energy (5 + 1 places), trailer 挂, learner 学, police 警, consular 使/领, 港/澳 plates.
    """
    value = plain(text).upper().translate(_TRADITIONAL)
    if not value:
        return "", Wrong("plate_missing", {})
    if not _PLATES.fullmatch(value):
        return value, Wrong("plate_form", {"value": text.strip()})
    return value, None


# --- identity numbers -----------------------------------------------------------------------------------

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def resident_id(text: str) -> tuple[str, Wrong | None]:
    """An identity number of a person as 18 characters (a 15-digit one is extended) and what is wrong with it."""
    value = plain(text).upper()
    if len(value) == 15 and value.isascii() and value.isdigit():
        body = f"{value[:6]}19{value[6:]}"
        value = body + id_check(body)
    if len(value) != 18:
        return value, Wrong("id_length", {"length": len(value)})
    for position, character in enumerate(value, start=1):
        if not (character in "0123456789" or (position == 18 and character == "X")):
            return value, Wrong("id_character", {"position": position, "character": character})
    if birth_date(value) is None:
        return value, Wrong("id_date", {"value": value[6:14]})
    expected = id_check(value[:17])
    if value[17] != expected:
        return value, Wrong("id_checksum", {"found": value[17], "expected": expected})
    return value, None


def id_check(body: str) -> str:
    """The check character of the first 17 digits of an identity number (GB 11643)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def birth_date(number: str) -> date | None:
    """The birth date inside an 18-character identity number, None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


_COMPANY_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_COMPANY_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def company_code(text: str) -> tuple[str, Wrong | None]:
    """A unified social credit code (GB 32100) and what is wrong with it."""
    value = plain(text).upper()
    if len(value) != 18:
        return value, Wrong("company_length", {"length": len(value)})
    for position, character in enumerate(value, start=1):
        if character not in _COMPANY_LETTERS:
            return value, Wrong("company_character", {"position": position, "character": character})
    expected = company_check(value[:17])
    if value[17] != expected:
        return value, Wrong("company_checksum", {"found": value[17], "expected": expected})
    return value, None


def company_check(body: str) -> str:
    """The check character of the first 17 characters of a unified social credit code."""
    total = sum(_COMPANY_LETTERS.index(c) * weight for c, weight in zip(body, _COMPANY_WEIGHTS, strict=True))
    return _COMPANY_LETTERS[-total % 31]


# --- phones ---------------------------------------------------------------------------------------------

_PREFIX = re.compile(r"^(?:\+|00)?86(?=1\d{10}$|0?[2-9]\d{8,})")
MOBILE, LANDLINE = "mobile", "landline"


@functools.lru_cache(maxsize=65536)
def phone(text: str, region: str = "CN") -> tuple[str, str, Wrong | None]:
    """Digits of a phone, `mobile` or `landline`, and what is wrong.

    New mobile ranges are accepted (1 + 10 digits): number portability and new ranges outrun every list. Landlines
    are checked by libphonenumber; an area code is kept (`02367891234`).
    """
    digits = _PREFIX.sub("", plain(text).lstrip("+"))
    if digits.startswith("1") and digits.isdigit() and not digits.startswith("10"):
        wrong = None if len(digits) == 11 else Wrong("mobile_length", {"length": len(digits)})
        return digits, MOBILE, wrong
    if digits.isascii() and digits.isdigit() and _is_landline(digits, region):
        return digits, LANDLINE, None
    return digits, LANDLINE, Wrong("phone_form", {"value": text.strip()})


def _is_landline(digits: str, region: str) -> bool:
    if len(digits) in {7, 8} and digits[0] in "2345678":
        return True  # a local number without its area code
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


# --- names ----------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=16384)
def pinyin_keys(name: str) -> tuple[str, str]:
    """Search keys of a name: full pinyin without spaces (`lihaimin`) and initials (`lhm`), lower case."""
    if name.isascii():
        words = re.findall(r"[a-z0-9]+", name.lower())
        return "".join(words), "".join(word[0] for word in words)
    from pypinyin import Style, lazy_pinyin  # a quarter of a second, not needed by most commands

    syllables = [
        s.lower() for s in lazy_pinyin(name, style=Style.NORMAL, errors=cast("Any", _latin)) if s.strip()
    ]
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


def _latin(text: str) -> list[str] | None:
    """Serve as pypinyin's hook for what is not Chinese: keep letters and digits, drop the rest."""
    kept = [c for c in unicodedata.normalize("NFKC", text).lower() if c.isascii() and c.isalnum()]
    return kept or None
