"""VINs, plates, identity numbers, phones, name keys: as people write them, and what exactly is wrong."""

from __future__ import annotations

import pytest

from huichang.domains.customers import identifiers
from huichang.domains.vehicles import vin


@pytest.mark.parametrize(
    ("written", "code", "params"),
    [
        ("LATPAB071W1005301", "", {}),  # the worked example of FACTS §5
        ("ＬＡＴＰＡＢ０７１Ｗ１００５３０１", "", {}),
        ("latpab071 w1005-301", "", {}),
        ("", "vin_missing", {}),
        ("LATPAB071W100530", "vin_length", {"length": 16}),
        ("LATPAB071W1OO5301", "vin_letter", {"position": 12, "character": "O"}),
        ("LATPAB071W1005#01", "vin_character", {"position": 15, "character": "#"}),
        ("LATPAB072W1005301", "vin_check_digit", {"found": "2", "expected": "1"}),
        ("WVWZZZ1JZXW000001", "", {}),  # in Europe position 9 is no check digit
    ],
)
def test_a_vin_is_cleaned_or_its_wrong_character_named(
    written: str, code: str, params: dict[str, object]
) -> None:
    wrong = vin.problem(vin.normalise(written))
    assert (wrong.code if wrong else "", wrong.params if wrong else {}) == (code, params)


def test_a_person_may_insist_on_a_check_digit() -> None:
    assert vin.problem("LATPAB072W1005301", check=False) is None


def test_the_make_is_behind_the_vin() -> None:
    assert vin.make("LVSHFAAL0LF000001") == "长安福特"
    assert vin.make("WBA00000000000000") == "BMW"


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("沪A12345", "沪A12345"), ("沪a·12345", "沪A12345"), ("沪 A-12345", "沪A12345"), ("沪Ａ１２３４５", "沪A12345"),
        ("滬A12345", "沪A12345"), ("沪AD12345", "沪AD12345"), ("沪A12345F", "沪A12345F"), ("沪A1234学", "沪A1234学"),
        ("沪A1234警", "沪A1234警"), ("沪A1234挂", "沪A1234挂"), ("粤Z1234港", "粤Z1234港"), ("使123456", "使123456"),
        ("沪A1234领", "沪A1234领"),
    ],
)  # fmt: skip
def test_plates_of_all_sorts_are_read(written: str, clean: str) -> None:
    assert identifiers.plate(written) == (clean, None)


@pytest.mark.parametrize("written", ["沪A1234", "A12345", "沪AI2345", "沪AO2345", "沪123456", "临时牌"])
def test_what_is_no_plate_is_said_so(written: str) -> None:
    assert identifiers.plate(written)[1] is not None


@pytest.mark.parametrize(
    ("written", "clean", "code"),
    [
        ("11010519491231002X", "11010519491231002X", None),  # both examples of GB 11643
        ("440524188001010014", "440524188001010014", None),
        ("11010519491231002x", "11010519491231002X", None),
        ("110105491231002", "11010519491231002X", None),  # a card of before 1999
        ("110105194912310021", "110105194912310021", "id_checksum"),
        ("11010519490231002X", "11010519490231002X", "id_date"),
        ("1101051949123100", "1101051949123100", "id_length"),
        ("1101051949A231002X", "1101051949A231002X", "id_character"),
    ],
)
def test_identity_numbers_are_checked(written: str, clean: str, code: str | None) -> None:
    value, wrong = identifiers.resident_id(written)
    assert (value, wrong.code if wrong else None) == (clean, code)


def test_a_company_code_carries_its_check_character() -> None:
    body = "91310000MA1K0Q7X4"
    good = body + identifiers.company_check(body)
    assert identifiers.company_code(good) == (good, None)
    other = "0" if good[-1] != "0" else "1"
    wrong = identifiers.company_code(body + other)[1]
    assert wrong is not None
    assert wrong.code == "company_checksum"


@pytest.mark.parametrize(
    ("written", "digits", "kind", "code"),
    [
        ("138 0175-4045", "13801754045", "mobile", None),
        ("+86 138-0175-4045", "13801754045", "mobile", None),
        ("(0086)13801754045", "13801754045", "mobile", None),
        ("021-67891234", "02167891234", "landline", None),
        ("67891234", "67891234", "landline", None),
        ("1388357868", "1388357868", "mobile", "mobile_length"),
        ("不详", "不详", "landline", "phone_form"),
    ],
)
def test_phones_are_cleaned(written: str, digits: str, kind: str, code: str | None) -> None:
    value, found, wrong = identifiers.phone(written)
    assert (value, found, wrong.code if wrong else None) == (digits, kind, code)


def test_names_are_found_by_pinyin() -> None:
    assert identifiers.pinyin_keys("李海敏") == ("lihaimin", "lhm")
    assert identifiers.pinyin_keys("John Smith") == ("johnsmith", "js")
