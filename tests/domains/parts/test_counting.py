"""Stocktakes: counted by one, approved by another; what moved in between stays moved."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from huichang.domains.parts.events import PartsLate
from huichang.domains.parts.ledger import StockTooLow
from huichang.domains.parts.models import Part, StockMovement, Stocktake
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.parts_store import Room
from tests.factories.world import TODAY

MANAGER = Actor("王建国", user_id=None, is_system=True)


def counted(room: Room, found: dict[str, int]) -> Stocktake:
    """A sheet over the main warehouse with what was found of each part, handed in."""
    sheet: Stocktake = room.do("open_stocktake", warehouse=room.main())
    for line in sheet.lines.select_related("part"):
        room.do("enter_count", line=line, counted=Decimal(found[line.part.code]))
    room.do("submit_stocktake", stocktake=sheet)
    return sheet


def test_differences_are_booked_when_somebody_approves(room: Room) -> None:
    pads, oil = room.part("P-1", 5), room.part("P-2", 2)
    sheet = counted(room, {"P-1": 3, "P-2": 4})
    assert (room.total(pads), room.total(oil)) == ((5, 0), (2, 0))
    assert room.do("approve_stocktake", stocktake=sheet) == 2
    assert (room.total(pads), room.total(oil)) == ((3, 0), (4, 0))
    assert set(StockMovement.objects.filter(kind="stocktake").values_list("document", flat=True)) == {
        sheet.number
    }


def test_nobody_approves_a_sheet_of_their_own(room: Room) -> None:
    room.part("P-1", 5)
    sheet = counted(room, {"P-1": 4})
    Stocktake.objects.filter(pk=sheet.pk).update(created_by_id=7)
    sheet.refresh_from_db()
    room.actor = Actor("陈静", user_id=7, is_system=True)
    with pytest.raises(OperationRefused, match="由别人审批"):
        room.do("approve_stocktake", stocktake=sheet)


def test_what_moved_between_counting_and_approval_stays_moved(room: Room) -> None:
    pads = room.part("P-1", 5)
    sheet = counted(room, {"P-1": 4})
    room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(2))])
    room.do("approve_stocktake", stocktake=sheet)
    assert room.total(pads) == (2, 0)


def test_a_loss_takes_from_those_who_need_their_pieces_last_and_tells_them(
    room: Room, told: list[Any]
) -> None:
    pads = room.part("P-1", 2, lead_days=30)
    room.reserve("A1", (pads, 1))
    room.reserve("A2", (pads, 1), need=TODAY + timedelta(days=20))
    sheet = counted(room, {"P-1": 1})
    told.clear()
    room.do("approve_stocktake", stocktake=sheet)
    assert (room.held("A1"), room.held("A2")) == ({"reserved": "1"}, {"short": "1"})
    assert [(type(event), event.reference) for event in told] == [(PartsLate, "A2")]


def test_a_gain_serves_who_waits(room: Room) -> None:
    pads = room.part("P-1", 1)
    room.reserve("A1", (pads, 2))
    room.do("approve_stocktake", stocktake=counted(room, {"P-1": 2}))
    assert room.held("A1") == {"reserved": "2"}


def test_missing_pieces_that_have_left_meanwhile_cannot_go_missing_again(room: Room) -> None:
    pads = room.part("P-1", 2)
    sheet = counted(room, {"P-1": 0})
    room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(1))])
    with pytest.raises(StockTooLow):
        room.do("approve_stocktake", stocktake=sheet)
    assert Stocktake.objects.get().status == "counted"


def test_a_sheet_is_handed_in_whole_and_then_closed_to_counting(room: Room) -> None:
    room.part("P-1", 2)
    sheet = room.do("open_stocktake", warehouse=room.main())
    with pytest.raises(OperationRefused, match="还有 1 行"):
        room.do("submit_stocktake", stocktake=sheet)
    room.do("enter_count", line=sheet.lines.get(), counted=Decimal(2))
    room.do("submit_stocktake", stocktake=sheet)
    with pytest.raises(TransitionRefused):
        room.do("enter_count", line=sheet.lines.get(), counted=Decimal(1))
    room.do("reopen_stocktake", stocktake=sheet, reason="再数一次")
    room.do("enter_count", line=sheet.lines.get(), counted=Decimal(1))


def test_a_part_found_where_the_books_know_of_none(room: Room) -> None:
    room.part("P-1", 2)
    lost = room.part("P-2")
    sheet = room.do("open_stocktake", warehouse=room.main())
    line = room.do("add_count_line", stocktake=sheet, part=lost, place=room.place("9-09"))
    room.do("enter_count", line=line, counted=Decimal(3))
    room.do("enter_count", line=sheet.lines.exclude(pk=line.pk).get(), counted=Decimal(2))
    room.do("submit_stocktake", stocktake=sheet)
    room.do("approve_stocktake", stocktake=sheet)
    assert room.total(lost) == (3, 0)


def test_a_sheet_keeps_to_the_shelves_it_is_opened_for(room: Room) -> None:
    room.part("P-1", 2), room.part("P-2", 2, location="2-02")
    sheet = room.do("open_stocktake", warehouse=room.main(), bins="2-")
    assert [line.part.code for line in sheet.lines.select_related("part")] == ["P-2"]
    with pytest.raises(OperationRefused, match="没有要盘点"):
        room.do("open_stocktake", warehouse=room.main(), bins="7-")


def test_a_cancelled_sheet_changes_nothing(room: Room) -> None:
    room.part("P-1", 2)
    sheet = counted(room, {"P-1": 0})
    room.do("cancel_stocktake", stocktake=sheet)
    with pytest.raises(TransitionRefused):
        room.do("approve_stocktake", stocktake=sheet)
    assert room.total(Part.objects.get()) == (2, 0)
