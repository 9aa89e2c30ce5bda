"""The choreography: each touch made once, at its time, or skipped with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huichang.domains.appointments import operations, touching
from huichang.domains.appointments.models import Touch
from huichang.domains.appointments.timeline import timeline
from huichang.domains.contacts.models import Message
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import CallTask
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at
from tests.factories.keeping_store import THURSDAY, Keeping
from tests.factories.world import make_opt_out

WEDNESDAY = MONDAY + timedelta(days=2)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def east(quick: Store) -> Keeping:
    return Keeping(quick)


def test_touches_are_made_when_their_time_comes_and_only_once(east: Keeping) -> None:
    customer = east.reachable(east.store.customer())
    booking = east.book(customer=customer)

    assert east.make_due(NOW) == 0
    assert east.make_due(at("08:30", TUESDAY)) == 1  # the store opens: the confirmation call two days before
    assert east.make_due(at("16:00", WEDNESDAY)) == 1
    assert east.make_due(at("16:01", WEDNESDAY)) == 0
    assert east.make_due(at("08:45", THURSDAY)) == 1

    assert east.touches(booking) == {
        "received": "asked", "confirm_call": "asked", "names": "asked", "one_hour": "asked", "arrival": "planned",
    }  # fmt: skip
    names = Message.objects.get(key=f"booking:{booking.pk}:names:0")
    assert (names.values["advisor"], names.values["technician"]) == ("吴倩", "张伟")
    assert names.values["time"] == "2026年11月26日 09:45"
    assert CallTask.objects.get().subject.startswith("确认预约")


def test_a_delivered_message_proves_its_touch_and_a_lost_one_fails_it(east: Keeping) -> None:
    booking = east.book(customer=east.reachable(east.store.customer()))
    touch = Touch.objects.get(booking=booking, kind="received")
    message = Message.objects.get(key=touch.message_key)

    east.do("message_failed", touch=touch)
    assert east.touches(booking)["received"] == "failed"
    east.do("message_arrived", touch=touch, message_id=message.pk)

    assert (touch.status, touch.proof) == ("done", f"message:{message.pk}")


def test_a_customer_who_confirmed_is_not_called_again(east: Keeping) -> None:
    booking = east.book()
    east.do("confirm", booking=booking, by_phone=False)

    assert east.make_due(at("09:00", TUESDAY)) == 0
    assert east.touches(booking)["confirm_call"] == "done"


def test_who_refuses_calls_is_not_called_about_a_booking_either(east: Keeping) -> None:
    customer = east.store.customer()
    called = east.book(customer=customer)
    east.make_due(at("08:30", TUESDAY))
    assert CallTask.objects.get().status == "open"

    make_opt_out(east.store.dealer, customer=customer, purpose="all", channel="phone", recorded_at=NOW)
    assert east.do("heed_refusal", customer_id=customer.pk) == 1

    assert CallTask.objects.get().status == "cancelled"
    assert east.touches(called)["confirm_call"] == "skipped:suppressed"
    assert east.do("heed_refusal", customer_id=customer.pk) == 0


def test_a_call_is_not_even_asked_for_after_a_refusal(east: Keeping) -> None:
    customer = east.store.customer()
    booking = east.book(customer=customer)
    make_opt_out(east.store.dealer, customer=customer, purpose="all", channel="all", recorded_at=NOW)

    east.make_due(at("08:30", TUESDAY))

    assert east.touches(booking)["confirm_call"] == "skipped:suppressed"
    assert not CallTask.objects.exists()


def test_a_call_made_at_the_desk_is_seen_by_its_register_entry(east: Keeping) -> None:
    from huichang.domains.contacts import operations as contacts

    booking = east.book(customer=east.reachable(east.store.customer()))
    east.make_due(at("09:00", TUESDAY))
    task = CallTask.objects.get()
    call = contacts.record_call(
        dealer=east.dealer, customer=booking.customer, number="13900000000", direction="out", task_id=task.pk,
        started_at=at("09:30", TUESDAY), actor=east.actor, now=at("09:31", TUESDAY), asked_for=True,
    )  # fmt: skip
    worklist.finish(task=task, actor=east.actor, now=at("09:31", TUESDAY))

    assert operations.follow_calls(dealer=east.dealer, actor=east.actor, now=at("09:32", TUESDAY)) == 1

    assert Touch.objects.get(booking=booking, kind="confirm_call").proof == f"call:{call.pk}"


def test_nobody_reached_comes_back_later_in_the_day(east: Keeping) -> None:
    booking = east.book(customer=east.reachable(east.store.customer()))
    east.make_due(at("09:00", TUESDAY))

    again = east.do("not_reached", booking=booking, now=at("11:00", TUESDAY))

    task = CallTask.objects.get()
    assert task.ready_at == again > at("11:00", TUESDAY)
    assert task.status == "open"
    assert east.touches(booking)["confirm_call"] == "asked"


def test_the_worker_that_was_down_skips_what_makes_no_sense_any_more(east: Keeping) -> None:
    booking = east.book()

    east.make_due(at("09:50", THURSDAY))

    touches = east.touches(booking)
    assert {touches[kind] for kind in ("confirm_call", "names", "one_hour")} == {"skipped:too_late"}


def test_first_services_are_also_told_by_their_sales_advisor(east: Keeping) -> None:
    booking = east.book(first_service=True)
    east.make_due(at("16:00", WEDNESDAY))
    touch = Touch.objects.get(booking=booking, kind="sales_names")
    assert touch.status == "asked"

    east.do("done_by_person", touch=touch, now=at("16:20", WEDNESDAY))

    assert (touch.status, touch.proof, touch.settled_by) == ("done", "person", "test")


def test_switched_off_touches_say_so(east: Keeping) -> None:
    from huichang.domains.appointments import policies_keeping as rules
    from huichang.domains.dealers import operations as dealers

    dealers.set_policy(
        key=rules.CONFIRM_CALL.key,
        raw="0",
        dealer=east.dealer,
        effective_date=MONDAY,
        actor=east.actor,
        now=NOW,
    )

    assert east.touches(east.book())["confirm_call"] == "skipped:switched_off"


def test_the_time_line_is_in_order_and_names_what_proves_it(east: Keeping) -> None:
    booking = east.book()
    east.do("confirm", booking=booking, now=at("09:00", TUESDAY))

    line = timeline(booking)

    assert [one.at for one in line] == sorted(one.at for one in line)
    proofs = {one.kind: one.proof.split(":")[0] for one in line if one.proof}
    assert proofs["confirm_call"] == "call"


def test_no_touch_is_done_without_proof(east: Keeping) -> None:
    from django.db import IntegrityError, transaction

    touch = Touch.objects.filter(booking=east.book(), kind="arrival")
    with pytest.raises(IntegrityError, match="done_has_proof"), transaction.atomic():
        touch.update(status="done")


def test_an_owner_changes_by_himself_only_so_often_and_not_at_the_last_moment(east: Keeping) -> None:
    booking = east.book()
    for clock in ("11:00", "13:30", "15:00"):
        east.do("change_own", booking=booking, starts_at=at(clock, THURSDAY))
    with pytest.raises(OperationRefused, match="3 次"):
        east.do("change_own", booking=booking, starts_at=at("10:00", THURSDAY))
    with pytest.raises(OperationRefused, match="2 小时"):
        east.do("cancel_own", booking=booking, reason="不来了", now=at("14:00", THURSDAY))


def test_due_touches_never_include_what_people_settle() -> None:
    assert "arrival" not in touching.BY_JOB


def test_a_worker_killed_before_the_commit_has_done_nothing(east: Keeping) -> None:
    from huichang.kernel.scoping import dealer_scope

    booking = east.book(customer=east.reachable(east.store.customer()))
    eve = at("16:00", WEDNESDAY)
    touch = Touch.objects.get(booking=booking, kind="names")
    with pytest.raises(KeyboardInterrupt), dealer_scope(east.dealer.pk):
        operations.make_touch(touch_id=touch.pk, actor=east.actor, now=eve)
        raise KeyboardInterrupt

    assert Touch.objects.get(pk=touch.pk).status == "planned"
    assert not Message.objects.filter(key=f"booking:{booking.pk}:names:0").exists()
    assert operations.make_touch(touch_id=touch.pk, actor=east.actor, now=eve)
    assert not operations.make_touch(touch_id=touch.pk, actor=east.actor, now=eve)
    assert Message.objects.filter(key=f"booking:{booking.pk}:names:0").count() == 1


def test_nobody_is_told_see_you_tomorrow_after_the_part_is_late(east: Keeping) -> None:
    booking = east.book(customer=east.reachable(east.store.customer()))
    east.do("parts_late", booking=booking, part_name="机油滤清器", expected_date=THURSDAY + timedelta(days=2))

    east.make_due(at("16:00", WEDNESDAY))

    assert east.touches(booking)["names"] == "skipped:in_doubt"
    assert not Message.objects.filter(template_name="booking.tomorrow").exists()
