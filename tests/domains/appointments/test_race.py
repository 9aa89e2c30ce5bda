"""Sixteen connections want the same slots at the same time: nobody is booked twice, and nobody sees an error."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from huichang.domains.appointments import operations, queries, taking
from huichang.domains.appointments.models import Booking, BookingBlock
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.contacts.models import Message
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.booking_race import busy_store, over_capacity, overlaps, run
from tests.factories.booking_store import MONDAY, NOW, at

SECONDS = 6


@pytest.mark.django_db(transaction=True)
def test_sixteen_connections_never_book_twice_and_meet_only_polite_refusals() -> None:
    store, jobs, visits = busy_store()

    race = run(store, jobs, visits, SECONDS)

    assert race.errors == []
    assert race.outcomes["booked"] > 0, race.outcomes
    assert overlaps(store) == 0
    assert over_capacity(store) == []


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_an_overlap_that_goes_round_the_operations() -> None:
    store, jobs, visits = busy_store()
    with dealer_scope(store.dealer.pk):
        booking = operations.book(
            dealer=store.dealer,
            actor=store.actor,
            now=NOW,
            starts_at=at("10:00"),
            labour_ids=[jobs[0].pk],
            **visits[0],
        )
        [block] = queries.work_blocks(booking)
        assert len(planning.load(store.dealer, MONDAY, 1, NOW).work) == 1
    columns = (
        "dealer_id, booking_id, kind, position, bay_id, staff_id, skill, planned_hours, purpose, starts_at, ends_at,"
        " is_active"
    )
    copy = f"INSERT INTO appointments_bookingblock ({columns}) SELECT {columns} FROM appointments_bookingblock WHERE id = %s"

    with dealer_scope(store.dealer.pk), connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="no_double_booking"), transaction.atomic():
            cursor.execute(copy, [block.pk])

        assert BookingBlock.objects.filter(booking=booking, is_active=True).count() == 2
    assert psycopg.errors.ExclusionViolation.sqlstate == taking.EXCLUSION_VIOLATION


@pytest.mark.django_db
def test_of_two_changes_seen_on_one_page_the_second_is_refused_though_the_start_is_the_same() -> None:
    store, jobs, visits = busy_store()
    first, second, third = (job.pk for job in jobs)
    act: dict[str, Any] = {"starts_at": at("10:00"), "actor": store.actor, "now": NOW}
    with dealer_scope(store.dealer.pk):
        booking = operations.book(dealer=store.dealer, labour_ids=[first], **act, **visits[0])
        seen = Booking.objects.get(pk=booking.pk)
        operations.change(booking=booking, labour_ids=[second], reason="换项目", **act)

        with pytest.raises(TransitionRefused):
            operations.change(booking=seen, labour_ids=[third], reason="换项目", **act)

        assert list(booking.items.values_list("labour_id", flat=True)) == [second]


@pytest.mark.django_db
def test_a_cancellation_from_an_old_page_cancels_and_tells_the_time_that_was_agreed_last() -> None:
    store, jobs, visits = busy_store()
    act: dict[str, Any] = {"actor": store.actor, "now": NOW}
    with dealer_scope(store.dealer.pk):
        booking = operations.book(
            dealer=store.dealer, labour_ids=[jobs[0].pk], starts_at=at("10:00"), **act, **visits[0]
        )
        seen = Booking.objects.get(pk=booking.pk)
        operations.change(booking=booking, starts_at=at("14:00"), reason="改时间", **act)

        operations.cancel(booking=seen, reason="不来了", **act)

        told = Message.objects.get(key=f"booking:{booking.pk}:cancelled:1")
        assert "13:45" in told.values["time"]
