"""Whatever is done in whatever order: the books are the ledger, nothing is below nothing, nobody is promised air."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huichang.domains.parts import batch, operations, queries
from huichang.domains.parts.models import (
    Part,
    PurchaseLine,
    Reservation,
    StockBalance,
    StockMovement,
    StockTotal,
)
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.parts_store import Room, make_room
from tests.factories.world import TODAY

REFERENCES = ("A1", "A2", "A3")
PARTS = 2

visits = st.sampled_from(REFERENCES)
pieces = st.integers(1, 3)
parts = st.integers(0, PARTS - 1)
moves = st.one_of(
    st.tuples(st.just("reserve"), visits, st.lists(st.tuples(parts, pieces), max_size=3), st.integers(0, 9)),
    st.tuples(st.just("release"), visits),
    st.tuples(st.just("draw"), visits),
    st.tuples(st.just("put_back"), visits),
    st.tuples(st.just("issue"), visits, st.lists(st.tuples(parts, pieces), max_size=1), st.booleans()),
    st.tuples(st.just("order"), parts, pieces, st.integers(0, 5)),
    st.tuples(st.just("receive"), pieces),
    st.tuples(st.just("expect"), st.integers(0, 9)),
    st.tuples(st.just("close")),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("transfer"), parts, pieces, st.booleans()),
    st.tuples(st.just("scrap"), parts, pieces),
    st.tuples(st.just("count"), parts, st.integers(0, 4)),
    st.tuples(st.just("night")),
)


class World:
    """A room with two parts, a place beside the usual one and a transit depot."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.parts = [room.part(f"P-{number}", 3, lead_days=number + 1) for number in range(PARTS)]
        self.other = room.place("2-02")
        self.overdrawn = False

    def play(self, move: tuple[Any, ...]) -> None:
        """One move; the rules may refuse it."""
        try:
            getattr(self, move[0])(*move[1:])
        except OperationRefused:
            return

    def reserve(self, reference: str, wanted: list[tuple[int, int]], days: int) -> None:
        need = TODAY + timedelta(days=days)
        self.room.reserve(reference, *((self.parts[number], count) for number, count in wanted), need=need)

    def release(self, reference: str) -> None:
        self.room.do("release", reference=reference, reason="客户取消")

    def draw(self, reference: str) -> None:
        self.room.do("draw", reference=reference, technician="张伟")

    def put_back(self, reference: str) -> None:
        self.room.do("put_back", reference=reference)

    def issue(self, reference: str, wanted: list[tuple[int, int]], overdraw: bool) -> None:
        lines = [(self.parts[number].pk, Decimal(count)) for number, count in wanted]
        self.room.do("issue", reference=reference, technician="张伟", lines=lines, overdraw=overdraw)
        self.overdrawn |= overdraw

    def order(self, number: int, count: int, days: int) -> None:
        self.room.ordered(self.parts[number], count, expected=TODAY + timedelta(days=days))

    def _line(self) -> PurchaseLine:
        line = PurchaseLine.objects.filter(closed_at=None).order_by("pk").first()
        if line is None:
            raise OperationRefused("nothing is ordered")
        return line

    def receive(self, count: int) -> None:
        self.room.do("receive", line=self._line(), quantity=Decimal(count))

    def expect(self, days: int) -> None:
        self.room.do("expect", line=self._line(), expected_date=TODAY + timedelta(days=days))

    def close(self) -> None:
        self.room.do("close_line", line=self._line(), reason="停产")

    def cancel(self) -> None:
        self.room.do("cancel_order", order=self._line().order, reason="换供应商")

    def transfer(self, number: int, count: int, back: bool) -> None:
        source, target = (self.other, self.room.place()) if back else (self.room.place(), self.other)
        part = self.parts[number]
        self.room.do("transfer", part=part, source=source, target=target, quantity=Decimal(count))

    def scrap(self, number: int, count: int) -> None:
        part = self.parts[number]
        self.room.do("scrap", part=part, place=self.room.place(), quantity=Decimal(count), reason="破损")

    def count(self, number: int, found: int) -> None:
        sheet = self.room.do("open_stocktake", warehouse=self.room.main(), parts=f"P-{number}")
        for line in sheet.lines.all():
            self.room.do("enter_count", line=line, counted=Decimal(found))
        self.room.do("submit_stocktake", stocktake=sheet)
        self.room.do("approve_stocktake", stocktake=sheet)

    def night(self) -> None:
        self.room.do("start_day", dealer=self.room.dealer)

    def check(self) -> None:
        """What must hold after every move."""
        assert batch.differences(self.room.dealer.pk) == []
        moved = StockMovement.objects.aggregate(n=Sum("quantity"))["n"]
        assert moved == StockBalance.objects.aggregate(n=Sum("on_hand"))["n"]
        if not self.overdrawn:
            assert not StockBalance.objects.filter(on_hand__lt=0).exists()
        for part in self.parts:
            self._check_part(part)

    def _check_part(self, part: Part) -> None:
        total = StockTotal.objects.get(part=part)
        assert total.reserved <= max(total.on_hand, Decimal(0))
        awaited = sum((line.awaited for line in PurchaseLine.objects.filter(part=part)), Decimal(0))
        ordered = (
            Reservation.objects.filter(part=part, status="ordered").aggregate(n=Sum("quantity"))["n"] or 0
        )
        assert ordered <= awaited
        short = Reservation.objects.filter(part=part, status="short").exists()
        # nobody is told to wait while pieces lie free or come for nobody
        assert not (short and (total.on_hand > total.reserved or ordered < awaited))
        [found] = queries.availability(self.room.dealer, [(part.pk, Decimal(1))], TODAY, today=TODAY)
        assert found.free == max(total.on_hand - total.reserved, Decimal(0))
        assert (found.ready_date == TODAY) == (found.free >= 1)


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=st.lists(moves, min_size=4, max_size=14))
def test_the_books_stay_true(db: None, sequence: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        room = make_room()
        with dealer_scope(room.dealer.pk):
            world = World(room)
            for move in sequence:
                world.play(move)
                world.check()
        transaction.set_rollback(True)


def test_the_moves_are_the_operations() -> None:
    """Every write of stock is among the moves above."""
    moved = {
        "reserve",
        "release",
        "draw",
        "put_back",
        "issue",
        "receive",
        "expect",
        "close_line",
        "transfer",
        "scrap",
    }
    moved |= {"approve_stocktake", "place_order", "start_day", "cancel_order", "open_stock"}
    aside = {
        "Wanted", "add_bin", "amend_draft", "add_count_line", "answer_alarm", "cancel_stocktake", "draft_order", "enter_count",
        "move_old_part", "open_stocktake", "reopen_stocktake", "retire_bin", "save_part", "save_supplier",
        "save_warehouse", "sign", "submit_stocktake",
    }  # fmt: skip
    assert set(operations.__all__) == moved | aside
