"""Cars and their odometer readings: the reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.vehicles import policies
from huichang.domains.vehicles.models import OdometerReading, ReadingStatus, Vehicle

TRUSTED = (ReadingStatus.ACCEPTED, ReadingStatus.CONFIRMED)
ROLLS_BACK, LEAPS = "rolls_back", "leaps"


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast an odometer may grow: km a day, and km of slack for readings close together."""

    km_per_day: int
    slack_km: int


@dataclass(frozen=True, slots=True)
class Plausibility:
    """What a reading looks like beside the trusted ones of the store.

    `doubt` is `rolls_back`, `leaps` or empty; `against` the trusted reading that contradicts it.
    """

    doubt: str = ""
    against: OdometerReading | None = None


def limits(dealer: Dealer, on: date) -> Limits:
    """The limits in force at a store; one query."""
    found = values_in_force([policies.LEAP, policies.LEAP_SLACK], dealer, on)
    return Limits(found[policies.LEAP.key], found[policies.LEAP_SLACK.key])


def trusted_readings(vehicle: Vehicle) -> list[OdometerReading]:
    """The store's accepted and confirmed readings of a car, oldest first; one query."""
    return list(
        OdometerReading.objects.filter(vehicle=vehicle, status__in=TRUSTED).order_by("read_on", "km", "pk")
    )


def plausibility(
    *, km: int, read_on: date, readings: Sequence[OdometerReading], bounds: Limits
) -> Plausibility:
    """Compare a reading with the trusted ones (oldest first).

    It rolls back when an earlier day shows more kilometres, or a later day fewer; it leaps when it would have
    grown faster than `bounds` since the reading before it, or to the one after it.
    """
    before = [one for one in readings if one.read_on <= read_on]
    after = [one for one in readings if one.read_on > read_on]
    highest = max(before, key=lambda one: one.km, default=None)
    lowest = min(after, key=lambda one: one.km, default=None)
    if highest is not None and highest.km > km:
        return Plausibility(ROLLS_BACK, highest)
    if lowest is not None and lowest.km < km:
        return Plausibility(ROLLS_BACK, lowest)
    if highest is not None and km - highest.km > _most(bounds, highest.read_on, read_on):
        return Plausibility(LEAPS, highest)
    if lowest is not None and lowest.km - km > _most(bounds, read_on, lowest.read_on):
        return Plausibility(LEAPS, lowest)
    return Plausibility()


def _most(bounds: Limits, start: date, end: date) -> int:
    return bounds.slack_km + bounds.km_per_day * (end - start).days


def check_reading(*, vehicle: Vehicle, km: int, read_on: date, dealer: Dealer) -> Plausibility:
    """`plausibility` of a reading somebody is about to record; two queries."""
    return plausibility(
        km=km, read_on=read_on, readings=trusted_readings(vehicle), bounds=limits(dealer, read_on)
    )
