"""Dates, money and masked numbers in the habit of each language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from huichang.ui import formats

MOMENT = datetime(2026, 11, 21, 1, 42, tzinfo=UTC)  # 09:42 in China


@pytest.mark.parametrize(
    ("write", "chinese", "english"),
    [
        (lambda: formats.day(date(2026, 11, 21)), "2026-11-21", "21 Nov 2026"),
        (lambda: formats.day_short(date(2026, 11, 21)), "11月21日 周六", "Sat 21 Nov"),
        (lambda: formats.month(date(2026, 11, 1)), "2026年11月", "Nov 2026"),
        (lambda: formats.moment(MOMENT), "2026-11-21 09:42", "21 Nov 2026, 09:42"),
        (lambda: formats.clock(MOMENT), "09:42", "09:42"),
        (lambda: formats.money(Decimal(1284)), "¥1,284.00", "¥1,284.00"),
        (lambda: formats.day(None), "—", "—"),
    ],
)
def test_in_both_languages(write: Callable[[], str], chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert write() == chinese
    with translation.override("en"):
        assert write() == english


def test_distance_of_a_day() -> None:
    with translation.override("zh-hans"):
        assert [formats.days_left(n) for n in (9, 0, -1)] == ["还有 9 天", "今天", "逾期 1 天"]


def test_durations_as_people_say_them() -> None:
    with translation.override("zh-hans"):
        assert [formats.duration(n) for n in (40, 120, 110)] == ["40 分", "2 小时", "1 小时 50 分"]


def test_halves_are_rounded_up_and_minus_stands_first() -> None:
    assert formats.thousands(Decimal("0.125"), 2) == "0.13"
    assert formats.money(Decimal("-1234.5")) == "-¥1,234.50"
    assert formats.money_round(Decimal("0.5")) == "¥1"
    assert formats.percent(Decimal("0.865"), 1) == "86.5%"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13912344418", "139****4418"),
        ("023-67818800", "023-****8800"),
        ("02367818800", "023****8800"),
        ("67818800", "****8800"),
        ("", "—"),
    ],
)
def test_a_phone_in_a_list_shows_head_and_tail(number: str, masked: str) -> None:
    assert formats.mask_mobile(number) == masked


def test_plates_look_like_plates() -> None:
    assert formats.plate("渝B62D81") == "渝B·62D81"
    assert formats.plate("渝AD03528") == "渝A·D03528"
    assert formats.plate("ABC-123") == "ABC-123"
    assert (formats.plate_kind("渝AD03528"), formats.plate_kind("渝B62D81")) == ("green", "blue")


def test_identity_numbers_show_only_their_tail() -> None:
    assert formats.mask_tail("500101199001011234") == "…1234"
    assert formats.mask_tail("123") == "…"
