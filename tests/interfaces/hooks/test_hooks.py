"""The providers' door: what proves itself acts, once; what does not is turned away and changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huichang.domains.contacts.models import ChannelAccount, ChannelAddress, Message, ProviderReport, Reply
from huichang.domains.dealers.models import Dealer
from huichang.fakes.inbox import Letter
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.channels.test_signatures import sealed
from tests.factories.messaging import (
    OPENID,
    Clock,
    Person,
    make_account,
    make_person,
    queue,
    running_fakes,
    work,
)
from tests.factories.world import NOW, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def fakes() -> Iterator[Fakes]:
    with running_fakes() as started:
        started.aliyun.skew_seconds = float("inf")
        yield started


@pytest.fixture
def east() -> Dealer:
    return make_world().east


def delivered(east: Dealer, fakes: Fakes, provider: str) -> tuple[ChannelAccount, Person, Letter]:
    """An account, a person, and a message that went out to them."""
    account = make_account(east, provider, fakes)
    person = make_person(east, openid=f"{OPENID}h{east.pk}" if provider == "official" else "")
    clock = Clock(NOW)
    queue(east, person, clock)
    work(east, clock)
    to = f"{OPENID}h{east.pk}" if provider == "official" else person.mobile
    return account, person, fakes.inbox.letters(to=to)[0]


def url(account: ChannelAccount) -> str:
    return reverse("hooks:receive", args=[account.provider, account.hook_key])


def push(account: ChannelAccount, body: Any, query: dict[str, str] | None = None) -> int:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/xml" if isinstance(body, str) else "application/json"
    address = url(account) + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
    return Client().post(address, data=text, content_type=kind).status_code


def status(east: Dealer) -> str:
    with dealer_scope(east.pk):
        return str(Message.objects.latest("pk").status)


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_an_sms_report_delivers_and_a_second_one_changes_nothing(
    east: Dealer, fakes: Fakes, provider: str
) -> None:
    account, _person, letter = delivered(east, fakes, provider)
    body = fakes.providers[provider].report(letter.number, success=True)
    assert [push(account, body), push(account, body)] == [200, 200]
    assert status(east) == "delivered"
    with dealer_scope(east.pk):
        assert ProviderReport.objects.count() == 1


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_a_report_of_another_number_or_message_changes_nothing(
    east: Dealer, fakes: Fakes, provider: str
) -> None:
    account, _person, letter = delivered(east, fakes, provider)
    body = fakes.providers[provider].report(letter.number, success=False)
    assert isinstance(body, list)
    number = "phone_number" if provider == "aliyun" else "mobile"
    ours = "out_id" if provider == "aliyun" else "sid"
    assert push(account, [{**body[0], number: "13911112222"}]) == 200
    assert push(account, [{**body[0], ours: "guessed"}]) == 200
    assert status(east) == "sent"


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_an_unknown_address_is_not_found(east: Dealer, fakes: Fakes, provider: str) -> None:
    account, _person, letter = delivered(east, fakes, provider)
    body = fakes.providers[provider].report(letter.number, success=True)
    account.hook_key = "x" * 43
    assert push(account, body) == 404
    assert status(east) == "sent"


@pytest.mark.parametrize("body", ["", "no json", "[]", "[1]", '[{"a": 1}]', '{"mobile": "1"}'])
def test_what_no_provider_sends_is_refused(east: Dealer, fakes: Fakes, body: str) -> None:
    account = make_account(east, "aliyun", fakes)
    assert Client().post(url(account), data=body, content_type="application/json").status_code == 400


def test_a_reply_t_stops_the_sms(east: Dealer, fakes: Fakes) -> None:
    account, person, letter = delivered(east, fakes, "aliyun")
    body = fakes.aliyun.reply(letter.number, "TD")
    assert [push(account, body), push(account, body)] == [200, 200]
    with dealer_scope(east.pk):
        assert person.customer.opt_outs.get().channel == "sms"
        assert Reply.objects.get().is_stop


def test_a_reply_with_another_signature_is_a_forgery(east: Dealer, fakes: Fakes) -> None:
    account, person, letter = delivered(east, fakes, "aliyun")
    body = [{**fakes.aliyun.reply(letter.number, "TD")[0], "sign_name": "别家店"}]
    assert push(account, body) == 403
    with dealer_scope(east.pk):
        assert not person.customer.opt_outs.exists()


class TestWechat:
    """Signed with the token of the server configuration; fresh; in safe mode sealed, too."""

    def test_the_console_asks_for_its_echo(self, east: Dealer, fakes: Fakes) -> None:
        account = make_account(east, "official", fakes)
        query = fakes.official.signed() | {"echostr": "4711"}
        answer = Client().get(url(account), query)
        assert (answer.status_code, answer.content) == (200, b"4711")
        assert Client().get(url(account), query | {"signature": "0" * 40}).status_code == 403

    def test_delivered(self, east: Dealer, fakes: Fakes) -> None:
        account, _person, letter = delivered(east, fakes, "official")
        assert (
            push(account, fakes.official.report(letter.number, success=True), fakes.official.signed()) == 200
        )
        assert status(east) == "delivered"

    def test_a_forged_or_old_report_changes_nothing(self, east: Dealer, fakes: Fakes) -> None:
        account, _person, letter = delivered(east, fakes, "official")
        body, query = fakes.official.report(letter.number, success=True), fakes.official.signed()
        assert push(account, body, query | {"signature": "0" * 40}) == 403
        assert push(account, body, query | {"nonce": "another"}) == 403
        assert push(account, body) == 403
        old = str(int(time.time()) - 3600)
        from huichang.channels.wechat.callbacks import signature

        stale = {"timestamp": old, "nonce": "n", "signature": signature("demo-official-token", old, "n")}
        assert push(account, body, stale) == 403
        assert status(east) == "sent"

    def test_unfollowing_ends_the_address(self, east: Dealer, fakes: Fakes) -> None:
        account, _person, letter = delivered(east, fakes, "official")
        assert push(account, fakes.official.unfollowed(letter.to), fakes.official.signed()) == 200
        with dealer_scope(east.pk):
            assert ChannelAddress.objects.get().invalid_cause == "unsubscribe"
        fakes.official.strangers.clear()

    def test_safe_mode(self, east: Dealer, fakes: Fakes) -> None:
        from huichang.channels.wechat.callbacks import signature

        account, person, letter = delivered(east, fakes, "official")
        key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
        with dealer_scope(east.pk):
            account.secrets = json.dumps({**json.loads(account.secrets), "aes_key": key})
            account.save()
        closed = sealed(key, fakes.official.reply(letter.number, "退订"), account.options["app_id"])
        query = fakes.official.signed()
        right = signature("demo-official-token", query["timestamp"], query["nonce"], closed).replace("=", "")
        body = f"<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA[{closed}]]></Encrypt></xml>"
        assert push(account, body, query | {"msg_signature": "0" * 40}) == 403
        assert push(account, body, query | {"msg_signature": right}) == 200
        with dealer_scope(east.pk):
            assert person.customer.opt_outs.get().channel == "wechat"


def test_a_mini_program_user_allows_more(east: Dealer, fakes: Fakes) -> None:
    account = make_account(east, "mini", fakes)
    person = make_person(east)
    with dealer_scope(east.pk):
        from huichang.domains.contacts.operations import register_address
        from tests.factories.messaging import ACTOR

        register_address(
            dealer=east,
            customer=person.customer,
            channel="mini",
            address="oMini7",
            proof="订阅",
            actor=ACTOR,
            now=NOW,
        )
    body = json.dumps({
        "FromUserName": "oMini7", "CreateTime": 1, "MsgType": "event", "Event": "subscribe_msg_popup_event",
        "List": [{"TemplateId": "a", "SubscribeStatusString": "accept"}, {"TemplateId": "b", "SubscribeStatusString": "reject"}],
    })  # fmt: skip
    assert [push(account, body, fakes.mini.signed()) for _twice in range(2)] == [200, 200]
    with dealer_scope(east.pk):
        assert ChannelAddress.objects.get(channel="mini").credits == 1


def test_every_provider_that_calls_has_a_door(east: Dealer, fakes: Fakes) -> None:
    account = make_account(east, "smtp", fakes)
    assert push(account, {}) == 404  # mail servers do not call
