"""A store that can send: accounts at the fakes, a customer with every address, and the worker's steps by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from huichang.channels import http
from huichang.domains.contacts import operations, sending
from huichang.domains.contacts.models import ChannelAccount, Message
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.fakes.server import DEMO, Fakes
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import make_car, make_customer

ACTOR = system("tests")
OPENID = "oTestOpenid0000000000000001"
CODE = "SMS_100001"


@contextmanager
def running_fakes() -> Iterator[Fakes]:
    """The providers' servers on this machine, and the environment that leads the demo's accounts to them."""
    fakes = Fakes()
    fakes.start()
    before = os.environ.get("HUICHANG_FAKES")
    os.environ["HUICHANG_FAKES"] = fakes.address
    try:
        yield fakes
    finally:
        if before is None:
            del os.environ["HUICHANG_FAKES"]
        else:
            os.environ["HUICHANG_FAKES"] = before
        forget_connections()
        fakes.stop()


def forget_connections() -> None:
    """Close what the channels keep open to providers, so that the next call connects anew."""
    http.client().close()
    http.client.cache_clear()


def make_account(dealer: Dealer, provider: str, fakes: Fakes, **more: Any) -> ChannelAccount:
    """An account of the fake provider; every template has the code the fake accepts."""
    with dealer_scope(dealer.pk):
        operations.seed_messages(actor=ACTOR)
        given = {**DEMO.get(provider, {})}
        options: dict[str, str] = {
            "is_demo": "1",
            **{k: v for k, v in given.items() if "secret" not in k and "token" not in k},
        }
        hidden = {k: v for k, v in given.items() if "secret" in k or "token" in k}
        if provider == "smtp":
            options = {
                "host": "127.0.0.1",
                "port": str(fakes.mail_port),
                "security": "none",
                "sender": "store@example.com",
            }
        codes = {"aliyun": CODE, "tencent": "1001", "official": "tmpl-1", "mini": "tmpl-2"}
        names = {"booking.confirmed", "booking.changed", "owner.code", "reminder.scheduled_service", "reminder.inspection",
                 "reminder.birthday", "activity.invitation", "booking.cancelled"}  # fmt: skip
        return operations.save_account(
            dealer=dealer, provider=provider, label=provider, options=options, hidden=hidden, actor=ACTOR,
            templates=dict.fromkeys(names, codes.get(provider, "")), **more,
        )  # fmt: skip


@dataclass(slots=True)
class Person:
    """A customer with a mobile, perhaps an openid and an e-mail address, and a car."""

    customer: Customer
    car: Car
    mobile: str


def make_person(dealer: Dealer, *, openid: str = "", email: str = "", **fields: Any) -> Person:
    customer = make_customer(dealer, email=email, **fields)
    car = make_car(dealer, owner=customer)
    with dealer_scope(dealer.pk):
        mobile = customer.phones.get().number
        if openid:
            operations.register_address(
                dealer=dealer, customer=customer, channel="wechat", address=openid, proof="关注公众号", actor=ACTOR,
                now=datetime.fromisoformat("2026-06-01T10:00:00+08:00"),
            )  # fmt: skip
    return Person(customer, car, mobile)


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **given: float) -> datetime:
        self.now += timedelta(**given)
        return self.now


def queue(dealer: Dealer, person: Person, clock: Clock, **given: Any) -> Message:
    """A confirmation in the outbox, or what `given` says."""
    values: dict[str, Any] = {
        "purpose": "booking", "template": "booking.confirmed", "key": "booking:1:confirmed",
        "values": {"time": "6月18日 09:30", "items": "保养", "advisor": "李伟"},
    } | given  # fmt: skip
    with dealer_scope(dealer.pk):
        made: Message = operations.queue_message(
            dealer=dealer, customer=person.customer, car=person.car, actor=ACTOR, now=clock.now, **values
        )
        return made


def work(dealer: Dealer, clock: Clock) -> None:
    """What the worker does in a minute."""
    sending.recover(dealer_id=dealer.pk, clock=clock)
    sending.send_due(dealer_id=dealer.pk, clock=clock)


def statuses(dealer: Dealer) -> list[tuple[str, str, str]]:
    """(channel, status, cause) of every message, in their order."""
    with dealer_scope(dealer.pk):
        return list(Message.objects.order_by("pk").values_list("channel", "status", "cause"))
