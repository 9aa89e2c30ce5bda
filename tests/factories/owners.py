"""Owners on their phones: somebody registered, a browser signed in as them, the code that was sent."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from huichang.domains.contacts.models import ChannelAccount, Message
from huichang.domains.customers.identifiers import id_check
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners import operations
from huichang.domains.owners.limits import limits
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, Proof
from huichang.domains.owners.queries import actor_of_account
from huichang.domains.owners.rights import Right
from huichang.interfaces.portal.requests import SESSION_COOKIE
from huichang.kernel.scoping import dealer_scope, unscoped
from huichang.kernel.sensitive import blind_index
from tests.factories.world import (
    NOW,
    make_advisor,
    make_bay,
    make_car,
    make_customer,
    make_labour,
    make_technician,
)

_numbers = itertools.count(1)


class Clock:
    """The time of requests: NOW, until a test lets it pass."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def passes(self, **delta: int) -> None:
        self.time += timedelta(**delta)


def make_id_number(birthday: str = "19850412") -> str:
    """A new identity number with the right check digit."""
    body = f"310101{birthday}{next(_numbers) % 1000:03d}"
    return body + id_check(body)


def make_owner_car(
    dealer: Dealer, *, id_number: str = "", mobile: str = "", name: str = "李海民", **fields: Any
) -> Car:
    """A car whose owner's identity number is on file: it can be registered."""
    number = id_number or make_id_number()
    owner = make_customer(
        dealer, name=name, mobile=mobile, id_number=number, id_number_index=blind_index(number)
    )
    return make_car(dealer, owner=owner, **fields)


def owner_of_car(car: Car) -> Customer:
    with dealer_scope(car.dealer_id):
        return Customer.objects.get(ownerships__car=car, ownerships__end_date=None, ownerships__bond="owner")


def make_account(mobile: str = "") -> OwnerAccount:
    mobile = mobile or f"159{next(_numbers):08d}"
    return OwnerAccount.objects.create(mobile=mobile, mobile_index=blind_index(mobile), created_at=NOW)


def bind_owner(car: Car, account: OwnerAccount | None = None, *, right: str = Right.OWNER) -> OwnerBinding:
    """The owner of a car (or, with `right`, somebody they invited) has it on the phone."""
    account = account or make_account()
    with dealer_scope(car.dealer_id):
        return operations.bind(
            dealer=car.dealer, account=account, customer=owner_of_car(car), car=car, right=right,
            proof=Proof.IDENTITY if right == Right.OWNER else Proof.INVITED, label="" if right == Right.OWNER else "妻子",
            actor=actor_of_account(account), now=NOW,
        )  # fmt: skip


def phone_of(account: OwnerAccount) -> Client:
    """A browser in which the owner is signed in."""
    client = Client()
    client.cookies[SESSION_COOKIE] = operations.begin_session(
        account=account, device="", bounds=limits(NOW), now=NOW
    )
    return client


def make_sms(dealer: Dealer) -> None:
    """The store has an SMS account, so that codes can go out."""
    with dealer_scope(dealer.pk):
        ChannelAccount.objects.create(
            dealer=dealer, channel="sms", provider="aliyun", label="短信", hook_key=f"hook{next(_numbers)}",
            options={"sign_name": "东区店"}, templates={},
        )  # fmt: skip


def last_code() -> str:
    """The code of the latest message that carries one, as its receiver reads it."""
    with unscoped("the test reads the message as its receiver does"):
        message = Message.objects.filter(purpose="code").order_by("-pk").first()
    assert message is not None, "no code was sent"
    return str(json.loads(message.secret)["code"])


def make_workshop(dealer: Dealer) -> None:
    """A store that can keep a service: one bay, one technician, one advisor, two jobs."""
    make_bay(dealer), make_technician(dealer), make_advisor(dealer, name="吴倩")
    make_labour(dealer, name="定期保养")
    make_labour(dealer, name="故障检测", hours="0.5")
