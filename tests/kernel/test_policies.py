from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from typing import Any

import pytest

from huichang.kernel.policies import POLICIES, Policy, PolicyRefused


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    before = dict(POLICIES)
    yield
    POLICIES.clear()
    POLICIES.update(before)


@pytest.mark.parametrize(
    ("default", "raw", "value"),
    [
        (5, " 7 ", 7),
        (Decimal("0.20"), "0.25", Decimal("0.25")),
        (False, "是", True),
        (True, "0", False),
        (time(21, 0), "8:30", time(8, 30)),
        ("sms", "wechat", "wechat"),
    ],
)
def test_a_typed_text_becomes_a_value_and_back(default: Any, raw: str, value: Any) -> None:
    policy = Policy("example.number", default, "示例")
    assert policy.parse(raw) == value
    assert policy.parse(policy.format(value)) == value


def test_bounds_refuse_with_the_bound_in_words() -> None:
    policy = Policy("example.days", 13, "提前天数", "天", low=1, high=60)
    with pytest.raises(PolicyRefused, match="60"):
        policy.parse("61")
    with pytest.raises(PolicyRefused, match="1"):
        policy.parse("0")


def test_text_that_is_no_number_is_refused_with_the_text() -> None:
    with pytest.raises(PolicyRefused, match="三天"):
        Policy("example.days", 13, "提前天数").parse("三天")


def test_a_choice_outside_the_list_is_refused() -> None:
    with pytest.raises(PolicyRefused, match="sms"):
        Policy("example.channel", "sms", "方式", choices=("sms", "wechat")).parse("fax")


def test_a_key_is_declared_once() -> None:
    Policy("example.once", 1, "一次")
    with pytest.raises(ValueError, match="twice"):
        Policy("example.once", 2, "两次")
