"""Readings: plausible ones are accepted, others are asked about; facts of a car are checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from huichang.domains.customers.models import Car
from huichang.domains.vehicles.models import OdometerReading, ReadingSource
from huichang.domains.vehicles.operations import edit_vehicle, judge_reading, record_reading
from huichang.kernel.actors import system
from huichang.kernel.audit import history
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import NOW, TODAY, make_car, make_dealer, make_reading

AGENT = system("测试")


@pytest.fixture
def car(db: None) -> Iterator[Car]:
    dealer = make_dealer()
    car = make_car(dealer)
    make_reading(dealer, car=car, km=20_000, read_on=date(2026, 1, 10))
    with dealer_scope(dealer.pk):
        yield car


def read(car: Car, km: int, on: date = TODAY, *, is_confirmed: bool = False) -> OdometerReading:
    return record_reading(
        dealer=car.dealer, vehicle=car.vehicle, km=km, read_on=on, source=ReadingSource.CALL,
        is_confirmed=is_confirmed, actor=AGENT, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("km", "on", "doubt"),
    [
        (25_000, TODAY, ""),
        (19_000, TODAY, "rolls_back"),
        (21_000, date(2025, 12, 1), "rolls_back"),
        (250_000, TODAY, "leaps"),
        (20_000, date(2026, 1, 10), ""),
    ],
)
def test_plausibility_against_the_readings_around(car: Car, km: int, on: date, doubt: str) -> None:
    reading = read(car, km, on)
    assert reading.doubt == doubt
    assert reading.status == ("suspect" if doubt else "accepted")


def test_a_suspect_reading_does_not_judge_the_next(car: Car) -> None:
    read(car, 250_000)
    assert read(car, 26_000, TODAY + timedelta(days=1)).doubt == ""


def test_a_confirmed_answer_is_trusted_at_once(car: Car) -> None:
    assert read(car, 19_000, is_confirmed=True).status == "confirmed"


def test_the_same_reading_twice_is_one_row(car: Car) -> None:
    assert read(car, 25_000).pk == read(car, 25_000).pk


@pytest.mark.parametrize("km", [0, -5, 9_999_999])
def test_what_no_odometer_shows_is_refused(car: Car, km: int) -> None:
    with pytest.raises(OperationRefused) as refusal:
        read(car, km)
    assert refusal.value.field == "km"


def test_a_judged_reading_is_confirmed_or_set_aside(car: Car) -> None:
    wrong = read(car, 19_000)
    judge_reading(reading=wrong, is_right=False, actor=AGENT, now=NOW, reason="看错一位")
    assert wrong.status == "rejected"
    right = read(car, 18_000)
    judge_reading(reading=right, is_right=True, actor=AGENT, now=NOW, reason="换过仪表")
    assert right.status == "confirmed"


def test_facts_of_a_car_change_with_a_trace(car: Car) -> None:
    assert edit_vehicle(vehicle=car.vehicle, values={"color": "蓝", "series": "福克斯"}, actor=AGENT) == [
        "color"
    ]
    assert history([car.vehicle])[0].changes == {"color": ["", "蓝"]}


def test_a_warranty_cannot_end_before_it_starts(car: Car) -> None:
    with pytest.raises(OperationRefused) as refusal:
        edit_vehicle(
            vehicle=car.vehicle, actor=AGENT,
            values={"warranty_start_date": date(2026, 5, 1), "warranty_end_date": date(2026, 5, 1)},
        )  # fmt: skip
    assert refusal.value.field == "warranty_end_date"


def test_the_vin_is_not_edited(car: Car) -> None:
    with pytest.raises(OperationRefused, match="vin"):
        edit_vehicle(vehicle=car.vehicle, values={"vin": "X"}, actor=AGENT)
