"""Readings that contradict the others are asked about; cars are one per VIN."""

from __future__ import annotations

from datetime import date

import pytest

from huichang.domains.vehicles.models import OdometerReading, Vehicle
from huichang.domains.vehicles.operations import add_vehicle, edit_vehicle
from huichang.domains.vehicles.queries import Limits, plausibility
from huichang.kernel.actors import system
from huichang.kernel.operations import OperationRefused

BOUNDS = Limits(km_per_day=600, slack_km=500)
AT_DESK = system("李伟")


def reading(day: date, km: int) -> OdometerReading:
    return OdometerReading(read_on=day, km=km)


KNOWN = [reading(date(2026, 1, 1), 20_000), reading(date(2026, 3, 1), 23_000)]


@pytest.mark.parametrize(
    ("day", "km", "doubt"),
    [
        (date(2026, 6, 1), 28_000, ""),
        (date(2026, 2, 1), 21_500, ""),
        (date(2026, 6, 1), 22_999, "rolls_back"),
        (date(2026, 2, 1), 24_000, "rolls_back"),  # more than was on the clock a month later
        (date(2026, 3, 2), 24_200, "leaps"),
        (date(2026, 6, 1), 280_000, "leaps"),  # one digit too many
    ],
)
def test_a_reading_is_compared_with_those_before_and_after(day: date, km: int, doubt: str) -> None:
    assert plausibility(km=km, read_on=day, readings=KNOWN, bounds=BOUNDS).doubt == doubt


def test_the_first_reading_has_nothing_to_contradict_it() -> None:
    assert plausibility(km=99_999, read_on=date(2026, 1, 1), readings=[], bounds=BOUNDS).doubt == ""


def test_the_reading_that_contradicts_is_named() -> None:
    verdict = plausibility(km=22_000, read_on=date(2026, 6, 1), readings=KNOWN, bounds=BOUNDS)
    assert verdict.against is KNOWN[1]


@pytest.mark.django_db
def test_a_known_vin_is_the_same_car_and_only_its_gaps_are_filled() -> None:
    first = add_vehicle(vin="latpab071w1005301", values={"series": "锐界"}, actor=AT_DESK)
    again = add_vehicle(vin="LATPAB071W1005301", values={"series": "翼虎", "color": "白"}, actor=AT_DESK)
    assert (again.pk, again.series, again.color) == (first.pk, "锐界", "白")


@pytest.mark.django_db
def test_a_wrong_vin_says_which_character() -> None:
    with pytest.raises(OperationRefused, match="第3位") as refusal:
        add_vehicle(vin="LAOPAB071W1005301", values={}, actor=AT_DESK)
    assert refusal.value.field == "vin"
    assert not Vehicle.objects.filter(vin="LAOPAB071W1005301").exists()


@pytest.mark.django_db
def test_a_warranty_ends_after_it_starts() -> None:
    vehicle = add_vehicle(
        vin="LATPAB071W1005301", values={"warranty_start_date": date(2026, 1, 1)}, actor=AT_DESK
    )
    with pytest.raises(OperationRefused) as refusal:
        edit_vehicle(vehicle=vehicle, values={"warranty_end_date": date(2026, 1, 1)}, actor=AT_DESK)
    assert refusal.value.field == "warranty_end_date"
