"""The ledger: nobody rewrites it, balances follow whoever writes, and nothing goes below nothing without permission."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from huichang.domains.parts import batch
from huichang.domains.parts.ledger import StockTooLow
from huichang.domains.parts.models import (
    Bin,
    Part,
    Reservation,
    StockBalance,
    StockMovement,
    StockTotal,
    Warehouse,
)
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.parts_store import Room
from tests.factories.world import NOW, TODAY


@pytest.mark.parametrize(
    "verb", ["UPDATE parts_stockmovement SET quantity = 9", "DELETE FROM parts_stockmovement"]
)
def test_the_application_cannot_rewrite_a_movement(room: Room, verb: str) -> None:
    room.part(stock=1)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(verb)


def test_a_movement_that_goes_round_the_operations_moves_the_balance_too(room: Room) -> None:
    pads = room.part(stock=5)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parts_stockmovement (dealer_id, part_id, bin_id, kind, quantity, at)"
            " VALUES (%s, %s, %s, 'scrap', -2, %s)",
            [room.dealer.pk, pads.pk, room.place().pk, NOW],
        )
    assert StockBalance.objects.get(part=pads).on_hand == 3
    assert room.total(pads) == (3, 0)


@pytest.mark.parametrize(
    ("quantity", "wall"), [(-6, "stock_not_below_nothing"), (-4, "reserved_is_there")]
)  # five are there, two of them reserved
def test_the_database_itself_refuses_more_than_is_there_or_free(room: Room, quantity: int, wall: str) -> None:
    pads = room.part(stock=5)
    room.reserve("A1", (pads, 2))
    with pytest.raises(IntegrityError, match=wall), transaction.atomic():
        StockMovement.objects.create(
            dealer=room.dealer, part=pads, bin=room.place(), kind="scrap", quantity=quantity, at=NOW
        )
    assert room.total(pads) == (5, 2)


def test_a_reservation_of_what_is_not_there_is_refused_by_the_database(room: Room) -> None:
    pads = room.part(stock=1)
    room.reserve("A1", (pads, 1))
    with pytest.raises(IntegrityError, match="reserved_is_there"), transaction.atomic():
        Reservation.objects.filter(part=pads).update(quantity=2)


def test_a_planted_difference_is_seen(room: Room) -> None:
    pads = room.part(stock=1)
    StockTotal.objects.filter(part=pads).update(on_hand=2)
    StockBalance.objects.filter(part=pads).update(on_hand=3)
    assert sorted(batch.differences(room.dealer.pk)) == [
        f"balance of part {pads.pk}: 3.00 kept, 1.00 proven",
        f"total of part {pads.pk}: 2.00 kept, 1.00 proven",
    ]
    StockTotal.objects.filter(part=pads).update(on_hand=1)
    StockBalance.objects.filter(part=pads).update(on_hand=1)


def test_beyond_the_books_only_by_permission(room: Room) -> None:
    pads = room.part(stock=1)
    with pytest.raises(StockTooLow):
        room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(3))])
    clerk = room.actor
    room.actor = Actor("陈静", permissions=frozenset({"parts.move"}))
    with pytest.raises(PermissionRefused):
        room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(3))], overdraw=True)
    room.actor = clerk
    room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(3))], overdraw=True)
    balance = StockBalance.objects.get(part=pads)
    assert (balance.on_hand, balance.overdraft) == (Decimal(-2), Decimal(2))


def test_what_was_overdrawn_is_no_licence_for_more(room: Room) -> None:
    pads = room.part(stock=1)
    room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(3))], overdraw=True)
    with pytest.raises(StockTooLow):
        room.do("issue", reference="W2", technician="张伟", lines=[(pads.pk, Decimal(1))])
    room.do("receive", line=room.ordered(pads, 5), quantity=Decimal(5))
    balance = StockBalance.objects.get(part=pads)
    assert (balance.on_hand, balance.overdraft) == (Decimal(3), Decimal(0))


def test_an_overdraft_takes_from_those_who_need_their_pieces_last(room: Room) -> None:
    pads = room.part(stock=2, lead_days=30)
    room.reserve("A1", (pads, 1))
    room.reserve("A2", (pads, 1), need=TODAY + timedelta(days=20))
    room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(1))], overdraw=True)
    assert (room.held("A1"), room.held("A2")) == ({"reserved": "1"}, {"short": "1"})


class TestTransfer:
    def test_it_is_two_movements_of_one_number(self, room: Room) -> None:
        pads = room.part(stock=5)
        number = room.do(
            "transfer", part=pads, source=room.place(), target=room.place("2-02"), quantity=Decimal(2)
        )
        moved = StockMovement.objects.filter(document=number).order_by("quantity")
        assert [(row.bin.code, row.quantity) for row in moved] == [
            ("1-01", Decimal(-2)), ("2-02", Decimal(2)),
        ]  # fmt: skip
        assert room.total(pads) == (5, 0)

    def test_what_is_reserved_does_not_leave_for_the_transit_depot(self, room: Room) -> None:
        pads = room.part(stock=3)
        depot = Warehouse.objects.create(dealer=room.dealer, code="T", name="中转库", kind="transit")
        there = _bin(room, depot)
        room.reserve("A1", (pads, 2))
        with pytest.raises(StockTooLow):
            room.do("transfer", part=pads, source=room.place(), target=there, quantity=Decimal(2))
        room.do("transfer", part=pads, source=room.place(), target=there, quantity=Decimal(1))
        assert room.total(pads) == (2, 2)

    def test_what_comes_back_serves_who_waits(self, room: Room) -> None:
        pads = room.part(stock=1)
        there = _bin(
            room, Warehouse.objects.create(dealer=room.dealer, code="T", name="中转库", kind="transit")
        )
        room.do("transfer", part=pads, source=room.place(), target=there, quantity=Decimal(1))
        assert room.reserve("A1", (pads, 1)) == {"short": "1"}
        room.do("transfer", part=pads, source=there, target=room.place(), quantity=Decimal(1))
        assert room.held("A1") == {"reserved": "1"}

    def test_to_the_same_place_or_of_nothing_is_refused(self, room: Room) -> None:
        pads = room.part(stock=1)
        with pytest.raises(OperationRefused, match="同一个"):
            room.do("transfer", part=pads, source=room.place(), target=room.place(), quantity=Decimal(1))
        with pytest.raises(OperationRefused, match="大于零"):
            room.do("transfer", part=pads, source=room.place(), target=room.place("2"), quantity=Decimal(0))


def _bin(room: Room, warehouse: Warehouse) -> Bin:
    from huichang.domains.parts.operations import add_bin

    return add_bin(warehouse=warehouse, code="T1", actor=room.actor)


class TestScrap:
    def test_it_names_a_reason_and_takes_reservations_when_it_must(self, room: Room) -> None:
        pads = room.part(stock=2, lead_days=3)
        room.reserve("A1", (pads, 2))
        with pytest.raises(OperationRefused, match="原因"):
            room.do("scrap", part=pads, place=room.place(), quantity=Decimal(1), reason=" ")
        room.do("scrap", part=pads, place=room.place(), quantity=Decimal(1), reason="包装破损")
        assert room.held("A1") == {"reserved": "1", "short": "1"}
        assert StockMovement.objects.get(kind="scrap").reason == "包装破损"

    def test_no_more_than_lies_there(self, room: Room) -> None:
        pads = room.part(stock=2)
        with pytest.raises(StockTooLow):
            room.do("scrap", part=pads, place=room.place("2-02"), quantity=Decimal(1), reason="丢失")


class TestPlaces:
    def test_a_place_with_parts_is_not_given_up(self, room: Room) -> None:
        from huichang.domains.parts.operations import retire_bin

        pads = room.part(stock=1)
        with pytest.raises(OperationRefused, match="还有配件"):
            retire_bin(place=room.place(), actor=room.actor)
        room.do("scrap", part=pads, place=room.place(), quantity=Decimal(1), reason="丢失")
        retire_bin(place=room.place(), actor=room.actor)
        assert not room.place().is_active

    def test_a_transit_depot_does_not_become_a_stock_room_with_what_lies_in_it(self, room: Room) -> None:
        from huichang.domains.parts.operations import save_warehouse

        depot = Warehouse.objects.create(dealer=room.dealer, code="T", name="中转库", kind="transit")
        _bin(room, depot)
        depot.kind = "stock"
        with pytest.raises(OperationRefused, match="不能改类型"):
            save_warehouse(warehouse=depot, actor=room.actor)


class TestOpening:
    """The books begin with what the export counted."""

    def counted(self, room: Room, stock: int, **fields: str) -> Part:
        part, _made = Part.objects.update_or_create(
            dealer=room.dealer, code="P-1",
            defaults={"name": "机油", "counted_stock": stock, "counted_on": TODAY, "location": "3-07"} | fields,
        )  # fmt: skip
        batch.open_stock(dealer_id=room.dealer.pk, actor_id=None, actor_name="导入", now=NOW)
        return part

    def test_the_first_export_opens_the_books_where_the_part_lies(self, room: Room) -> None:
        part = self.counted(room, 12, supplier="中心库")
        movement = StockMovement.objects.get()
        assert (movement.kind, movement.quantity, movement.bin.code) == ("opening", Decimal(12), "3-07")
        assert room.total(part) == (12, 0)
        assert room.supplier("中心库").pk

    def test_the_same_export_again_writes_nothing(self, room: Room) -> None:
        self.counted(room, 12)
        self.counted(room, 12)
        assert StockMovement.objects.count() == 1

    def test_later_exports_are_followed_while_nothing_else_moved_the_part(self, room: Room) -> None:
        self.counted(room, 12)
        part = self.counted(room, 7)
        assert room.total(part) == (7, 0)
        assert list(StockMovement.objects.order_by("pk").values_list("kind", flat=True)) == [
            "opening",
            "export",
        ]

    def test_a_part_with_movements_of_its_own_is_left_to_the_stocktake(self, room: Room) -> None:
        part = self.counted(room, 12)
        room.do("issue", reference="W1", technician="张伟", lines=[(part.pk, Decimal(2))])
        self.counted(room, 40)
        assert room.total(part) == (10, 0)

    def test_what_is_reserved_is_not_counted_away(self, room: Room) -> None:
        part = self.counted(room, 5)
        room.reserve("A1", (part, 4))
        self.counted(room, 3)
        assert room.total(part) == (5, 4)
