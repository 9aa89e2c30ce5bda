from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import Booking, BookingBlock
from huichang.domains.appointments.operations import SlotTaken
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.models import StatusChange
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import NOW, Store, at


def test_a_booking_sets_aside_bay_technician_and_advisor(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")

    booking = operations.book(**quick.visit(service, clock="10:00"))

    found = queries.get(booking.pk)
    assert [(str(block.bay), str(block.staff)) for block in queries.work_blocks(found)] == [
        ("快保1号", "张伟")
    ]
    assert (booking.arrive_at, booking.starts_at, booking.ends_at) == (at("09:45"), at("10:00"), at("11:00"))
    assert str(queries.advisor_of(found)) == "吴倩"
    assert booking.status == "tentative"
    assert booking.number == "A261123-0001"


def test_a_taken_slot_is_refused_with_reasons_and_alternatives_that_can_be_kept(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    operations.book(**quick.visit(service, clock="10:00"))

    with pytest.raises(SlotTaken) as refused:
        operations.book(**quick.visit(service, clock="10:30"))

    assert "快保工位 10:30–11:30 都已占用" in refused.value.reasons
    assert "有“快保”资质的技师 10:30–11:30 都已排满" in refused.value.reasons
    proposed = [(item.slot.starts_at, item.why) for item in refused.value.alternatives]
    assert proposed[0] == (at("11:00"), "同一天,晚 30 分钟")
    assert proposed[1] == (at("10:30") + timedelta(days=1), "晚 1 天,同一时间")
    for start, _why in proposed:
        operations.book(**{**quick.visit(service), "starts_at": start})


def test_a_refusal_keeps_nobody_from_the_day(quick: Store) -> None:
    too_soon = quick.visit(quick.labour("常规保养", "快保", "0.8"), clock="08:45")
    other = connection.copy()
    try:
        with pytest.raises(SlotTaken), CaptureQueriesContext(connection) as asked:
            operations.book(**too_soon)
        texts = [query["sql"] for query in asked.captured_queries]
        lock = next(text for text in texts if "pg_advisory_xact_lock" in text)
        with other.cursor() as cursor:  # our scope is open here, as a page's is that draws the refusal
            cursor.execute(lock.replace("pg_advisory_xact_lock", "pg_try_advisory_xact_lock"))
            assert cursor.fetchone() == (True,)
    finally:
        other.close()


def test_a_booking_asks_little_while_the_day_is_locked(quick: Store) -> None:
    visit = quick.visit(quick.labour("常规保养", "快保", "0.8"))

    with CaptureQueriesContext(connection) as asked:
        operations.book(**visit)

    texts = [query["sql"] for query in asked.captured_queries]
    locked = next(number for number, text in enumerate(texts) if "pg_advisory_xact_lock" in text)
    assert locked >= 4  # days, numbers, jobs and parts were read before
    assert len(texts) - locked <= 58


def test_a_booking_that_was_moved_meanwhile_is_no_missed_one(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("常规保养", "快保", "0.8")))
    as_read = queries.get(booking.pk)
    operations.change(
        booking=booking,
        starts_at=at("10:00") + timedelta(days=1),
        actor=quick.actor,
        now=NOW,
        reason="客户来电",
    )

    with pytest.raises(TransitionRefused):
        operations.mark_no_show(booking=as_read, actor=quick.actor, now=at("10:30"))

    assert Booking.objects.get(pk=booking.pk).status == "tentative"
    assert BookingBlock.objects.filter(booking=booking, is_active=True).exists()


def test_a_hold_becomes_the_booking_with_what_it_kept(quick: Store) -> None:
    visit = quick.visit(quick.labour("常规保养", "快保", "0.8"))
    held = operations.hold(**visit)

    booked = operations.book(**visit, hold=held, note="带备件")

    assert (booked.pk, booked.status, booked.note, booked.hold_until) == (
        held.pk,
        "tentative",
        "带备件",
        None,
    )
    moves = (
        StatusChange.objects.filter(table_name="appointments_booking", row_id=booked.pk)
        .order_by("pk")
        .values_list("before", "after")
    )
    assert list(moves) == [("", "held"), ("held", "tentative")]


def test_an_expired_hold_blocks_nobody_and_is_recorded_as_expired(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    held = operations.hold(**quick.visit(service))
    later = NOW + timedelta(minutes=11)

    offered = queries.offers(
        dealer=quick.dealer, labour_ids=[service.pk], now=later, wanted=at("10:00"), day=at("10:00").date()
    )
    operations.book(**{**quick.visit(service), "now": later})

    assert offered.wanted_slot is not None
    assert offered.wanted_slot.is_free
    held.refresh_from_db()
    assert held.status == "expired"
    assert (
        StatusChange.objects.filter(
            table_name="appointments_booking", row_id=held.pk, before="held", after="expired"
        ).count()
        == 1
    )


def test_booking_an_expired_hold_takes_the_slot_afresh_when_it_is_still_free(quick: Store) -> None:
    visit = quick.visit(quick.labour("常规保养", "快保", "0.8"))
    held = operations.hold(**visit)

    booked = operations.book(**{**visit, "now": NOW + timedelta(minutes=11)}, hold=held)

    assert booked.pk != held.pk
    assert Booking.objects.get(pk=held.pk).status == "expired"


def test_an_extended_hold_lasts_from_now(quick: Store) -> None:
    held = operations.hold(**quick.visit(quick.labour("常规保养", "快保", "0.8")))

    operations.extend_hold(booking=held, actor=quick.actor, now=NOW + timedelta(minutes=8))

    assert held.hold_until == NOW + timedelta(minutes=18)
    with pytest.raises(TransitionRefused):
        operations.extend_hold(booking=held, actor=quick.actor, now=NOW + timedelta(minutes=19))


def test_a_new_hold_gives_back_the_one_it_replaces(quick: Store) -> None:
    visit = quick.visit(quick.labour("常规保养", "快保", "0.8"))
    first = operations.hold(**visit)

    second = operations.hold(**{**visit, "starts_at": at("10:15")}, replaces=first)

    assert Booking.objects.get(pk=first.pk).status == "cancelled"
    assert second.starts_at == at("10:15")


def test_a_cancelled_booking_frees_its_time_and_keeps_its_record(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    booking = operations.book(**quick.visit(service))

    operations.cancel(booking=booking, actor=quick.actor, now=NOW, reason="客户出差")

    operations.book(**quick.visit(service))
    assert not BookingBlock.objects.filter(booking=booking, is_active=True).exists()
    assert BookingBlock.objects.filter(booking=booking).exists()


def test_a_booking_moves_over_its_own_old_time(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("常规保养", "快保", "0.8")))

    operations.change(booking=booking, starts_at=at("10:30"), actor=quick.actor, now=NOW, reason="客户迟到")

    moved = Booking.objects.get(pk=booking.pk)
    assert (moved.number, moved.starts_at, moved.ends_at) == (booking.number, at("10:30"), at("11:30"))
    assert StatusChange.objects.filter(row_id=booking.pk, reason="客户迟到").exists()


def test_a_refused_move_changes_nothing(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    operations.book(**quick.visit(service, clock="14:00"))
    booking = operations.book(**quick.visit(service, clock="10:00"))

    with pytest.raises(SlotTaken):
        operations.change(booking=booking, starts_at=at("14:15"), actor=quick.actor, now=NOW, reason="晚点来")

    assert Booking.objects.get(pk=booking.pk).starts_at == at("10:00")
    assert BookingBlock.objects.filter(booking=booking, is_active=True).count() == 2


def test_two_people_cannot_move_the_same_booking_unseen(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("常规保养", "快保", "0.8")))
    as_another_saw_it = Booking.objects.get(pk=booking.pk)
    operations.change(booking=booking, starts_at=at("15:00"), actor=quick.actor, now=NOW, reason="晚点来")

    with pytest.raises(TransitionRefused):
        operations.change(
            booking=as_another_saw_it, starts_at=at("16:00"), actor=quick.actor, now=NOW, reason="再晚点"
        )


def test_arrival_and_no_show(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    kept = operations.book(**quick.visit(service, clock="10:00"))
    missed = operations.book(**quick.visit(service, clock="14:00"))

    operations.arrive(booking=kept, actor=quick.actor, now=at("09:50"))
    with pytest.raises(OperationRefused, match="30 分钟"):
        operations.mark_no_show(booking=missed, actor=quick.actor, now=at("14:10"))
    operations.mark_no_show(booking=missed, actor=quick.actor, now=at("14:15"))

    assert (kept.status, missed.status) == ("arrived", "no_show")
    assert not BookingBlock.objects.filter(booking=missed, is_active=True).exists()
    operations.arrive(booking=missed, actor=quick.actor, now=at("15:00"))
    assert missed.status == "arrived"


def test_cancelling_asks_for_a_reason(quick: Store) -> None:
    booking = operations.book(**quick.visit(quick.labour("常规保养", "快保", "0.8")))

    with pytest.raises(OperationRefused, match="原因"):
        operations.cancel(booking=booking, actor=quick.actor, now=NOW, reason="  ")
