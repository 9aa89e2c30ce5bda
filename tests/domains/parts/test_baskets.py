"""From the shelf to the basket and into the car, or back: the clerk's half of a visit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from huichang.domains.parts.models import Bin, IssueSlip, OldPart, Part, StockBalance, StockMovement
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.parts_store import Room


def places_of(part: Part) -> dict[str, Any]:
    """Where pieces of a part lie."""
    rows = StockBalance.objects.filter(part=part).exclude(on_hand=0).select_related("bin")
    return {row.bin.code: row.on_hand for row in rows}


def test_drawing_puts_the_pieces_into_a_basket_of_their_own(room: Room) -> None:
    pads = room.part(stock=5)
    room.reserve("A1", (pads, 2))
    room.reserve("A2", (pads, 1))
    slip = room.do("draw", reference="A1", technician="张伟", plate="苏E12345")
    room.do("draw", reference="A2", technician="何平")
    assert (slip.status, slip.technician, slip.plate, slip.basket.code) == (
        "drawn",
        "张伟",
        "苏E12345",
        "P01",
    )
    assert places_of(pads) == {"1-01": 2, "P01": 2, "P02": 1}
    assert room.total(pads) == (2, 0)


def test_what_comes_later_is_drawn_into_the_same_basket(room: Room) -> None:
    pads = room.part(stock=1)
    line = room.ordered(pads, 1)
    room.reserve("A1", (pads, 2))
    assert room.do("draw", reference="A1", technician="张伟").status == "open"
    with pytest.raises(OperationRefused, match="没有可以备的"):
        room.do("draw", reference="A1", technician="张伟")
    room.do("receive", line=line, quantity=Decimal(1))
    assert room.do("draw", reference="A1", technician="张伟").status == "drawn"
    assert places_of(pads) == {"P01": 2}


def test_pieces_are_taken_from_several_places_the_parts_own_first(room: Room) -> None:
    pads = room.part(stock=3)
    room.do("transfer", part=pads, source=room.place(), target=room.place("2-02"), quantity=Decimal(2))
    room.reserve("A1", (pads, 2))
    room.do("draw", reference="A1", technician="张伟")
    assert places_of(pads) == {"P01": 2, "2-02": 1}


def test_a_full_shelf_is_said_so(room: Room) -> None:
    pads = room.part(stock=3)
    for reference in ("A1", "A2"):
        room.reserve(reference, (pads, 1))
    room.do("draw", reference="A1", technician="张伟")
    Bin.objects.filter(is_pickable=False).exclude(code="P01").update(is_active=False)
    with pytest.raises(OperationRefused, match="没有空筐位"):
        room.do("draw", reference="A2", technician="张伟")


def test_a_visit_that_is_called_off_has_its_basket_put_back(room: Room) -> None:
    pads = room.part(stock=2)
    room.reserve("A1", (pads, 2))
    room.do("draw", reference="A1", technician="张伟")
    room.do("release", reference="A1", reason="客户取消")
    assert (room.held("A1"), IssueSlip.objects.get().status) == ({"returning": "2"}, "returning")
    assert room.reserve("A2", (pads, 1)) == {"short": "1"}  # nobody has carried them back yet
    assert room.do("put_back", reference="A1") == 1
    assert places_of(pads) == {"1-01": 2}
    assert (IssueSlip.objects.get(reference="A1").status, room.held("A2")) == ("closed", {"reserved": "1"})
    with pytest.raises(OperationRefused, match="没有等待退库"):
        room.do("put_back", reference="A1")


def test_the_basket_of_a_closed_slip_is_free_for_the_next(room: Room) -> None:
    pads = room.part(stock=2)
    room.reserve("A1", (pads, 1))
    room.do("draw", reference="A1", technician="张伟")
    room.do("issue", reference="A1", technician="张伟")
    room.reserve("A2", (pads, 1))
    assert room.do("draw", reference="A2", technician="张伟").basket.code == "P01"


def test_needing_less_returns_the_surplus_of_the_basket(room: Room) -> None:
    pads = room.part(stock=3)
    room.reserve("A1", (pads, 3))
    room.do("draw", reference="A1", technician="张伟")
    room.reserve("A1", (pads, 1))
    assert room.held("A1") == {"drawn": "1", "returning": "2"}
    room.do("put_back", reference="A1")
    assert (places_of(pads), IssueSlip.objects.get().status) == ({"1-01": 2, "P01": 1}, "drawn")


class TestIssue:
    def test_basket_and_reserved_and_what_is_asked_besides_leave_the_books(self, room: Room) -> None:
        pads, oil, wiper = room.part("P-1", 2), room.part("P-2", 4), room.part("P-3", 1)
        room.reserve("A1", (pads, 2))
        room.do("draw", reference="A1", technician="张伟")
        room.reserve("A1", (pads, 2), (oil, 4))
        slip = room.do(
            "issue", reference="A1", technician="张伟", lines=[(wiper.pk, Decimal(1))], signed_by="张伟"
        )
        assert room.held("A1") == {"issued": "7"}
        assert (slip.status, slip.signed_by, slip.signed_at) == ("issued", "张伟", room.now)
        assert [places_of(part) for part in (pads, oil, wiper)] == [{}, {}, {}]
        assert set(StockMovement.objects.filter(kind="issue").values_list("document", flat=True)) == {
            slip.number
        }

    def test_a_car_without_a_booking_gets_a_slip_too(self, room: Room) -> None:
        pads = room.part(stock=2)
        slip = room.do(
            "issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(1))], plate="苏E1"
        )
        assert (slip.status, room.held("W1"), room.total(pads)) == ("issued", {"issued": "1"}, (1, 0))

    def test_what_others_have_reserved_is_not_handed_out(self, room: Room) -> None:
        pads = room.part(stock=1)
        room.reserve("A1", (pads, 1))
        with pytest.raises(OperationRefused, match="库存不够"):
            room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(1))])

    def test_the_slip_stays_open_while_something_is_to_come(self, room: Room) -> None:
        pads = room.part(stock=1)
        line = room.ordered(pads, 1)
        room.reserve("A1", (pads, 2))
        assert room.do("issue", reference="A1", technician="张伟").status == "open"
        room.do("receive", line=line, quantity=Decimal(1))
        assert room.do("issue", reference="A1", technician="张伟").status == "issued"

    def test_nothing_to_hand_out_is_said_so(self, room: Room) -> None:
        room.reserve("A1", (room.part(), 1))
        with pytest.raises(OperationRefused, match="没有可以出库"):
            room.do("issue", reference="A1", technician="张伟")

    def test_a_slip_is_signed_after_it_was_issued(self, room: Room) -> None:
        pads = room.part(stock=1)
        room.reserve("A1", (pads, 1))
        with pytest.raises(OperationRefused, match="还没有出库"):
            room.do("sign", slip=IssueSlip.objects.get(), signed_by="张伟")
        slip = room.do("issue", reference="A1", technician="张伟")
        room.do("sign", slip=slip, signed_by="张伟")
        assert IssueSlip.objects.get().signed_by == "张伟"

    def test_the_old_part_is_asked_for_when_the_new_one_leaves(self, room: Room) -> None:
        pads = room.part(stock=1, keeps_old_part=True)
        room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(1))])
        old = OldPart.objects.get()
        room.do("move_old_part", old=old, to="kept", place="旧件架 3")
        room.do("move_old_part", old=old, to="sent")
        assert (old.status, old.place) == ("sent", "旧件架 3")
        with pytest.raises(TransitionRefused):
            room.do("move_old_part", old=old, to="scrapped")
