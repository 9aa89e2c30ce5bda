"""Freed slots go to those who wait, one after the other, each for a limited time, and never twice."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking, SlotOffer, WaitingEntry
from huichang.domains.contacts.models import Message
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.booking_store import MONDAY, NOW, Store, at, make_store
from tests.factories.keeping_store import THURSDAY, Keeping
from tests.journeys.walking import deliver_events


@pytest.fixture
def east(quick: Store) -> Keeping:
    return Keeping(quick)


def wait(east: Keeping, **given: Any) -> WaitingEntry:
    """A new customer who waits for Thursday, ten to eleven."""
    wish: dict[str, Any] = {
        "dealer": east.dealer, "car": east.store.car(), "customer": east.store.customer(),
        "labour_ids": [east.service.pk], "first_day": THURSDAY, "last_day": THURSDAY,
        "clock_from": at("10:00").time(), "clock_until": at("10:15").time(),
    } | given  # fmt: skip
    entry: WaitingEntry = east.do("join_waiting", **wish)
    return entry


def offers(east: Keeping) -> list[tuple[int, str]]:
    return list(SlotOffer.objects.order_by("pk").values_list("entry_id", "status"))


def test_a_cancelled_slot_is_kept_for_the_first_who_waits(east: Keeping) -> None:
    taken = east.book(clock="10:00")
    first, second = wait(east), wait(east)

    east.do("cancel", booking=taken, reason="不来了")
    deliver_events()

    offer = SlotOffer.objects.select_related("hold").get()
    assert offer.entry_id == first.pk
    assert (offer.starts_at, offer.hold.status) == (at("10:00", THURSDAY), "held")
    assert Message.objects.get(template_name="waiting.offer").customer_id == first.customer_id
    soon = offer.offered_at + timedelta(minutes=5)
    with pytest.raises(OperationRefused):
        east.book(clock="10:00", now=soon)

    made = east.do("accept_offer", offer=offer, now=soon)

    assert (made.starts_at, made.customer_id) == (at("10:00", THURSDAY), first.customer_id)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("booked", "waiting")


def test_an_offer_nobody_answers_goes_to_the_next(east: Keeping) -> None:
    taken = east.book(clock="10:00")
    first, second = wait(east), wait(east)
    east.do("cancel", booking=taken, reason="不来了")
    east.do("offer_day", dealer=east.dealer, day=THURSDAY)
    offer = SlotOffer.objects.get()
    later = offer.expires_at + timedelta(minutes=1)

    assert east.do("lapse_offers", dealer=east.dealer, now=later) == 1

    assert offers(east) == [(first.pk, "lapsed"), (second.pk, "open")]
    with pytest.raises(TransitionRefused):
        offer.refresh_from_db()
        east.do("accept_offer", offer=offer, now=later)
    first.refresh_from_db()
    assert first.status == "waiting"


def test_a_declined_slot_is_not_offered_to_the_same_person_again(east: Keeping) -> None:
    first = wait(east)
    east.do("offer_day", dealer=east.dealer, day=THURSDAY)

    east.do("decline_offer", offer=SlotOffer.objects.get())
    east.do("offer_day", dealer=east.dealer, day=THURSDAY)

    assert offers(east) == [(first.pk, "declined")]
    assert not Booking.objects.filter(status="held").exists()


def test_an_offer_at_night_lasts_into_the_morning(east: Keeping) -> None:
    wait(east)
    night = at("23:30", MONDAY + timedelta(days=1))

    [offer] = east.do("offer_day", dealer=east.dealer, day=THURSDAY, now=night)

    assert offer.expires_at > at("08:00", MONDAY + timedelta(days=2))


def test_accepting_gives_the_later_booking_up(east: Keeping) -> None:
    later = east.book(day=THURSDAY + timedelta(days=1), clock="15:00")
    entry = wait(east, booking=later, car=later.car, customer=later.customer)
    [offer] = east.do("offer_day", dealer=east.dealer, day=THURSDAY)

    made = east.do("accept_offer", offer=offer)

    later.refresh_from_db()
    entry.refresh_from_db()
    assert (later.status, entry.booking_id) == ("cancelled", made.pk)


def test_a_car_waits_once_and_a_wish_for_the_past_is_refused(east: Keeping) -> None:
    entry = wait(east)
    with pytest.raises(OperationRefused, match="已经在候补"):
        wait(east, car=entry.car)
    with pytest.raises(OperationRefused, match="过去"):
        wait(east, first_day=MONDAY - timedelta(days=9), last_day=MONDAY - timedelta(days=8))


def test_wishes_for_days_that_are_over_lapse(east: Keeping) -> None:
    entry = wait(east)

    east.do("lapse_offers", dealer=east.dealer, now=at("09:00", THURSDAY + timedelta(days=1)))

    entry.refresh_from_db()
    assert entry.status == "lapsed"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_grab_one_slot_only_one_gets_it() -> None:
    """Twelve connections: the waiting customer accepts (twice), others book, the clock lapses the offer."""
    store = make_store()
    with dealer_scope(store.dealer.pk):
        store.bay("快保1号", "快保")
        store.technician("张伟", "快保")
        store.advisor("吴倩")
        east = Keeping(store)
        entry = wait(east)
        [offer] = east.do("offer_day", dealer=east.dealer, day=THURSDAY)
        visits = [store.visit(east.service, clock="10:00", day=THURSDAY) for _visit in range(8)]
    outcomes: Counter[str] = Counter()
    ready = threading.Barrier(11)

    def run(name: str, act: Any) -> None:
        ready.wait()
        try:
            with dealer_scope(store.dealer.pk):
                act()
            outcomes[name] += 1
        except OperationRefused:
            outcomes["refused"] += 1
        finally:
            connection.close()

    def accept() -> None:
        operations.accept_offer(offer=SlotOffer.objects.get(pk=offer.pk), actor=store.actor, now=NOW)

    def lapse() -> None:
        operations.lapse_offers(dealer=store.dealer, actor=store.actor, now=offer.expires_at)

    acts: list[tuple[str, Any]] = [("accepted", accept), ("accepted", accept), ("lapsed", lapse)]
    acts += [("booked", partial(operations.book, **visit)) for visit in visits]
    threads = [threading.Thread(target=run, args=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with dealer_scope(store.dealer.pk):
        kept = Booking.objects.filter(status="tentative", starts_at=at("10:00", THURSDAY)).count()
        offer.refresh_from_db()
        entry.refresh_from_db()
    assert kept <= 1
    assert outcomes["accepted"] + outcomes["booked"] == kept
    assert (offer.status == "accepted") == (outcomes["accepted"] == 1) == (entry.status == "booked")
    assert sum(outcomes.values()) == 11
