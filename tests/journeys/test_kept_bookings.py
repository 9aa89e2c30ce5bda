"""From the reminder to the arrival: booked at the desk, prepared, disturbed by a late part, booked anew, confirmed, kept.

And the other way: a cancellation is taken back whole, and its slot goes to a customer who waited for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import Booking, SlotOffer, Touch
from huichang.domains.contacts.models import Message
from huichang.domains.dealers.models import OpeningPeriod
from huichang.domains.parts.models import PartUse, Reservation
from huichang.domains.worklist.models import CallTask
from huichang.kernel.scoping import dealer_scope
from tests.factories.booking_store import NOW, at, make_store
from tests.factories.keeping_store import THURSDAY, Keeping, status
from tests.journeys.walking import deliver_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def east(db: None) -> Iterator[Keeping]:
    store = make_store()
    with dealer_scope(store.dealer.pk):
        assert OpeningPeriod.objects.exists()
        store.bay("快保1号", "快保")
        store.technician("张伟", "快保")
        store.advisor("吴倩")
        yield Keeping(store, stock=1, lead_days=6)


def test_a_visit_is_kept_in_spite_of_a_late_part(east: Keeping) -> None:
    customer = east.reachable(east.store.customer())
    booking = east.book(customer=customer)
    assert Message.objects.get(key=f"booking:{booking.pk}:received:0").status == "waiting"
    east.print_all(booking)
    assert status(booking) == "prepared"

    # Another job turns up: two filters are needed and one is there.
    PartUse.objects.update(quantity=2)
    job = operations.Item(
        "labour", "常规保养", east.service.standard_hours, east.service.hourly_rate, east.service.pk
    )
    filters = operations.Item(
        "part", east.part.name, east.part.price * 0 + 2, east.part.price, part_id=east.part.pk
    )
    east.do("save_estimate", booking=booking, items=[job, filters])
    deliver_events()

    assert status(booking) == "tentative"
    assert CallTask.objects.filter(source="appointments.touch", status="open").count() == 1
    assert Message.objects.filter(template_name="parts.late").count() == 1

    day = THURSDAY + timedelta(days=7)
    east.do("rebook", booking=booking, starts_at=at("10:00", day), reason="配件未到")
    assert not CallTask.objects.filter(source="appointments.touch", status="open").exists()
    line = east.room.ordered(east.part, 1, expected=day - timedelta(days=3))
    east.room.do("receive", line=line, quantity=line.quantity)
    deliver_events()
    booking.refresh_from_db()
    east.print_all(booking)
    assert status(booking) == "prepared"

    assert east.make_due(at("09:00", day - timedelta(days=2))) == 1
    east.do("confirm", booking=booking, now=at("10:00", day - timedelta(days=2)))
    assert status(booking) == "confirmed"
    east.make_due(at("16:00", day - timedelta(days=1)))
    east.make_due(at("08:45", day))
    east.do("arrive", booking=booking, now=at("09:43", day))

    told = queries.timeline(booking)
    assert {one.kind for one in told} >= {
        "received", "parts_late", "parts_call", "changed", "confirm_call", "confirmed", "names", "one_hour", "arrival",
    }  # fmt: skip
    assert all(one.proof for one in told if one.status == "done")
    assert not Touch.objects.filter(booking=booking, status="planned").exists()


def test_a_cancelled_visit_is_taken_back_and_its_slot_goes_to_who_waits(east: Keeping) -> None:
    booking = east.book()
    east.print_all(booking)
    booking.refresh_from_db()
    waiting = east.do(
        "join_waiting", dealer=east.dealer, car=east.store.car(), customer=east.store.customer(),
        labour_ids=[east.service.pk], first_day=THURSDAY, last_day=THURSDAY, clock_from=at("10:00").time(),
        clock_until=at("10:15").time(),
    )  # fmt: skip

    east.do("cancel", booking=booking, reason="客户卖车")
    assert Reservation.objects.get().status == "released"
    east.do("offer_day", dealer=east.dealer, day=THURSDAY)
    made = east.do("accept_offer", offer=SlotOffer.objects.get(entry=waiting), now=NOW + timedelta(minutes=3))

    assert (made.starts_at, made.customer_id) == (booking.starts_at, waiting.customer_id)
    assert Booking.objects.get(pk=booking.pk).status == "cancelled"
    assert Reservation.objects.filter(reference=made.number).get().status == "reserved"
    assert east.room.proven()
