"""Test drives and talks: with somebody who is free, told and reminded of, given back when called off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import Meeting
from huichang.domains.appointments.operations import SlotTaken, meetings
from huichang.domains.catalog.models import Absence, StaffMember
from huichang.domains.contacts.models import Message
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at
from tests.factories.keeping_store import Keeping


@pytest.fixture
def east(quick: Store) -> Keeping:
    return Keeping(quick)


def arrange(east: Keeping, **given: Any) -> Meeting:
    about: dict[str, Any] = {
        "customer": given.pop("customer", None) or east.store.customer(), "kind": "test_drive", "minutes": 60,
        "starts_at": at("10:00"), "staff": StaffMember.objects.get(duty="advisor"), "subject": "探险者",
    }  # fmt: skip
    return meetings.arrange(dealer=east.dealer, actor=east.actor, **{"now": NOW, **about, **given})


def test_the_customer_is_told_and_reminded_an_hour_before(east: Keeping) -> None:
    customer = east.reachable(east.store.customer())

    arrange(east, customer=customer)

    told, reminder = Message.objects.order_by("pk")
    assert (told.template_name, reminder.template_name) == ("meeting.arranged", "meeting.reminder")
    assert reminder.planned_for == at("09:00")
    assert "2026年11月23日 10:00:试驾 探险者" in told.body


def test_the_person_is_not_booked_meanwhile_and_the_other_way_round(east: Keeping) -> None:
    small = east.store.labour("补气", "快保", "0.2")
    arrange(east)
    found = queries.offers(dealer=east.dealer, labour_ids=[small.pk], now=NOW, wanted=at("10:30"))
    assert found.wanted_slot is not None
    assert not found.wanted_slot.is_free  # the only advisor is on the road
    with pytest.raises(SlotTaken):
        operations.book(**east.store.visit(small, clock="10:30"))

    operations.book(**east.store.visit(small, clock="14:00"))
    with pytest.raises(OperationRefused, match="吴倩 那时不空") as refused:
        arrange(east, starts_at=at("13:30"))
    assert refused.value.field == "staff"


@pytest.mark.parametrize(
    ("given", "field"),
    [({"starts_at": at("07:00")}, "starts_at"), ({"minutes": 5}, "minutes"), ({"minutes": 900}, "minutes")],
)
def test_what_cannot_be_is_refused_at_its_field(east: Keeping, given: dict[str, Any], field: str) -> None:
    with pytest.raises(OperationRefused) as refused:
        arrange(east, **given)
    assert refused.value.field == field
    assert not Meeting.objects.exists()


def test_called_off_the_time_is_free_and_no_reminder_goes(east: Keeping) -> None:
    customer = east.reachable(east.store.customer())
    meeting = arrange(east, customer=customer, starts_at=at("10:00", MONDAY + timedelta(days=1)))
    given: dict[str, Any] = {"meeting": meeting, "actor": east.actor, "now": NOW}
    with pytest.raises(OperationRefused, match="写明取消的原因"):
        meetings.close(outcome="cancelled", **given)
    with pytest.raises(OperationRefused, match="还没到约好的时间"):
        meetings.close(outcome="kept", **given)

    meetings.close(outcome="cancelled", reason="试驾车送修", **given)

    assert not Absence.objects.exists()
    states = dict(Message.objects.values_list("template_name", "status"))
    assert (states["meeting.reminder"], "meeting.cancelled" in states) == ("cancelled", True)
    with pytest.raises(TransitionRefused):
        meetings.close(outcome="cancelled", reason="再取消", **given)


def test_who_comes_late_after_all_is_counted_as_kept(east: Keeping) -> None:
    meeting = arrange(east)
    meetings.close(meeting=meeting, outcome="missed", actor=east.actor, now=at("10:20"))
    assert Absence.objects.get().ends_at == at("10:20")  # free again at once
    meetings.close(meeting=meeting, outcome="kept", actor=east.actor, now=at("10:40"))
    assert Meeting.objects.get().status == "kept"
