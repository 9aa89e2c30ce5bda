"""Lost customers in figures (LST-02)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huichang.domains.reminders import lost
from huichang.domains.reminders.models import Due
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import make_car, run, visit
from tests.factories.world import World, make_schedule, make_vehicle, make_world

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)


@pytest.fixture
def world() -> World:
    made = make_world()
    make_schedule(made.east)
    return made


def _seen(world: World, series: str, days: int) -> None:
    car = make_car(world.east, vehicle=make_vehicle(series=series, sale_date=date(2022, 1, 1)))
    visit(world.east, car, TODAY - timedelta(days=days), 20_000)


def test_every_car_of_the_base_is_kept_at_risk_or_lost_for_so_long(world: World) -> None:
    for series, days in (("福克斯", 100), ("福克斯", 400), ("福克斯", 600), ("锐界", 900), ("锐界", 200)):
        _seen(world, series, days)
    run(world.east, TODAY)

    with dealer_scope(world.east.pk):
        rows = lost.by_series(TODAY)
    with dealer_scope(world.west.pk):
        assert lost.by_series(TODAY) == []

    assert [(row.series, row.base, row.lost) for row in rows] == [("福克斯", 3, 2), ("锐界", 2, 1)]
    whole = lost.together(rows)
    assert {state: whole.cars[state] for state in lost.LOST} == {"lost": 1, "lost6": 1, "lost12": 1}
    assert (whole.base, whole.share) == (5, 0.6)


def test_the_months_tell_who_was_lost_called_and_came_back(world: World) -> None:
    _seen(world, "福克斯", 370)
    _seen(world, "福克斯", 372)
    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        one, other = Due.objects.filter(kind="lapsed")
        Due.objects.filter(pk=one.pk).update(calls=1)
        Due.objects.filter(pk=other.pk).update(status="closed", close_cause="returned", closed_on=TODAY)

        months = lost.by_month(TODAY, months=3)

    assert [row.month for row in months] == [date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)]
    assert (months[0].lost, months[0].called, months[0].returned) == (2, 1, 1)
    assert (months[1].lost, months[1].returned) == (0, 0)
