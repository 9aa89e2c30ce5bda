"""Parts for a visit: reserved while they are there, a purchase need when they are not, free again when it is called off."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from huichang.domains.parts import queries
from huichang.domains.parts.events import PartsLate, PartsReady, PartsReleased
from huichang.domains.parts.models import IssueSlip, PackagePart, Part, Reservation
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.parts_store import Room
from tests.factories.world import NOW, TODAY

SOON = TODAY + timedelta(days=1)
NEXT_WEEK = TODAY + timedelta(days=7)


def test_what_is_there_is_reserved_and_nobody_else_gets_it(room: Room, told: list[Any]) -> None:
    pads = room.part(stock=3)
    assert room.reserve("A1", (pads, 2)) == {"reserved": "2"}
    assert room.reserve("A2", (pads, 2)) == {"reserved": "1", "short": "1"}
    assert room.total(pads) == (3, 3)
    assert told[0] == PartsReady(dealer_id=room.dealer.pk, reference="A1")


def test_what_is_short_names_the_day_it_can_be_fitted(room: Room) -> None:
    pads = room.part(lead_days=3)
    room.reserve("A1", (pads, 1))
    # three days on the way, and the day after that it can be fitted
    assert Reservation.objects.get().promised_date == TODAY + timedelta(days=4)


def test_what_is_on_its_way_is_promised_before_anything_is_bought(room: Room) -> None:
    pads = room.part()
    line = room.ordered(pads, 2, expected=TODAY + timedelta(days=2))
    assert room.reserve("A1", (pads, 3)) == {"ordered": "2", "short": "1"}
    row = Reservation.objects.get(status="ordered")
    assert (row.purchase_line, row.promised_date) == (line, TODAY + timedelta(days=3))


def test_a_visit_that_cannot_be_served_in_time_is_told_of_once(room: Room, told: list[Any]) -> None:
    pads = room.part(lead_days=3)
    room.reserve("A1", (pads, 1), need=SOON)
    room.reserve("A1", (pads, 1), need=SOON)
    late = PartsLate(
        dealer_id=room.dealer.pk, reference="A1", part_id=pads.pk, expected_date=TODAY + timedelta(days=4),
        need_date=SOON,
    )  # fmt: skip
    assert told == [late]


def test_reserving_again_states_the_whole_of_what_is_needed(room: Room) -> None:
    pads, oil = room.part("P-PAD", 5), room.part("P-OIL", 5)
    room.reserve("A1", (pads, 2), (oil, 1))
    assert room.reserve("A1", (pads, 3), need=SOON) == {"reserved": "3"}
    assert (room.total(pads), room.total(oil)) == ((5, 3), (5, 0))
    assert set(Reservation.objects.filter(status="reserved").values_list("need_date", flat=True)) == {SOON}
    assert IssueSlip.objects.get().need_date == SOON


def test_a_visit_moved_forward_takes_what_lies_free(room: Room) -> None:
    pads = room.part()
    room.ordered(pads, 1, expected=TODAY + timedelta(days=6))
    room.reserve("A1", (pads, 1), need=TODAY + timedelta(days=9))
    room.do("open_stock", dealer=room.dealer, part=pads, place=room.place(), quantity=Decimal(1))
    assert room.held("A1") == {"ordered": "1"}  # comes in time: the free piece is left to others
    assert room.reserve("A1", (pads, 1), need=SOON) == {"reserved": "1"}


def test_a_visit_that_needs_nothing_any_more_leaves_no_open_slip(room: Room) -> None:
    pads = room.part(stock=1)
    room.reserve("A1", (pads, 1))
    assert room.reserve("A1") == {}
    assert (IssueSlip.objects.get().status, room.total(pads)) == ("closed", (1, 0))
    room.reserve("A1", (pads, 1))
    room.do("draw", reference="A1", technician="张伟")
    room.reserve("A1")
    assert IssueSlip.objects.latest("pk").status == "returning"


def test_released_pieces_go_to_whoever_waits_and_needs_them_first(room: Room, told: list[Any]) -> None:
    pads = room.part(stock=1)
    room.reserve("A1", (pads, 1))
    room.reserve("A2", (pads, 1), need=TODAY + timedelta(days=20))
    room.reserve("A3", (pads, 1), need=TODAY + timedelta(days=10))
    told.clear()
    room.do("release", reference="A1", reason="客户取消")
    assert (room.held("A3"), room.held("A2")) == ({"reserved": "1"}, {"short": "1"})
    assert told == [
        PartsReleased(dealer_id=room.dealer.pk, reference="A1"),
        PartsReady(dealer_id=room.dealer.pk, reference="A3"),
    ]


def test_releasing_what_was_never_reserved_changes_nothing(room: Room, told: list[Any]) -> None:
    room.do("release", reference="A9", reason="客户取消")
    assert told == []


def test_a_package_is_opened_and_service_items_need_no_stock(room: Room) -> None:
    oil, filter_ = room.part("P-OIL", 4), room.part("P-FIL", 1)
    package, wash = room.part("S-1", kind="package"), room.part("S-2", kind="service")
    for part, quantity in ((oil, 4), (filter_, 1)):
        PackagePart.objects.create(dealer=room.dealer, package=package, part=part, quantity=quantity)
    assert room.reserve("A1", (package, 1), (wash, 1)) == {"reserved": "5"}
    assert queries.ready_date(room.dealer, [(package.pk, Decimal(1))], TODAY) == TODAY + timedelta(days=4)


def test_parts_that_are_not_traded_are_refused(room: Room) -> None:
    gone = room.part(is_active=False)
    with pytest.raises(OperationRefused, match="已停用"):
        room.reserve("A1", (gone, 1))
    with pytest.raises(OperationRefused, match="没有这个配件"):
        room.do("reserve", reference="A1", need_date=SOON, lines=[(0, Decimal(1))])
    assert queries.ready_date(room.dealer, [(gone.pk, Decimal(1))], TODAY) is None


def test_who_may_not_reserve_cannot(room: Room) -> None:
    room.actor = Actor("访客", user_id=None, dealer_id=room.dealer.pk)
    with pytest.raises(PermissionRefused):
        room.reserve("A1", (Part(pk=1), 1))


class TestAvailability:
    def test_free_reserved_coming_and_the_first_day(self, room: Room) -> None:
        pads = room.part(stock=2, lead_days=9)
        room.reserve("A1", (pads, 1))
        room.ordered(pads, 3, expected=TODAY + timedelta(days=2))
        [found] = queries.availability(room.dealer, [(pads.pk, Decimal(3))], NEXT_WEEK, today=TODAY)
        assert (found.free, found.reserved, found.lead_days) == (Decimal(1), Decimal(1), 9)
        assert found.incoming == ((TODAY + timedelta(days=2), Decimal(3)),)
        assert (found.ready_date, found.is_in_time) == (TODAY + timedelta(days=3), True)

    def test_what_is_coming_for_others_is_not_counted(self, room: Room) -> None:
        pads = room.part(lead_days=9)
        room.ordered(pads, 1)
        room.reserve("A1", (pads, 1))
        [found] = queries.availability(room.dealer, [(pads.pk, Decimal(1))], NEXT_WEEK, today=TODAY)
        assert (found.incoming, found.ready_date) == ((), TODAY + timedelta(days=10))

    def test_an_order_that_is_overdue_comes_tomorrow_at_best(self, room: Room) -> None:
        pads = room.part()
        room.ordered(pads, 1, expected=TODAY)
        later = TODAY + timedelta(days=3)
        assert queries.ready_date(room.dealer, [(pads.pk, Decimal(1))], later) == later + timedelta(days=2)

    def test_the_slowest_part_decides_and_nothing_wanted_is_ready(self, room: Room) -> None:
        quick, slow = room.part("P-1", 5), room.part("P-2", lead_days=6)
        both = [(quick.pk, Decimal(1)), (slow.pk, Decimal(1))]
        assert queries.ready_date(room.dealer, both, TODAY) == TODAY + timedelta(days=7)
        assert queries.ready_date(room.dealer, [], TODAY) == TODAY


def test_readiness_tells_the_worst_of_each_visit(room: Room) -> None:
    here, coming, short = room.part("P-1", 9), room.part("P-2"), room.part("P-3", lead_days=4)
    room.ordered(coming, 5)
    room.reserve("READY", (here, 1))
    room.reserve("DRAWN", (here, 1))
    room.do("draw", reference="DRAWN", technician="张伟")
    room.reserve("ORDERED", (here, 1), (coming, 1))
    room.reserve("SHORT", (coming, 1), (short, 1))
    room.reserve("LATE", (here, 1), (short, 1), need=SOON)
    states = queries.readiness(room.dealer, ["READY", "DRAWN", "ORDERED", "SHORT", "LATE", "NOTHING"])
    assert {reference: one.state for reference, one in states.items()} == {
        "READY": "ready", "DRAWN": "drawn", "ORDERED": "ordered", "SHORT": "short", "LATE": "late", "NOTHING": "ready",
    }  # fmt: skip
    assert states["ORDERED"].eta == TODAY + timedelta(days=3)
    assert states["NOTHING"].parts == 0


def test_times_are_kept(room: Room) -> None:
    pads = room.part(stock=1)
    room.reserve("A1", (pads, 1))
    assert Reservation.objects.get().created_at == NOW
