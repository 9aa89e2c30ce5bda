"""Short words for the tests of the run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import batch
from huichang.domains.reminders.models import CarForecast, Case, Due
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_moment
from tests.factories import world
from tests.factories.world import make_order, make_reading

ACTOR = system("test")


def at(day: date, hour: int = 9) -> datetime:
    return local_moment(day, time(hour))


def run(dealer: Dealer, day: date, cars: Sequence[Car] | None = None) -> batch.RunResult:
    with dealer_scope(dealer.pk):
        car_ids = None if cars is None else [car.pk for car in cars]
        return batch.run(actor=ACTOR, as_of=day, dealers=[dealer], car_ids=car_ids)


def make_car(dealer: Dealer, **fields: Any) -> Car:
    """A car whose inspection is years away, so that a test has only the reasons it names."""
    return world.make_car(dealer, **{"inspection_due_date": date(2030, 1, 1)} | fields)


def visit(dealer: Dealer, car: Car, day: date, km: int, business: str = "定期保养") -> None:
    """A closed visit with its trusted reading."""
    make_order(dealer, car=car, arrived=at(day), km=km, business_type=business)
    make_reading(dealer, car=car, km=km, read_on=day)


def due_of(car: Car, kind: str) -> Due:
    with dealer_scope(car.dealer_id):
        return Due.objects.select_related("case").get(car=car, kind=kind)


def kinds_of(car: Car, status: str = "open") -> set[str]:
    with dealer_scope(car.dealer_id):
        return set(Due.objects.filter(car=car, status=status).values_list("kind", flat=True))


def forecast_of(car: Car) -> CarForecast:
    with dealer_scope(car.dealer_id):
        return CarForecast.objects.get(car=car)


def cases(dealer: Dealer, *statuses: str) -> list[Case]:
    with dealer_scope(dealer.pk):
        found = Case.objects.order_by("pk")
        return list(found.filter(status__in=statuses) if statuses else found)
