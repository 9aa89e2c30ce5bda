"""Moves are compare-and-set: the second of two people is refused, and every move leaves a StatusChange."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huichang.domains.dealers.models import Dealer
from huichang.domains.vehicles.models import OdometerReading, Vehicle
from huichang.kernel.actors import system
from huichang.kernel.lifecycle import Lifecycle, TransitionRefused, move
from huichang.kernel.models import StatusChange
from huichang.kernel.scoping import dealer_scope

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
ACTOR = system("测试")


def test_a_table_with_an_unknown_status_is_refused_when_declared() -> None:
    with pytest.raises(ValueError, match="gone"):
        Lifecycle(initial="open", moves={"open": {"gone"}})


def test_available_final_and_reachable() -> None:
    table = Lifecycle(initial="open", moves={"open": {"done"}, "done": set(), "lost": set()})
    assert table.available("open") == {"done"}
    assert table.final() == {"done", "lost"}
    assert table.reachable() == {"open", "done"}


@pytest.fixture
def reading(db: None) -> OdometerReading:
    dealer = Dealer.objects.create(code="LC", name="状态店")
    with dealer_scope(dealer.pk):
        vehicle = Vehicle.objects.create(vin="LVSHCAMB1CE000001")
        return OdometerReading.objects.create(
            dealer=dealer, vehicle=vehicle, read_on="2026-01-01", km=100, source="visit"
        )


def test_a_move_changes_the_row_and_writes_the_fact(reading: OdometerReading) -> None:
    with dealer_scope(reading.dealer_id):
        move(reading, "suspect", actor=ACTOR, now=NOW, reason="里程倒退", also={"doubt": "rolls_back"})
        fresh = OdometerReading.objects.get(pk=reading.pk)
        fact = StatusChange.objects.get(table_name="vehicles_odometerreading", row_id=reading.pk)
    assert (fresh.status, fresh.doubt) == ("suspect", "rolls_back")
    assert (fact.before, fact.after, fact.reason, fact.actor_name) == (
        "accepted",
        "suspect",
        "里程倒退",
        "测试",
    )


def test_who_comes_second_is_refused_and_changes_nothing(reading: OdometerReading) -> None:
    with dealer_scope(reading.dealer_id):
        stale = OdometerReading.objects.get(pk=reading.pk)
        move(reading, "suspect", actor=ACTOR, now=NOW)
        move(reading, "confirmed", actor=ACTOR, now=NOW)
        with pytest.raises(TransitionRefused):
            move(stale, "suspect", actor=ACTOR, now=NOW)
        assert OdometerReading.objects.get(pk=reading.pk).status == "confirmed"
        assert StatusChange.objects.filter(row_id=reading.pk).count() == 2


def test_a_move_outside_the_table_names_both_statuses(reading: OdometerReading) -> None:
    with dealer_scope(reading.dealer_id), pytest.raises(TransitionRefused, match=r"可信.*已核实"):
        move(reading, "confirmed", actor=ACTOR, now=NOW)
