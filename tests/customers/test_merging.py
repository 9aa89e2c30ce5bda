"""Two records of one customer become one: everything follows, nothing is lost, the stricter wish holds."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.apps import apps
from django.db.models import ForeignKey, UniqueConstraint

from huichang.domains.appointments.models import Booking
from huichang.domains.complaints.models import Complaint
from huichang.domains.contacts.models import Call, ChannelAddress, Consent, ContactPreference, OptOut
from huichang.domains.customers import operations as do
from huichang.domains.customers.events import CustomersMerged
from huichang.domains.customers.merging import references
from huichang.domains.customers.models import (
    Customer,
    CustomerMerge,
    CustomerPhone,
    CustomerTag,
    Ownership,
)
from huichang.domains.customers.operations import Phone
from huichang.domains.customers.subscribers import gather_late_rows
from huichang.domains.intake.models import RecordToDo
from huichang.domains.reminders import batch
from huichang.domains.reminders.models import Case, CaseStatus, CloseCause, Due
from huichang.domains.worklist.models import CallTask
from huichang.domains.workshop.models import ServiceOrder
from huichang.kernel.actors import Actor
from huichang.kernel.audit import history
from huichang.kernel.operations import OperationRefused
from huichang.kernel.sensitive import blind_index
from tests.factories.merging import merge
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    make_booking,
    make_call,
    make_car,
    make_case,
    make_complaint,
    make_customer,
    make_message,
    make_opt_out,
    make_order,
)

pytestmark = pytest.mark.django_db
ID, OTHER_ID = "11010519491231002X", "440524188001010014"


# --- everything follows ---------------------------------------------------------------------------------------


def test_everything_follows_and_the_merge_says_what_moved(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    car = make_car(world.east, owner=dropped)
    order, booking = make_order(world.east, car=car), make_booking(world.east, car=car)
    call, complaint = make_call(world.east, car=car), make_complaint(world.east, car=car)
    refusal, case = make_opt_out(world.east, customer=dropped), make_case(world.east, car=car)
    message = make_message(world.east, customer=dropped)
    made = merge(kept, dropped, wang)
    for model in (ServiceOrder, Booking, Call, Complaint, OptOut, Case, CallTask, Due):
        assert set(model.objects.values_list("customer_id", flat=True)) == {kept.pk}, model
    assert Ownership.objects.get(car=car).customer_id == kept.pk
    assert made.moved["workshop_serviceorder.customer_id"] == [order.pk]
    assert made.moved["appointments_booking.customer_id"] == [booking.pk]
    assert made.moved["contacts_call.customer_id"] == [call.pk]
    assert made.moved["complaints_complaint.customer_id"] == [complaint.pk]
    assert made.moved["contacts_optout.customer_id"] == [refusal.pk]
    assert made.moved["contacts_message.customer_id"] == [message.pk]
    assert made.moved["reminders_case.customer_id"] == [case.pk]
    dropped.refresh_from_db()
    assert dropped.merged_into_id == kept.pk


def test_no_row_of_any_table_is_left_behind(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    car = make_car(world.east, owner=dropped)
    make_order(world.east, car=car)
    make_case(world.east, car=car)
    merge(kept, dropped, wang)
    for model, field in references():
        assert not model.objects.filter(**{field.name: dropped}).exists(), f"{model.__name__}.{field.name}"


def test_every_constraint_that_names_a_customer_has_a_rule() -> None:
    """A new one must say here which rule of `CUSTOMER_MERGE_RULES` makes room for it (ADR 9)."""
    settled = {
        "CustomerPhone": "customers: the same number is one", "CustomerTag": "customers: the same tag is one",
        "Ownership": "customers: the same bond is one", "ContactPreference": "contacts.merging.join_preferences",
        "ChannelAddress": "contacts.merging.join_addresses",
        "Consent": "contacts.merging.join_consents",
        "Case": "reminders.merging.join_cases", "PrivacyRequest": "owners.merging.join_requests",
    }  # fmt: skip
    found = set()
    for model, field in references():
        together = [set(c.fields) for c in model._meta.constraints if isinstance(c, UniqueConstraint)]
        if field.unique or any(field.name in names for names in together):
            found.add(model.__name__)
    assert found == set(settled)


def test_references_are_all_the_keys_there_are() -> None:
    pointing = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and field.related_model is Customer
    }
    staying = {name for name in pointing if name.startswith("customers_customer.")} | {
        "customers_customermerge.kept_id", "customers_customermerge.dropped_id",
        "customers_knownapart.first_id", "customers_knownapart.second_id",
    }  # fmt: skip
    assert {f"{model._meta.db_table}.{field.column}" for model, field in references()} == pointing - staying


def test_a_row_written_in_the_very_moment_follows_with_the_event(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    merge(kept, dropped, wang)
    late = make_opt_out(world.east, customer=dropped)
    gather_late_rows(CustomersMerged(world.east.pk, kept.pk, dropped.pk))
    late.refresh_from_db()
    assert late.customer_id == kept.pk


# --- values ---------------------------------------------------------------------------------------------------


def test_blanks_are_filled_and_chosen_values_taken_over(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    do.edit_customer(
        customer=dropped,
        facts={"name": "周建國", "workplace": "长安汽车", "address": "江北区", "remark": "爱喝茶"},
        actor=wang,
    )
    do.edit_customer(customer=kept, facts={"remark": "怕冷"}, actor=wang)
    made = merge(kept, dropped, wang, taken=("name",))
    kept.refresh_from_db()
    assert "id_number" not in history([kept])[0].changes
    assert (kept.name, kept.workplace, kept.address) == ("周建國", "长安汽车", "渝北区")
    assert kept.remark == "怕冷\n爱喝茶"
    assert made.chosen == ["name", "workplace", "remark"]
    assert ["周建国", "周建國"] in [change.changes.get("name") for change in history([kept])]


def test_the_replaced_identity_number_is_kept_encrypted(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    do.edit_customer(customer=kept, facts={}, id_number=OTHER_ID, actor=wang)
    do.edit_customer(customer=dropped, facts={}, id_number=ID, actor=wang)
    made = merge(kept, dropped, wang, taken=("id_number",))
    kept.refresh_from_db()
    assert (kept.id_number, kept.id_number_index) == (ID, blind_index(ID))
    assert CustomerMerge.objects.get(pk=made.pk).replaced_id_number == OTHER_ID
    assert OTHER_ID not in str([change.changes for change in history([kept, made])])


def test_confirmed_data_are_asked_again(world: World, kept: Customer, dropped: Customer, wang: Actor) -> None:
    do.confirm_facts(customer=kept, actor=wang, now=NOW)
    merge(kept, dropped, wang)
    kept.refresh_from_db()
    assert kept.confirmed_at is None


# --- what may exist only once -----------------------------------------------------------------------------------


def test_the_same_number_twice_is_one_and_wrong_when_either_was(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    do.edit_customer(
        customer=dropped, facts={}, phones=[Phone("13912344418"), Phone("02367818800")], actor=wang
    )
    do.mark_phone(
        phone=CustomerPhone.objects.get(customer=dropped, number="13912344418"), is_wrong=True, actor=wang
    )
    merge(kept, dropped, wang)
    found = CustomerPhone.objects.filter(customer=kept).order_by("number")
    assert list(found.values_list("number", "is_primary", "is_wrong")) == [
        ("02367818800", True, False),
        ("13912344418", False, True),
    ]


def test_the_number_to_dial_first_is_the_one_chosen(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    merge(kept, dropped, wang, first_phone="13800000001")
    assert CustomerPhone.objects.get(customer=kept, is_primary=True).number == "13800000001"


def test_one_bond_to_one_car_since_the_earlier_day(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    car = make_car(world.east, owner=make_customer(world.east))
    do.bind(car=car, customer=kept, bond="driver", since=date(2025, 1, 1), actor=wang)
    do.bind(car=car, customer=dropped, bond="driver", since=date(2024, 1, 1), actor=wang)
    merge(kept, dropped, wang)
    bond = Ownership.objects.get(car=car, bond="driver")
    assert (bond.customer_id, bond.start_date) == (kept.pk, date(2024, 1, 1))


def test_the_same_tag_is_one(world: World, kept: Customer, dropped: Customer, wang: Actor) -> None:
    do.set_tags(customer=kept, names=["大客户"], actor=wang)
    do.set_tags(customer=dropped, names=["大客户", "爱喝茶"], actor=wang)
    merge(kept, dropped, wang)
    assert CustomerTag.objects.filter(customer=kept).count() == 2


def test_two_preferences_become_one_and_the_other_hours_stand_in_its_note(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    for customer, hour, note in ((kept, 12, "午休"), (dropped, 18, "晚饭")):
        ContactPreference.objects.create(
            dealer=world.east, customer=customer, avoid_from=time(hour), avoid_until=time(hour + 1), note=note
        )
    merge(kept, dropped, wang)
    one = ContactPreference.objects.get()
    assert (one.customer_id, one.avoid_from) == (kept.pk, time(12))
    assert one.note == "午休; 晚饭; 18:00–19:00 ✕"


def test_the_same_address_is_one_with_the_credits_of_both(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    for customer, index, number, invalid in (
        (kept, "a", 1, None),
        (dropped, "a", 2, NOW),
        (dropped, "b", 0, None),
    ):
        ChannelAddress.objects.create(
            dealer=world.east, customer=customer, channel="wechat", address="openid", address_index=index,
            proof="扫码", credits=number, verified_at=NOW, invalid_since=invalid,
        )  # fmt: skip
    merge(kept, dropped, wang)
    found = ChannelAddress.objects.filter(customer=kept).order_by("address_index")
    assert list(found.values_list("address_index", "credits", "invalid_since")) == [
        ("a", 3, NOW),
        ("b", 0, None),
    ]


@pytest.mark.parametrize(("withdrawn_after", "stands"), [(None, True), (5, False), (-5, True)])
def test_the_last_word_on_a_consent_counts(
    world: World, kept: Customer, dropped: Customer, wang: Actor, withdrawn_after: int | None, stands: bool
) -> None:
    """`withdrawn_after`: days from the kept record's consent to the other's withdrawal."""
    given = NOW - timedelta(days=30)
    for customer in (kept, dropped):
        is_withdrawn = customer == dropped and withdrawn_after is not None
        Consent.objects.create(
            dealer=world.east, customer=customer, purpose="service", channel="sms", proof="短信回复",
            given_at=given - timedelta(days=10 if is_withdrawn else 0),
            withdrawn_at=given + timedelta(days=withdrawn_after or 0) if is_withdrawn else None,
        )  # fmt: skip
    merge(kept, dropped, wang)
    assert Consent.objects.filter(customer=kept).count() == 2
    assert Consent.objects.filter(customer=kept, withdrawn_at=None).exists() == stands


def test_the_stricter_refusal_holds_for_all_cars(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    make_car(world.east, owner=kept)
    make_opt_out(world.east, customer=dropped, purpose="all", channel="phone")
    merge(kept, dropped, wang)
    assert OptOut.objects.get(customer=kept, lifted_at=None).purpose == "all"


def test_two_open_cases_become_one_with_all_reasons_and_the_earlier_days(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    stays = make_case(world.east, car=make_car(world.east, owner=kept), due_date=TODAY + timedelta(days=20))
    goes = make_case(world.east, car=make_car(world.east, owner=dropped), due_date=TODAY + timedelta(days=5))
    merge(kept, dropped, wang)
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.status, stays.due_date, stays.car_id) == (
        CaseStatus.OPEN,
        TODAY + timedelta(days=5),
        goes.car_id,
    )
    assert stays.reasons.filter(status="open").count() == 2
    assert (goes.status, goes.close_cause, goes.closed_on) == (CaseStatus.CLOSED, CloseCause.MERGED, TODAY)
    statuses = CallTask.objects.order_by("source_id").values_list("source_id", "status")
    assert dict(statuses) == {stays.pk: "open", goes.pk: "cancelled"}


def test_of_two_cases_the_booked_one_stays_and_both_bookings_stand(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    open_case = make_case(world.east, car=make_car(world.east, owner=kept))
    car = make_car(world.east, owner=dropped)
    booked = make_case(world.east, car=car, status="booked", booking=make_booking(world.east, car=car))
    other = make_booking(world.east, car=open_case.car)
    merge(kept, dropped, wang)
    booked.refresh_from_db()
    open_case.refresh_from_db()
    assert (booked.status, open_case.status) == (CaseStatus.BOOKED, CaseStatus.CLOSED)
    assert booked.customer_id == kept.pk
    assert set(Booking.objects.values_list("pk", "status")) == {
        (booked.booking_id, "tentative"),
        (other.pk, "tentative"),
    }


def test_a_run_after_the_merge_leaves_one_open_case(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    for customer in (kept, dropped):
        make_car(world.east, owner=customer, sale_date=TODAY - timedelta(days=170))
    area = {"actor": wang, "as_of": TODAY, "dealers": [world.east], "now": NOW}
    batch.run(**area)  # type: ignore[arg-type]
    before = Case.objects.filter(status__in=("open", "booked")).count()
    merge(kept, dropped, wang)
    batch.run(**area)  # type: ignore[arg-type]
    assert before == 2
    assert Case.objects.get(status__in=("open", "booked")).customer_id == kept.pk
    assert not Due.objects.filter(customer=dropped).exists()


def test_a_conversation_is_not_taken_from_under_an_agent(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    case = make_case(world.east, car=make_car(world.east, owner=dropped))
    CallTask.objects.filter(source_id=case.pk).update(
        claimed_by=world.li, claimed_until=NOW + timedelta(minutes=5)
    )
    with pytest.raises(OperationRefused, match="李伟"):
        merge(kept, dropped, wang)
    dropped.refresh_from_db()
    assert dropped.merged_into_id is None
    assert not CustomerMerge.objects.exists()


def test_todos_of_an_import_follow_and_the_same_cell_is_one(
    world: World, kept: Customer, dropped: Customer, wang: Actor
) -> None:
    for customer, cell in ((kept, "a"), (dropped, "a"), (dropped, "b")):
        RecordToDo.objects.create(
            dealer=world.east, record="customer", record_id=customer.pk, field="mobile", value_index=cell,
            code="mobile_length", created_at=NOW,
        )  # fmt: skip
    merge(kept, dropped, wang)
    cells = RecordToDo.objects.filter(record_id=kept.pk).order_by("value_index")
    assert list(cells.values_list("value_index", flat=True)) == ["a", "b"]
    assert RecordToDo.objects.count() == 2
