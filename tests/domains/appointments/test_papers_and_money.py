"""The papers of a visit go from hand to hand into the folder; what is not ready says so; deposits come and go back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from huichang.domains.appointments import operations, queries, readiness
from huichang.domains.appointments.models import Booking, Preparation
from huichang.domains.dealers.operations import set_policy
from huichang.domains.parts.models import PurchaseOrder
from huichang.domains.worklist.models import ToDo
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store
from tests.factories.keeping_store import THURSDAY, Keeping, status
from tests.journeys.walking import deliver_events


@pytest.fixture
def east(quick: Store) -> Keeping:
    return Keeping(quick)


def state_of(booking: Booking) -> readiness.Readiness:
    row = queries.get(booking.pk)
    return readiness.of(row.dealer, [row], NOW)[row.pk]


def said_of(booking: Booking) -> Preparation:
    return Preparation.objects.get(booking=booking)


def parts_words(booking: Booking) -> tuple[str, str]:
    (point,) = [one for one in state_of(booking).points if one.code == "parts"]
    return point.text, point.turn


class TestHands:
    def test_printed_papers_go_round_and_end_in_the_folder(self, east: Keeping) -> None:
        booking = east.book()
        with pytest.raises(OperationRefused, match="先打印"):
            east.do("hand_papers", booking=booking, to="director")
        east.print_all(booking)
        for place in ("director", "technician"):
            east.do("hand_papers", booking=booking, to=place)
        east.do("agree_technically", booking=booking, technician="张伟")
        assert said_of(booking).papers_with == "back"  # the technician gives them back with the word
        east.do("hand_papers", booking=booking, to="folder")
        assert said_of(booking).papers_with == "folder"

    def test_what_is_not_ready_does_not_go_into_the_folder(self, quick: Store) -> None:
        east = Keeping(quick, stock=0, lead_days=1)
        booking = east.book()
        east.print_all(booking)
        with pytest.raises(OperationRefused, match="还没有订购"):
            east.do("hand_papers", booking=booking, to="folder")

    def test_new_papers_start_at_the_desk_again(self, east: Keeping) -> None:
        booking = east.book()
        east.print_all(booking)
        east.do("hand_papers", booking=booking, to="folder")
        booking.refresh_from_db()
        east.do("change", booking=booking, starts_at=booking.starts_at + timedelta(days=1), reason="客户有事")
        assert said_of(booking).papers_with == "desk"


class TestParts:
    def test_a_part_that_nobody_ordered_is_not_called_ordered(self, quick: Store) -> None:
        east = Keeping(quick, stock=0, lead_days=1)
        booking = east.book()
        assert parts_words(booking) == (
            f"缺件,还没有订购;今天订 {MONDAY + timedelta(days=2):%m-%d} 能用", "配件专员",
        )  # fmt: skip

        east.room.ordered(east.part, 1, MONDAY + timedelta(days=1))
        east.room.do("start_day", dealer=east.dealer)
        assert parts_words(booking)[0].startswith("配件已订购")

    def test_preparing_is_urgent_while_a_slow_part_is_not_ordered(self, quick: Store) -> None:
        east = Keeping(quick, stock=1, lead_days=9)
        there, lacking = east.book(), east.book(clock="14:00")
        assert state_of(there).prepare_by == THURSDAY - timedelta(days=1)
        assert state_of(lacking).prepare_by == THURSDAY - timedelta(days=10)
        assert [state_of(one).rank(MONDAY) for one in (there, lacking)] == [2, 0]

    def test_a_store_may_want_the_basket_filled_before_it_is_green(self, east: Keeping) -> None:
        set_policy(
            key="appointments.parts_in_basket", raw="true", effective_date=MONDAY, dealer=east.dealer, actor=east.actor,
            now=NOW,
        )  # fmt: skip
        booking = east.book()
        east.print_all(booking)
        assert status(booking) == "tentative"
        assert parts_words(booking) == ("配件已预留,还没有入筐", "维修技师")

        east.room.do("draw", reference=booking.number, technician="张伟")
        deliver_events()

        assert status(booking) == "prepared"


class TestDeposits:
    def test_a_cancelled_visit_asks_for_the_deposit_to_be_given_back(self, quick: Store) -> None:
        east = Keeping(quick, price="3000")
        booking = east.book()
        east.do("receive_deposit", booking=booking, amount=Decimal(1500), receipt="S-881")
        east.do("cancel", booking=booking, reason="客户卖车")
        todo = ToDo.objects.get(kind="appointments.deposit")
        assert "1500.00" in todo.text

        with pytest.raises(OperationRefused, match="不能退更多"):
            east.do("return_deposit", booking=booking, amount=Decimal(2000))
        east.do("return_deposit", booking=booking, amount=Decimal(500))
        todo.refresh_from_db()
        assert todo.status == "open"
        said = east.do("return_deposit", booking=booking, amount=Decimal(1000))
        todo.refresh_from_db()
        assert (todo.status, said.deposit_held) == ("done", 0)

    def test_a_visit_without_a_deposit_leaves_nothing_to_give_back(self, east: Keeping) -> None:
        booking = east.book()
        operations.cancel(booking=booking, reason="客户有事", actor=east.actor, now=NOW)
        assert not ToDo.objects.filter(kind="appointments.deposit").exists()
        assert not PurchaseOrder.objects.exists()
