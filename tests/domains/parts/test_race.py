"""Real connections at the same moment: the last piece is promised once, no update is lost, nobody deadlocks."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from huichang.domains.parts import batch, ledger, operations
from huichang.domains.parts.models import Part, Reservation, StockBalance, StockTotal
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.parts_store import Room, make_room
from tests.factories.world import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(room: Room, *works: Callable[[], object]) -> tuple[Counter[str], list[str]]:
    """Run each in a thread with a connection of its own; what they met, and the errors that nobody expects."""
    met: Counter[str] = Counter()
    errors: list[str] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            with dealer_scope(room.dealer.pk):
                work()
            met["done"] += 1
        except OperationRefused as refusal:
            met[type(refusal).__name__] += 1
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must say so
            errors.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return met, errors


def room_with(stock: int) -> tuple[Room, Part]:
    room = make_room()
    with dealer_scope(room.dealer.pk):
        part = room.part(stock=stock)
    return room, part


def test_clerks_who_want_the_last_piece_get_it_once() -> None:
    room, part = room_with(1)
    works = [lambda number=number: room.reserve(f"A{number}", (part, 1)) for number in range(6)]
    met, errors = at_once(room, *works)
    assert (met["done"], errors) == (6, [])
    with dealer_scope(room.dealer.pk):
        assert Reservation.objects.filter(status="reserved").count() == 1
        assert Reservation.objects.filter(status="short").count() == 5
        assert room.proven()


def test_a_stocktake_that_finds_nothing_and_clerks_who_reserve() -> None:
    room, part = room_with(2)
    with dealer_scope(room.dealer.pk):
        sheet = room.do("open_stocktake", warehouse=room.main())
        room.do("enter_count", line=sheet.lines.get(), counted=Decimal(1))
        room.do("submit_stocktake", stocktake=sheet)
    met, errors = at_once(
        room,
        lambda: room.do("approve_stocktake", stocktake=sheet),
        lambda: room.reserve("A1", (part, 1)),
        lambda: room.reserve("A2", (part, 1)),
    )
    assert (met["done"], errors) == (3, [])
    with dealer_scope(room.dealer.pk):
        total = StockTotal.objects.get()
        assert (total.on_hand, total.reserved) == (Decimal(1), Decimal(1))
        assert room.proven()


def test_one_basket_place_is_not_given_twice() -> None:
    room, part = room_with(6)
    with dealer_scope(room.dealer.pk):
        for number in range(6):
            room.reserve(f"A{number}", (part, 1))
        operations.draw(dealer=room.dealer, reference="A0", technician="张伟", actor=room.actor, now=room.now)
    works = [
        lambda number=number: room.do("draw", reference=f"A{number}", technician="张伟")
        for number in range(1, 6)
    ]
    met, errors = at_once(room, *works)
    assert (met["done"], errors) == (5, [])
    with dealer_scope(room.dealer.pk):
        assert StockBalance.objects.filter(bin__is_pickable=False, on_hand=1).count() == 6
        assert room.proven()


@pytest.mark.parametrize("act", ["draw", "issue"])
def test_a_part_that_comes_free_while_the_clerk_begins_goes_along(
    act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, part = room_with(1)
    with dealer_scope(room.dealer.pk):
        own = room.part("R-9", 1)
        room.reserve("A2", (part, 1))
        room.reserve("A1", (part, 1), (own, 1))
    lock = ledger.lock

    def another_is_faster(dealer_id: int, part_ids: Iterable[int]) -> dict[int, ledger.Held]:
        monkeypatch.setattr(ledger, "lock", lock)
        ids = list(part_ids)
        met, errors = at_once(room, lambda: room.do("release", reference="A2", reason="改主意"))
        assert (met["done"], errors) == (1, [])
        return lock(dealer_id, ids)

    monkeypatch.setattr(ledger, "lock", another_is_faster)
    with dealer_scope(room.dealer.pk):
        room.do(act, reference="A1", technician="张伟")
        done = Reservation.objects.filter(reference="A1").values_list("status", flat=True)
        assert set(done) == {"drawn" if act == "draw" else "issued"}
        assert room.proven()


def test_the_same_receipt_entered_by_two_clerks_is_booked_in_once() -> None:
    room, part = room_with(0)
    with dealer_scope(room.dealer.pk):
        line = room.ordered(part, 2)
    works = [lambda: room.do("receive", line=type(line).objects.get(pk=line.pk), quantity=Decimal(2))] * 2
    met, errors = at_once(room, *works)
    assert (met["done"], sum(met.values()), errors) == (1, 2, [])
    with dealer_scope(room.dealer.pk):
        assert room.total(part) == (2, 0)


def one_turn(room: Room, parts: list[Part], dice: random.Random) -> None:
    """What a clerk does next, in a transaction of its own."""
    reference = f"A{dice.randrange(6)}"
    wanted = [(part, dice.randint(1, 3)) for part in dice.sample(parts, 2)]
    choice = dice.random()
    with dealer_scope(room.dealer.pk):
        if choice < 0.45:
            room.reserve(reference, *wanted, need=TODAY + timedelta(days=dice.randrange(9)))
        elif choice < 0.6:
            room.do("release", reference=reference, reason="改主意")
        elif choice < 0.75:
            room.do("draw", reference=reference, technician="张伟")
        elif choice < 0.85:
            room.do("put_back", reference=reference)
        else:
            room.do("issue", reference=reference, technician="张伟", lines=[(wanted[0][0].pk, Decimal(1))])


def test_a_busy_hour_of_eight_clerks_leaves_true_books() -> None:
    room, _part = room_with(0)
    with dealer_scope(room.dealer.pk):
        parts = [room.part(f"B-{number}", 20) for number in range(4)]
    errors: list[str] = []
    done: Counter[str] = Counter()

    def clerk(number: int) -> None:
        dice = random.Random(number)
        for _turn in range(12):
            try:
                one_turn(room, parts, dice)
                done["done"] += 1
            except OperationRefused:
                done["refused"] += 1
            except Exception as error:  # noqa: BLE001  # whatever it is, the test must say so
                errors.append(repr(error))
        connection.close()

    threads = [threading.Thread(target=clerk, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert done["done"] > 30, done
    with dealer_scope(room.dealer.pk):
        assert batch.differences(room.dealer.pk) == []
        assert not StockBalance.objects.filter(on_hand__lt=0).exists()
