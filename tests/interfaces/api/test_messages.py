"""A program reads what became of messages and puts one more into the outbox, under the same rules as everybody."""

from __future__ import annotations

from typing import Any

import pytest

from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Message
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import make_sms
from tests.factories.world import NOW, World, make_car, make_customer, make_message
from tests.interfaces.api.program import Program

pytestmark = pytest.mark.django_db
ACTOR = system("tests")


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    """A confirmation to a customer of 东区店 who has a mobile."""
    make_sms(world.east)
    with dealer_scope(world.east.pk):
        contacts.seed_messages(actor=ACTOR)
    customer = make_customer(world.east, mobile="13912345678")
    car = make_car(world.east, owner=customer)
    return {
        "key": "order-77", "customer_id": customer.pk, "car_id": car.pk, "template": "booking.changed",
        "values": {"time": "6月18日 09:30", "reason": "配件推迟"},
    }  # fmt: skip


def test_a_message_is_queued_once_and_its_state_is_read(
    world: World, program: Program, body: dict[str, Any]
) -> None:
    made = program.post("/messages", body)
    assert program.status == 201
    assert (made["status"], made["channel"], made["purpose"]) == ("waiting", "sms", "booking")
    assert made["to"] == "139****5678"
    assert "配件推迟" in made["text"]
    assert program.post("/messages", body)["id"] == made["id"]
    with dealer_scope(world.east.pk):
        Message.objects.filter(pk=made["id"]).update(status="failed", cause="refused", provider_code="isv.X")
    now = program.get(f"/messages/{made['id']}")
    assert (now["status"], now["cause"], now["provider_code"]) == ("failed", "refused", "isv.X")
    assert now["cause_text"]
    assert [one["id"] for one in program.get("/messages?status=failed")["items"]] == [made["id"]]
    assert program.get("/messages?status=delivered")["items"] == []


def test_a_refusal_is_answered_with_its_cause(world: World, program: Program, body: dict[str, Any]) -> None:
    from huichang.domains.customers.models import Customer

    with dealer_scope(world.east.pk):
        customer = Customer.objects.get(pk=body["customer_id"])
        contacts.opt_out(customer=customer, reason="不要", actor=ACTOR, now=NOW)
    made = program.post(
        "/messages", body | {"template": "reminder.inspection", "values": {"due_date": "7月1日"}}
    )
    assert (program.status, made["status"], made["cause"]) == (201, "suppressed", "opt_out")


def test_an_offer_cannot_pass_as_a_notice(program: Program, body: dict[str, Any]) -> None:
    """The template decides the purpose: nobody writes advertising without the customer's consent."""
    made = program.post("/messages", body | {"template": "activity.invitation", "values": {"text": "八折"}})
    assert (made["purpose"], made["status"], made["cause"]) == ("activity", "suppressed", "no_consent")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"template": "owner.code"}, 422, ""),
        ({"template": "staff.mail"}, 422, ""),
        ({"template": "booking.nothing"}, 409, "template"),
        ({"values": {"link": "https://evil.example"}}, 422, ""),
        ({"values": {"code": "123456"}}, 422, ""),
        ({"customer_id": 999_999_999}, 409, "customer_id"),
        ({"car_id": 999_999_999}, 409, "car_id"),
        ({"key": ""}, 422, ""),
        ({"purpose": "booking"}, 422, ""),
    ],
)
def test_what_cannot_be_sent_is_refused(
    program: Program, body: dict[str, Any], change: dict[str, Any], status: int, field: str
) -> None:
    program.post("/messages", body | change)
    assert program.refused(status, field), program.last.content


def test_a_token_takes_back_only_what_it_queued_and_only_in_time(
    world: World, program: Program, body: dict[str, Any]
) -> None:
    made = program.post("/messages", body)
    others = make_message(world.east, status="waiting")
    program.post(f"/messages/{others.pk}/cancel", None)
    assert program.refused(404)
    assert program.post(f"/messages/{made['id']}/cancel", None)["status"] == "cancelled"
    program.post(f"/messages/{made['id']}/cancel", None)
    assert program.refused(409)


def test_codes_and_mail_to_staff_are_not_among_them(world: World, program: Program) -> None:
    make_message(world.east, purpose="code", key="c1")
    shown = make_message(world.east, key="shown")
    assert [one["id"] for one in program.get("/messages")["items"]] == [shown.pk]


def test_the_list_is_narrowed(world: World, program: Program) -> None:
    first, second = make_message(world.east, key="one"), make_message(world.east, key="two", channel="wechat")
    assert [one["id"] for one in program.get("/messages?key=one")["items"]] == [first.pk]
    assert [one["id"] for one in program.get("/messages?channel=wechat")["items"]] == [second.pk]
    assert program.get("/messages?created_before=2020-01-01T00:00:00Z")["items"] == []
