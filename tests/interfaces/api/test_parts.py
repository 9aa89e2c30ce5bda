"""A program asks what parts there are and when the rest comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.parts_store import Room
from tests.factories.world import World
from tests.interfaces.api.program import Program

pytestmark = pytest.mark.django_db


def test_stock_promised_and_coming(world: World, program: Program) -> None:
    room = Room(world.east, now=timezone.now())
    soon = local_date(room.now) + timedelta(days=2)
    with dealer_scope(world.east.pk):
        pads = room.part("R-1", 5, name="前刹车片")
        room.part("R-2", name="机油")
        room.reserve("A1", (pads, 2))
        room.ordered(pads, 3, expected=soon)
    with dealer_scope(world.west.pk):
        Room(world.west).part("R-1", 1, name="别店的")
    [found] = program.get("/parts?search=刹车")["items"]
    assert {name: found[name] for name in ("code", "on_hand", "reserved", "free", "incoming", "next_expected_date")} == {
        "code": "R-1", "on_hand": "5.00", "reserved": "2.00", "free": "3.00", "incoming": "3.00",
        "next_expected_date": soon.isoformat(),
    }  # fmt: skip
    assert [row["code"] for row in program.get("/parts")["items"]] == ["R-1", "R-2"]
