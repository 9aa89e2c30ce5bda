"""The reserve: who eats it, what unfinished work takes overnight, what the hours give back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from huichang.domains.appointments import operations, queries, unfinished
from huichang.domains.appointments.models import Booking, BookingBlock, ReserveDay, ReserveUse
from huichang.domains.appointments.operations import SlotTaken, closing, day
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.reserve import Line, Reserve
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at

TUESDAY = MONDAY + timedelta(days=1)


def line(store: Store, on: object = MONDAY, now: object = NOW) -> Line:
    facts = planning.load(store.dealer, on, 1, now)  # type: ignore[arg-type]  # a date and a moment
    return Reserve(facts).line("快保", 0)


def test_a_walk_in_takes_ordinary_hours_first_then_the_seats_of_its_kind(quick: Store) -> None:
    big = quick.labour("大保养", "快保", "3.2")
    operations.book(**quick.visit(big, clock="08:45") | {"now": at("07:00")})
    operations.book(**quick.visit(big, clock="13:15"))  # 6.4 of 8 hours: all that is promised
    quick.bay("快保2号", "快保")
    tyre = quick.labour("补胎", "快保", "0.5")
    visit = {key: value for key, value in quick.visit(tyre).items() if key != "starts_at"}

    dropped = day.drop_in(**visit | {"now": at("16:30")}, starts_at=at("17:00"))

    assert dropped.status == "arrived"
    assert (
        BookingBlock.objects.get(booking=dropped, kind="work").purpose == ""
    )  # the passed hours were released
    assert line(quick, now=at("16:30")).released == pytest.approx(1.6 * 7 / 8)


def test_quick_work_eats_only_its_own_seats(quick: Store) -> None:
    big = quick.labour("大保养", "快保", "3.2")
    early = {"now": at("07:00")}
    operations.book(**quick.visit(big, clock="08:45") | early)
    operations.book(**quick.visit(big, clock="13:15") | early)
    visit = {
        key: value
        for key, value in quick.visit(quick.labour("补胎", "快保", "0.5")).items()
        if key != "starts_at"
    }
    more = {
        key: value
        for key, value in quick.visit(quick.labour("换胎", "快保", "0.25")).items()
        if key != "starts_at"
    }

    first = day.drop_in(**visit | early, starts_at=at("16:45"))

    assert BookingBlock.objects.get(booking=first, kind="work").purpose == "quick"
    assert line(quick, now=at("07:00")).eaten["quick"] == pytest.approx(0.5)
    with pytest.raises(SlotTaken):  # quick and unforeseen seats are 45 % of 1.6 hours
        day.drop_in(**more | early, starts_at=at("17:15"))
    last = day.drop_in(**more | early, starts_at=at("17:15"), purpose="urgent")
    assert BookingBlock.objects.get(booking=last, kind="work").purpose == "urgent"


def test_without_a_time_a_walk_in_gets_the_first_place_of_today(quick: Store) -> None:
    tyre = quick.labour("补胎", "快保", "0.5")
    operations.book(**quick.visit(tyre, clock="10:00"))
    visit = {key: value for key, value in quick.visit(tyre).items() if key != "starts_at"}

    dropped = day.drop_in(**visit | {"now": at("09:40")})

    assert dropped.starts_at == at("10:30")


def test_unused_reserve_is_given_back_by_the_hour(quick: Store) -> None:
    big = quick.labour("大保养", "快保", "3.2")
    operations.book(**quick.visit(big, clock="08:45") | {"now": at("07:00")})
    operations.book(**quick.visit(big, clock="13:15"))
    small = quick.labour("补气", "快保", "0.2")

    def is_free(now: str) -> bool:
        found = queries.offers(dealer=quick.dealer, labour_ids=[small.pk], now=at(now), wanted=at("17:00"))
        return bool(found.wanted_slot and found.wanted_slot.is_free)

    assert not is_free("09:00")  # nothing has passed
    assert is_free("11:00")  # two of eight hours: 0.4 of the 1.6 are back


def test_unfinished_work_eats_tomorrows_reserve_in_its_own_bay(quick: Store) -> None:
    service = quick.labour("大保养", "快保", "2.0")
    done, left = (operations.book(**quick.visit(service, clock=clock)) for clock in ("09:15", "13:15"))
    for booking in (done, left):
        operations.arrive(booking=booking, actor=quick.actor, now=at("13:00"))
    day.finish_work(booking=done, actor=quick.actor, now=at("11:10"))
    evening = at("18:00")

    assert unfinished.days_to_close(quick.dealer, evening)[-1] == MONDAY
    assert closing.close_day(dealer=quick.dealer, day=MONDAY, actor=quick.actor, now=evening)
    assert not closing.close_day(dealer=quick.dealer, day=MONDAY, actor=quick.actor, now=evening)

    carried = BookingBlock.objects.get(purpose="carry_over")
    assert (carried.booking, carried.planned_hours) == (left, Decimal("2.00"))
    assert carried.starts_at == at("08:30", TUESDAY)
    assert carried.bay == BookingBlock.objects.get(booking=left, kind="work", purpose="").bay
    ledger = line(quick, TUESDAY, evening)
    assert ledger.eaten["carry_over"] == pytest.approx(2.0)
    assert ledger.limit == pytest.approx(
        6.0
    )  # more than the reserve is eaten: the rest comes from the promised part
    kept = ReserveDay.objects.get(day=MONDAY)
    assert (kept.capacity, kept.promised, kept.released) == (
        Decimal("8.00"),
        Decimal("4.00"),
        Decimal("1.60"),
    )


def test_work_carried_over_twice_is_counted_once_a_day(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("大保养", "快保", "2.0"), clock="13:15"))
    operations.arrive(booking=booking, actor=quick.actor, now=at("13:00"))
    for number in (0, 1):
        on = MONDAY + timedelta(days=number)
        closing.close_day(dealer=quick.dealer, day=on, actor=quick.actor, now=at("18:00", on))

    wednesday = MONDAY + timedelta(days=2)
    assert line(quick, wednesday, at("18:00", TUESDAY)).eaten["carry_over"] == pytest.approx(2.0)
    day.finish_work(booking=booking, actor=quick.actor, now=at("08:40", wednesday))
    assert unfinished.unfinished_on(quick.dealer, wednesday) == []
    assert not BookingBlock.objects.filter(is_active=True, ends_at__gt=at("08:40", wednesday)).exists()


def test_work_without_a_place_still_eats_the_hours(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("大保养", "快保", "2.0"), clock="13:15"))
    operations.arrive(booking=booking, actor=quick.actor, now=at("13:00"))
    full = quick.labour("半天", "快保", "3.25")
    operations.book(**quick.visit(full, clock="08:45", day=TUESDAY), override_reason="满")
    operations.book(**quick.visit(full, clock="13:15", day=TUESDAY), override_reason="满")
    left = unfinished.unfinished_on(quick.dealer, MONDAY)

    closing.carry_over(dealer=quick.dealer, day=MONDAY, unfinished=left, actor=quick.actor, now=at("18:00"))
    closing.carry_over(dealer=quick.dealer, day=MONDAY, unfinished=left, actor=quick.actor, now=at("18:00"))

    assert ReserveUse.objects.get().hours == Decimal("2.00")
    assert line(quick, TUESDAY, at("18:00")).over > 0


def test_hours_lost_are_booked_with_a_reason(quick: Store) -> None:
    day.lose_hours(
        dealer=quick.dealer,
        day=MONDAY,
        skill="快保",
        hours=Decimal("0.5"),
        reason="举升机卡住",
        actor=quick.actor,
        now=NOW,
    )

    assert line(quick).eaten["unforeseen"] == 0.5
    assert line(quick).left == pytest.approx(1.1)


def test_a_car_put_into_another_bay_keeps_its_time_and_needs_no_consent(quick: Store) -> None:
    other = quick.bay("快保2号", "快保")
    booking = operations.book(**quick.visit(quick.labour("保养", "快保", "1.0"), clock="10:00"))

    day.place(booking=booking, starts_at=at("10:00"), bay_id=other.pk, actor=quick.actor, now=NOW)

    block = BookingBlock.objects.get(booking=booking, kind="work", is_active=True)
    assert (block.bay, block.starts_at) == (other, at("10:00"))
    assert Booking.objects.get(pk=booking.pk).status == "tentative"


def test_another_time_needs_the_customers_consent(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("保养", "快保", "1.0"), clock="10:00"))
    wish: dict[str, Any] = {"booking": booking, "starts_at": at("14:00"), "actor": quick.actor, "now": NOW}

    with pytest.raises(OperationRefused) as refused:
        day.place(**wish)
    assert refused.value.field == "consent"
    day.place(**wish, consent="phone")

    assert Booking.objects.get(pk=booking.pk).starts_at == at("14:00")
