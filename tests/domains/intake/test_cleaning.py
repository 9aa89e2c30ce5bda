"""Cells as exports write them: what is fixed, what is set aside, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from huichang.domains.intake.cleaning import CLEANERS


@pytest.mark.parametrize(
    ("cleaner", "raw", "value", "fix"),
    [
        ("date", dt.date(2024, 3, 5), "2024-03-05", ""),
        ("date", dt.datetime(2024, 3, 5, 8, 0), "2024-03-05", ""),  # noqa: DTZ001 - a spreadsheet has no zone
        ("date", "2024-3-5", "2024-03-05", ""),
        ("date", "2024/3/5", "2024-03-05", "date_slash_text"),
        ("date", "2024.3.5", "2024-03-05", "date_dot_text"),
        ("date", "2024年3月5日", "2024-03-05", "date_chinese_text"),
        ("date", "20240305", "2024-03-05", "date_compact_text"),
        ("date", 20240305.0, "2024-03-05", "date_compact_text"),
        ("date", 45356.0, "2024-03-05", "date_excel_serial"),
        ("date", "45356", "2024-03-05", "date_excel_serial"),
        ("date", "5 Mar 2024", "2024-03-05", "date_english_text"),
        ("date", "2024-03-05 10:22:31", "2024-03-05", ""),
        ("date", "", None, ""),
        ("date", "—", None, ""),
        ("datetime", "2024/3/5 下午3:20", "2024-03-05T15:20:00", "date_slash_text"),
        ("datetime", "2024-03-05 09:30", "2024-03-05T09:30:00", ""),
        ("birthday", "0000-00-00", None, "birth_zero"),
        ("birthday", "1948-02-01", "1948-02-01", ""),
        ("mileage", 35120.0, 35120, ""),
        ("mileage", "35,120km", 35120, "mileage_text"),
        ("mileage", "3.5万公里", 35000, "mileage_text"),
        ("mileage", "35120 公里", 35120, "mileage_text"),
        ("money", "¥1,288.50", "1288.50", ""),
        ("money", "(100)", "-100.00", ""),
        ("money", 0.1 + 0.2, "0.30", ""),
        ("plate", "沪a·12345", "沪A12345", "plate_lower_dot"),
        ("plate", "沪Ａ１２３４５", "沪A12345", "plate_fullwidth"),
        ("plate", "未上牌", None, ""),
        ("phone", 13801754045.0, ["13801754045"], ""),
        ("phone", '="13801754045"', ["13801754045"], ""),
        ("phone", "13801754045/021-67891234", ["13801754045", "02167891234"], "mobile_punctuated"),
        ("vin", "latpab071w1005301", "LATPAB071W1005301", "vin_written_otherwise"),
        ("vin", "LATPAB072W1005301!", "LATPAB072W1005301", ""),  # somebody has read it off the car
        ("name", "张三(已卖)", "张三", "note_sold_on"),
        ("name", "上海启程(浦东)有限公司", "上海启程(浦东)有限公司", ""),
        ("text", "-", None, ""),
        ("yes_no", "已绑定", True, ""),
        ("finding_status", "客户推迟", "postponed", ""),
        ("skills", "机修;变速箱、电器", ["机修", "变速箱", "电器"], ""),
        ("time", "8点30分", "08:30", ""),
        ("time", 0.5, "12:00", ""),
        ("whole", "3个月", 3, ""),
    ],
)
def test_a_cell_is_read(cleaner: str, raw: Any, value: Any, fix: str) -> None:
    cell = CLEANERS[cleaner](raw)
    assert cell.problem is None
    assert (cell.value, cell.fix) == (value, fix)


@pytest.mark.parametrize(
    ("cleaner", "raw", "code"),
    [
        ("date", "明年", "date_form"),
        ("date", "2024-02-30", "date_form"),
        ("date", "1875-01-01", "date_range"),
        ("mileage", 3_045_100.0, "mileage_range"),
        ("mileage", -5.0, "mileage_range"),
        ("mileage", "三万", "mileage_form"),
        ("money", "面议", "money_form"),
        ("name", '=HYPERLINK("http://x")', "formula"),
        ("vin", "LATPAB071W100530", "vin_length"),
        ("phone", "1388357868", "mobile_length"),
        ("id_number", "110105194912310021", "id_checksum"),
        ("time", "25:00", "time_form"),
        ("yes_no", "也许", "choice_unknown"),
    ],
)
def test_what_cannot_be_trusted_has_a_reason(cleaner: str, raw: Any, code: str) -> None:
    cell = CLEANERS[cleaner](raw)
    assert cell.value is None
    assert cell.problem is not None
    assert cell.problem.code == code


def test_one_good_phone_of_two_is_kept_and_the_other_doubted() -> None:
    cell = CLEANERS["phone"]("13801754045/1388357868")
    assert cell.value == ["13801754045"]
    assert cell.doubt is not None
    assert cell.doubt.code == "mobile_length"
