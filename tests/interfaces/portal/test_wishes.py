"""What owners choose to hear about and ask about their data: effective at once, with proof, lifted only by themselves."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

import pytest
from django.test import Client

from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Consent, ContactPreference, Message, OptOut
from huichang.domains.contacts.purposes import purpose_of
from huichang.domains.customers.models import Customer
from huichang.domains.owners.models import OwnerBinding, PrivacyRequest
from huichang.domains.owners.rights import Right
from huichang.kernel.actors import system
from huichang.kernel.models import StatusChange
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import bind_owner, make_account, make_owner_car, owner_of_car, phone_of
from tests.factories.world import NOW, World, make_due, make_order

pytestmark = pytest.mark.django_db
ACTOR = system("tests")


class Owner:
    """Somebody with a car, a mobile and an e-mail address, on the phone."""

    def __init__(self, world: World) -> None:
        self.dealer = world.east
        self.car = make_owner_car(world.east, mobile="13812345678")
        self.binding = bind_owner(self.car)
        self.client = phone_of(self.binding.account)
        self.at = f"/m/cars/{self.binding.pk}"
        self.customer = owner_of_car(self.car)

    def checked(self) -> set[str]:
        """The switches that the page shows as on."""
        page = self.client.get(f"{self.at}/messages").content.decode()
        return {
            part.split('"')[0]
            for part in page.split('name="on" value="')[1:]
            if " checked" in part.split(">")[0]
        }

    def save(self, *on: str) -> Any:
        return self.client.post(f"{self.at}/messages", {"on": on})

    def told(self, purpose: str, template: str, key: str) -> tuple[str, str]:
        """The status and cause of a message that the store wants to send now."""
        with dealer_scope(self.dealer.pk):
            made = contacts.queue_message(
                dealer=self.dealer, customer=self.customer, car=self.car, purpose=purpose, template=template,
                values={"due_date": "7月1日", "items": "保养", "text": "x", "time": "6月18日 09:30"}, key=key, actor=ACTOR,
                now=NOW,
            )  # fmt: skip
            return made.status, made.cause

    def refusals(self) -> list[tuple[str, str, bool]]:
        with dealer_scope(self.dealer.pk):
            rows = OptOut.objects.filter(lifted_at=None).order_by("purpose", "channel")
            return [(one.purpose, one.channel, one.car_id is not None) for one in rows]


@pytest.fixture
def owner(world: World) -> Owner:
    with dealer_scope(world.east.pk):
        contacts.seed_messages(actor=ACTOR)
    return Owner(world)


def test_reminders_are_on_and_offers_are_off_until_the_owner_says_so(owner: Owner) -> None:
    on = owner.checked()
    assert {"service.phone", "service.sms", "insurance.sms", "winback.phone"} <= on
    assert not {"activity.sms", "winback.sms", "birthday.sms"} & on


def test_a_switch_turned_off_stops_messages_at_once_and_keeps_the_proof(owner: Owner) -> None:
    assert owner.told("scheduled_service", "reminder.scheduled_service", "before")[0] == "waiting"
    assert owner.save(*(owner.checked() - {"service.sms"})).status_code == 302
    assert owner.refusals() == [("service", "sms", True)]
    assert owner.told("scheduled_service", "reminder.scheduled_service", "after") == ("suppressed", "opt_out")
    assert "service.sms" not in owner.checked()
    with dealer_scope(owner.dealer.pk):
        assert "车主本人在手机上(159****" in OptOut.objects.get().reason


def test_the_other_car_of_the_same_owner_is_still_reminded(owner: Owner) -> None:
    owner.save(*(owner.checked() - {"service.sms"}))
    with dealer_scope(owner.dealer.pk):
        assert OptOut.objects.get().car_id == owner.car.pk


def test_a_subject_turned_off_in_every_way_ends_it_and_leaves_the_page_of_the_car(owner: Owner) -> None:
    make_due(owner.dealer, car=owner.car, customer=owner.customer, kind="compulsory_insurance")
    assert "交强险" in owner.client.get(owner.at).content.decode()
    owner.save(*(one for one in owner.checked() if not one.startswith("insurance.")))
    assert owner.refusals() == [("insurance", "all", True)]
    assert "交强险" not in owner.client.get(owner.at).content.decode()
    owner.save(*owner.checked(), "insurance.sms")
    assert owner.refusals() == [("insurance", "phone", True)]


def test_offers_begin_with_a_consent_that_is_proved_and_end_with_its_withdrawal(owner: Owner) -> None:
    assert owner.told("activity", "activity.invitation", "one") == ("suppressed", "no_consent")
    owner.save(*owner.checked(), "activity.sms")
    with dealer_scope(owner.dealer.pk):
        consent = Consent.objects.get()
    assert (consent.purpose, consent.channel) == ("activity", "sms")
    assert "说明版本" in consent.proof
    assert owner.told("activity", "activity.invitation", "two")[0] == "waiting"
    owner.save(*(owner.checked() - {"activity.sms"}))
    with dealer_scope(owner.dealer.pk):
        assert Consent.objects.get().withdrawn_at == NOW
    assert owner.told("activity", "activity.invitation", "three")[0] == "suppressed"


def test_saving_what_is_there_changes_nothing(owner: Owner) -> None:
    owner.save(*owner.checked())
    assert owner.refusals() == []
    with dealer_scope(owner.dealer.pk):
        assert not Consent.objects.exists()


def test_what_the_owner_asked_for_is_told_all_the_same(owner: Owner) -> None:
    owner.client.post(f"{owner.at}/messages", {"none": "1"})
    assert owner.refusals() == [("all", "all", False)]
    assert owner.told("scheduled_service", "reminder.scheduled_service", "r")[0] == "suppressed"
    assert owner.told("booking", "booking.confirmed", "b")[0] == "waiting"


def test_a_general_refusal_is_shown_and_lifted_by_the_owner_alone(world: World, owner: Owner) -> None:
    with dealer_scope(owner.dealer.pk):
        row = contacts.opt_out(
            customer=owner.customer, reason="别再打电话", channel="phone", actor=ACTOR, now=NOW
        )
    page = owner.client.get(f"{owner.at}/messages").content.decode()
    assert "别再打电话" in page
    assert 'value="service.phone" disabled' in page
    stranger = phone_of(bind_owner(make_owner_car(world.east)).account)
    assert stranger.post(f"{owner.at}/messages/resume/{row.pk}").status_code == 404
    other = bind_owner(make_owner_car(world.east))
    phone_of(other.account).post(f"/m/cars/{other.pk}/messages/resume/{row.pk}")
    assert owner.refusals() == [("all", "phone", False)]
    owner.client.post(f"{owner.at}/messages/resume/{row.pk}")
    assert owner.refusals() == []
    with dealer_scope(owner.dealer.pk):
        assert "车主本人" in OptOut.objects.get().lifted_how


def test_a_switch_under_a_general_refusal_cannot_be_turned_by_a_forged_form(owner: Owner) -> None:
    with dealer_scope(owner.dealer.pk):
        contacts.opt_out(customer=owner.customer, reason="退订", channel="sms", actor=ACTOR, now=NOW)
    owner.save(*owner.checked(), "service.sms", "nonsense", "service.nothing")
    assert owner.told("scheduled_service", "reminder.scheduled_service", "r") == ("suppressed", "opt_out")


def test_a_driver_neither_sees_nor_changes_the_owners_wishes_and_data(owner: Owner) -> None:
    driver = bind_owner(owner.car, make_account(), right=Right.DRIVER)
    client = phone_of(driver.account)
    for path in ("messages", "data", "data/copy"):
        assert client.get(f"/m/cars/{driver.pk}/{path}").status_code == 403, path
    assert "消息设置" not in client.get(f"/m/cars/{driver.pk}").content.decode()


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [
        ({"avoid_from": "12:00", "avoid_until": "13:30"}, 302, (time(12), time(13, 30))),
        ({"avoid_from": "", "avoid_until": ""}, 302, (None, None)),
        ({"avoid_from": "12:00", "avoid_until": ""}, 422, None),
        ({"avoid_from": "noon", "avoid_until": "13:30"}, 422, None),
    ],
)
def test_when_not_to_call(owner: Owner, typed: dict[str, str], status: int, kept: Any) -> None:
    assert owner.client.post(f"{owner.at}/messages/quiet", typed).status_code == status
    with dealer_scope(owner.dealer.pk):
        rows = [(one.avoid_from, one.avoid_until) for one in ContactPreference.objects.all()]
    assert rows == ([kept] if kept else [])


def test_messages_speak_the_language_chosen_on_the_phone(owner: Owner) -> None:
    owner.client.post("/m/language", {"language": "en", "next": "/m/me"})
    owner.told("scheduled_service", "reminder.scheduled_service", "en")
    with dealer_scope(owner.dealer.pk):
        message = Message.objects.get(key="en")
    assert message.language == "en"
    assert "07-01" in message.body
    assert "月" not in message.body


class TestData:
    """A copy to take away; a correction or an erasure to ask for."""

    def test_the_copy_holds_what_is_the_owners_and_nothing_of_another(
        self, world: World, owner: Owner
    ) -> None:
        make_order(owner.dealer, car=owner.car, customer=owner.customer, number="A-1")
        other = make_owner_car(world.east, name="别人")
        owner.told("booking", "booking.confirmed", "mine")
        with dealer_scope(owner.dealer.pk):
            contacts.queue_message(
                dealer=owner.dealer, customer=owner_of_car(other), car=other, purpose="booking",
                template="booking.confirmed", values={"time": "x", "items": "y"}, key="not-mine", actor=ACTOR, now=NOW,
            )  # fmt: skip
        answer = owner.client.get(f"{owner.at}/data/copy?as=json")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        found = json.loads(answer.content)
        assert found["person"][0]["phones"] == "138****5678"
        assert [one["number"] for one in found["visits"]] == ["A-1"]
        assert len(found["messages"]) == 1
        assert "别人" not in answer.content.decode()
        page = owner.client.get(f"{owner.at}/data/copy").content.decode()
        assert "A-1" in page

    def test_a_code_is_not_told_again(self, owner: Owner) -> None:
        Client().post("/m/sign-in", {"mobile": "13812345678"})
        assert "验证码" not in owner.client.get(f"{owner.at}/data/copy?as=json").content.decode()

    def test_an_erasure_is_asked_for_once_and_can_be_taken_back(self, owner: Owner) -> None:
        for _time in range(2):
            assert owner.client.post(f"{owner.at}/data", {"kind": "erase", "text": ""}).status_code == 302
        with dealer_scope(owner.dealer.pk):
            asked = PrivacyRequest.objects.get()
        assert "待办理" in owner.client.get(f"{owner.at}/data").content.decode()
        owner.client.post(f"{owner.at}/data/{asked.pk}/back")
        with dealer_scope(owner.dealer.pk):
            assert PrivacyRequest.objects.get().status == "withdrawn"
            assert StatusChange.objects.filter(table_name="owners_privacyrequest").count() == 2

    def test_a_correction_says_what_is_wrong(self, owner: Owner) -> None:
        answer = owner.client.post(f"{owner.at}/data", {"kind": "correct", "text": " "})
        assert answer.status_code == 422
        assert "哪里不对" in answer.content.decode()

    def test_anothers_request_cannot_be_taken_back(self, world: World, owner: Owner) -> None:
        owner.client.post(f"{owner.at}/data", {"kind": "erase"})
        with dealer_scope(owner.dealer.pk):
            asked = PrivacyRequest.objects.get()
        other = bind_owner(make_owner_car(world.east))
        phone_of(other.account).post(f"/m/cars/{other.pk}/data/{asked.pk}/back")
        with dealer_scope(owner.dealer.pk):
            assert PrivacyRequest.objects.get().status == "open"


def test_every_reminder_has_a_switch(owner: Owner) -> None:
    """A purpose that is declared later does not escape the owner's page."""
    from huichang.domains.contacts.purposes import PURPOSES
    from huichang.domains.owners.wishes import NAMES

    groups = {one.group for one in PURPOSES.values() if one.counts}
    assert groups == set(NAMES)
    assert purpose_of("booking").group not in NAMES


def test_granting_an_erasure_forgets_what_no_law_keeps(owner: Owner) -> None:
    from huichang.domains.owners import operations

    with dealer_scope(owner.dealer.pk):
        Customer.objects.filter(pk=owner.customer.pk).update(email="li@example.com", remark="好说话")
        contacts.register_address(
            dealer=owner.dealer,
            customer=owner.customer,
            channel="wechat",
            address="oX",
            proof="关注",
            actor=ACTOR,
            now=NOW,
        )
    owner.client.post(f"{owner.at}/data", {"kind": "erase"})
    with dealer_scope(owner.dealer.pk):
        asked = PrivacyRequest.objects.select_related("customer", "dealer").get()
        operations.answer_privacy(
            request=asked,
            is_done=True,
            answer="已删除,维修档案依法保存",
            last_visit=NOW.date(),
            actor=ACTOR,
            now=NOW,
        )
        customer = Customer.objects.get(pk=owner.customer.pk)
        assert (customer.email, customer.remark, customer.birthday, customer.id_number) == ("", "", None, "")
        assert customer.name == "李海民"
        assert not customer.channel_addresses.exists()
        assert asked.kept_until is not None
        assert asked.kept_until.year == NOW.year + 6
        assert not OwnerBinding.objects.filter(customer=customer, ended_at=None).exists()
    assert owner.told("scheduled_service", "reminder.scheduled_service", "x") == ("suppressed", "opt_out")
    assert owner.client.get(owner.at).status_code == 404
