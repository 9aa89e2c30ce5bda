"""When a day breaks: the proposal moves as few promises as can be, and nothing happens until a person accepts it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking, BookingBlock, Equipment, EquipmentNeed
from huichang.domains.appointments.operations import replanning, rules
from huichang.domains.catalog.models import Absence
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at


def propose(store: Store, now: Any = NOW, **more: Any) -> Any:
    return replanning.propose(
        dealer=store.dealer, day=MONDAY, asked="测试", actor=store.actor, now=now, **more
    )


def accept(store: Store, replan: Any, now: Any = NOW, **told: str) -> int:
    return replanning.accept(
        replan=replan, told={int(pk): way for pk, way in told.items()}, actor=store.actor, now=now
    )


@pytest.fixture
def pair(store: Store) -> Store:
    """Two bays, two technicians, two advisors."""
    for number in (1, 2):
        store.bay(f"快保{number}号", "快保")
        store.technician(f"技师{number}", "快保")
        store.advisor(f"顾问{number}")
    return store


def test_an_absent_technicians_work_goes_to_the_other_and_no_promise_moves(pair: Store) -> None:
    booking = operations.book(**pair.visit(pair.labour("保养", "快保", "1.0"), clock="10:00"))
    block = BookingBlock.objects.get(booking=booking, kind="work")
    Absence.objects.create(
        dealer=pair.dealer, staff=block.staff, starts_at=at("08:00"), ends_at=at("18:00"), reason="病假"
    )

    operations.book(**pair.visit(pair.labour("保养", "快保", "1.0"), day=MONDAY + timedelta(days=5)))

    replan = propose(pair)

    [move] = replan.moves
    assert (move["kind"], replan.is_optimal) == ("people", True)
    assert "病假" in move["why"]
    assert accept(pair, replan) == 1
    after = BookingBlock.objects.get(booking=booking, kind="work", is_active=True)
    assert after.staff != block.staff
    assert Booking.objects.get(pk=booking.pk).starts_at == at("10:00")


def test_a_broken_bay_moves_a_time_only_when_it_must(pair: Store) -> None:
    service = pair.labour("保养", "快保", "1.0")
    first, second = (operations.book(**pair.visit(service, clock="10:00")) for _ in range(2))
    bay = BookingBlock.objects.get(booking=second, kind="work").bay
    Absence.objects.create(
        dealer=pair.dealer, bay=bay, starts_at=at("08:00"), ends_at=at("18:00"), reason="举升机坏"
    )

    replan = propose(pair)

    [move] = [move for move in replan.moves if move["kind"] == "time"]
    assert move["booking"] in {first.pk, second.pk}
    with pytest.raises(OperationRefused, match="怎样告知"):
        accept(pair, replan)
    replan.refresh_from_db()
    assert replan.status == "proposed"
    accept(pair, replan, **{str(move["booking"]): "phone"})
    moved = Booking.objects.get(pk=move["booking"])
    assert moved.starts_at != at("10:00")
    assert moved.status == "tentative"
    assert not BookingBlock.objects.filter(bay=bay, is_active=True).exists()


def test_a_lift_that_fails_is_changed_for_the_other_or_moves_the_time(pair: Store) -> None:
    brakes = pair.labour("刹车", "快保", "1.0")
    EquipmentNeed.objects.create(dealer=pair.dealer, labour=brakes, kind="举升")
    first, second = (
        Equipment.objects.create(dealer=pair.dealer, name=f"举升机{number}", kind="举升") for number in (1, 2)
    )
    booking = operations.book(**pair.visit(brakes, clock="10:00"))
    rules.add_outage(
        equipment=first, starts_at=at("10:00"), ends_at=at("12:00"), reason="漏油", actor=pair.actor, now=NOW
    )

    replan = propose(pair)

    [move] = replan.moves
    assert (move["kind"], move["why"]) == ("people", "设备 举升机1不可用(漏油)")
    accept(pair, replan)
    assert booking.blocks.get(kind="equipment", is_active=True).equipment == second

    rules.add_outage(
        equipment=second, starts_at=at("10:00"), ends_at=at("12:00"), reason="断电", actor=pair.actor, now=NOW
    )
    replan = propose(pair)
    [move] = replan.moves
    assert (move["kind"], move["will"]["places"][0].split(" · ")[2][:3]) == ("time", "举升机")
    assert datetime.fromisoformat(move["will"]["start"]) == at("13:15")


def test_an_emergency_is_taken_in_at_once(pair: Store) -> None:
    service = pair.labour("保养", "快保", "1.0")
    for clock in ("09:15", "10:15"):
        for _ in range(2):
            operations.book(**pair.visit(service, clock=clock))
    emergency = replanning.Emergency(
        pair.car(), pair.customer(), (pair.labour("制动失灵", "快保", "1.0").pk,), within=120
    )

    replan = propose(pair, emergency=emergency)

    assert [move["kind"] for move in replan.moves if move["kind"] in {"new", "out"}] == ["new"]
    told = {str(move["booking"]): "phone" for move in replan.moves if move["booking"]}
    accept(pair, replan, **told)
    taken = Booking.objects.get(car=emergency.car)
    assert taken.status == "arrived"
    assert taken.starts_at <= at("10:15")
    assert BookingBlock.objects.get(booking=taken, kind="work").purpose == "urgent"


def test_a_proposal_that_no_longer_fits_changes_nothing(pair: Store) -> None:
    booking = operations.book(**pair.visit(pair.labour("保养", "快保", "1.0"), clock="10:00"))
    block = BookingBlock.objects.get(booking=booking, kind="work")
    Absence.objects.create(dealer=pair.dealer, staff=block.staff, starts_at=at("08:00"), ends_at=at("18:00"))
    replan = propose(pair)
    operations.cancel(booking=booking, actor=pair.actor, now=NOW, reason="不来了")

    with pytest.raises(OperationRefused, match="重新计算"):
        accept(pair, replan)
    replan.refresh_from_db()
    assert replan.status == "proposed"


def test_a_visit_without_room_today_is_offered_another_day(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("保养", "快保", "1.0"), clock="10:00"))
    block = BookingBlock.objects.get(booking=booking, kind="work")
    Absence.objects.create(dealer=quick.dealer, staff=block.staff, starts_at=at("08:00"), ends_at=at("18:00"))

    replan = propose(quick)

    [move] = replan.moves
    assert (move["kind"], len(move["alternatives"]) > 0) == ("out", True)
    accept(quick, replan, **{str(booking.pk): "phone"})
    assert Booking.objects.get(pk=booking.pk).starts_at == at("10:00", MONDAY.replace(day=24))


def test_work_that_runs_is_finished_by_somebody_else(pair: Store) -> None:
    booking = operations.book(
        **pair.visit(pair.labour("大修", "快保", "3.0"), clock="08:45") | {"now": at("07:00")}
    )
    operations.arrive(booking=booking, actor=pair.actor, now=at("08:40"))
    block = BookingBlock.objects.get(booking=booking, kind="work")
    Absence.objects.create(dealer=pair.dealer, staff=block.staff, starts_at=at("09:30"), ends_at=at("18:00"))
    now = at("09:40")

    replan = propose(pair, now=now)
    accept(pair, replan, now=now)

    done, rest = BookingBlock.objects.filter(booking=booking, kind="work", is_active=True).order_by(
        "starts_at"
    )
    assert (done.staff, done.ends_at) == (block.staff, at("09:45"))
    assert (rest.starts_at, rest.ends_at) == (at("09:45"), at("11:45"))
    assert rest.staff != block.staff


def test_a_day_that_can_be_kept_is_left_alone(pair: Store) -> None:
    operations.book(**pair.visit(pair.labour("保养", "快保", "1.0"), clock="10:00"))

    with pytest.raises(OperationRefused, match="没有需要移动"):
        propose(pair)
