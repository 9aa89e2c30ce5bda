"""Small words of the staff pages: a car's model, the people of one call."""

from __future__ import annotations

import pytest

from huichang.domains.customers.models import Customer
from huichang.domains.vehicles.models import Vehicle
from huichang.interfaces.staff.templatetags.staff import model, names


@pytest.mark.parametrize(
    ("series", "model_name", "shown"),
    [
        ("锐界", "2023款 EcoBoost 245", "锐界 2023款 EcoBoost 245"),
        ("锐界", "锐界 2023款 EcoBoost 245", "锐界 2023款 EcoBoost 245"),
        ("锐界", "", "锐界"),
        ("", "2023款 EcoBoost 245", "2023款 EcoBoost 245"),
        ("", "", ""),
    ],
)
def test_the_series_is_said_once(series: str, model_name: str, shown: str) -> None:
    assert model(Vehicle(series=series, model_name=model_name)) == shown


def test_no_car_has_no_model() -> None:
    assert model(None) == ""


def test_people_of_one_name_are_counted() -> None:
    people = [Customer(name=name) for name in ("恒达物流", "李海民", "恒达物流")]
    assert names(people) == "恒达物流 ×2、李海民"
