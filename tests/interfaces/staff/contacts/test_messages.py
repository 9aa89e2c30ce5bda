"""The register of messages, templates, channels, letters, consent: what a person of the store does with them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huichang.domains.contacts import operations, sending
from huichang.domains.contacts.models import ChannelAccount, ChannelRule, Consent, Message, MessageTemplate
from huichang.domains.contacts.rendering import faults, segments
from huichang.domains.contacts.texts import seeds
from huichang.fakes.inbox import Trouble
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import (
    ACTOR,
    Clock,
    Person,
    make_account,
    make_person,
    queue,
    running_fakes,
    work,
)
from tests.factories.world import NOW, World, make_message, make_world, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def fakes() -> Iterator[Fakes]:
    with running_fakes() as started:
        started.aliyun.skew_seconds = float("inf")
        yield started


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def wang(world: World) -> Client:
    return signed_in(world.wang)


def text(response: Any) -> str:
    return str(response.content.decode())


def failed_message(world: World, fakes: Fakes) -> tuple[Message, Person, Clock]:
    make_account(world.east, "aliyun", fakes)
    person, clock = make_person(world.east, name="周建国"), Clock(NOW)
    message = queue(world.east, person, clock)
    fakes.inbox.plan("aliyun", Trouble(code="isv.AMOUNT_NOT_ENOUGH", times=1))
    work(world.east, clock)
    return message, person, clock


class TestRegister:
    def test_a_failed_message_says_why_and_is_sent_again(
        self, world: World, wang: Client, fakes: Fakes
    ) -> None:
        message, person, clock = failed_message(world, fakes)
        listed = text(wang.get("/messages?first=2026-01-01&status=failed"))
        assert "周建国" in listed
        assert "服务商退回" in listed
        assert "isv.AMOUNT_NOT_ENOUGH" in listed
        assert person.mobile not in listed  # masked everywhere
        page = text(wang.get(f"/messages/{message.pk}"))
        assert "再发一次" in page
        assert person.mobile not in page
        wang.post(f"/messages/{message.pk}/again", {"reason": "已充值"})
        sending.send_due(dealer_id=world.east.pk, clock=lambda: clock.forward(days=400))
        assert len(fakes.inbox.letters(to=person.mobile)) == 1

    def test_who_may_only_see_cannot_send_again(self, world: World, fakes: Fakes) -> None:
        message, _person, _clock = failed_message(world, fakes)
        li = signed_in(world.li)
        assert "再发一次" not in text(li.get(f"/messages/{message.pk}"))
        assert li.post(f"/messages/{message.pk}/again").status_code == 403

    def test_another_store_sees_nothing(self, world: World, fakes: Fakes) -> None:
        message, _person, _clock = failed_message(world, fakes)
        zhao = signed_in(world.zhao)
        assert "周建国" not in text(zhao.get("/messages?first=2026-01-01"))
        assert zhao.get(f"/messages/{message.pk}").status_code == 404

    @pytest.mark.parametrize("rows", [1, 3])
    def test_more_rows_need_no_more_queries(self, world: World, wang: Client, rows: int) -> None:
        wang.get("/messages")
        counts = []
        for _step in range(2):
            for _number in range(rows):
                make_message(world.east)
            with CaptureQueriesContext(connection) as queries:
                wang.get("/messages?first=2026-01-01")
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestTemplates:
    def test_every_template_of_the_start_passes_its_own_check(self) -> None:
        wrong = [
            (seed.name, seed.channel, seed.language, text)
            for seed in seeds()
            for _field, text in faults(
                channel=seed.channel, subject=seed.subject, body=seed.body, fields=dict(seed.fields)
            )
        ]
        assert wrong == []

    def test_saving_makes_a_version_of_the_store(self, world: World, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        url = reverse("staff:message-template", args=["booking.confirmed", "sms", "zh-hans"])
        assert "周先生您好" in text(wang.get(url))
        assert wang.post(url, {"body": "{customer},{time}见。{store}"}).status_code == 302
        with dealer_scope(world.east.pk):
            rows = list(MessageTemplate.objects.filter(dealer=world.east).values_list("version", "body"))
        assert rows == [(1, "{customer},{time}见。{store}")]
        assert "本店第 1 版" in text(wang.get(url))
        assert "周先生您好" in text(signed_in(world.zhao).get(url))  # the other store keeps the common one

    def test_the_preview_follows_the_typing(self, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        url = reverse("staff:message-template", args=["booking.confirmed", "sms", "zh-hans"])
        typed = text(wang.post(url, {"body": "{customer}" + "好" * 70}, headers={"HX-Request": "true"}))
        assert "算 2 条短信" in typed
        assert "没有“mileage”这个变量" in text(wang.post(url, {"body": "{mileage}"}))

    def test_wechat_fields_are_counted(self, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        url = reverse("staff:message-template", args=["booking.confirmed", "wechat", "zh-hans"])
        long = text(wang.post(url, {"fields_": "thing1=" + "长" * 21}))
        assert "thing1 最多 20 个字" in long
        assert "不是微信模板的字段名" in text(wang.post(url, {"fields_": "title=好"}))
        cut = text(wang.post(url, {"fields_": "phrase1={items}"}, headers={"HX-Request": "true"}))
        assert "已截短" in cut

    @pytest.mark.parametrize(
        ("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
    )
    def test_sms_are_counted_as_they_are_billed(self, length: int, parts: int) -> None:
        assert segments("字" * length) == parts


class TestChannels:
    def test_an_account_is_kept_and_its_secret_never_comes_back(self, world: World, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        given = {"label": "短信", "position": "1", "is_active": "on", "sign_name": "东区店", "key_id": "LTAI1",
                 "key_secret": "very-secret-value", "t_booking.confirmed": "SMS_1"}  # fmt: skip
        answer = wang.post("/channels/new/aliyun", given)
        assert answer.status_code == 302
        with dealer_scope(world.east.pk):
            account = ChannelAccount.objects.get()
            assert account.templates == {"booking.confirmed": "SMS_1"}
            with connection.cursor() as cursor:
                cursor.execute("SELECT secrets FROM contacts_channelaccount")
                assert "very-secret-value" not in str(cursor.fetchall())
                cursor.execute(
                    "SELECT changes::text FROM kernel_changerecord WHERE table_name = 'contacts_channelaccount'"
                )
                kept = str(cursor.fetchall())
                assert "very-secret-value" not in kept
                assert account.hook_key not in kept
        page = text(wang.get(f"/channels/{account.pk}"))
        assert "very-secret-value" not in page
        assert f"/hooks/aliyun/{account.hook_key}" in page
        wang.post(f"/channels/{account.pk}", {**given, "key_secret": "", "label": "短信一"})
        with dealer_scope(world.east.pk):
            account.refresh_from_db()
            assert (account.label, "very-secret-value" in account.secrets) == ("短信一", True)

    def test_a_password_never_goes_over_an_open_line(self, wang: Client) -> None:
        given = {"label": "邮件", "position": "1", "host": "mail.example.com", "security": "none", "sender": "a@example.com",
                 "user": "a"}  # fmt: skip
        answer = wang.post("/channels/new/smtp", given)
        assert answer.status_code == 422
        assert "不加密时不能用密码登录" in text(answer)

    def test_a_test_message_goes_out(self, world: World, wang: Client, fakes: Fakes) -> None:
        account = make_account(world.east, "aliyun", fakes)
        wang.post(f"/channels/{account.pk}/test", {"address": "13955550001", "template": "booking.confirmed"})
        sending.send_due(dealer_id=world.east.pk, clock=Clock(NOW.replace(year=2030)))
        assert fakes.inbox.letters(to="13955550001")[0].fields["customer"] == "周先生"

    def test_a_rule_of_the_store(self, world: World, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        assert "腾讯云短信模板审核不通过此类内容" in text(wang.get("/channels"))
        given = {"provider": "tencent", "purpose": "inspection", "verdict": "allow", "reason": "合同补充"}
        assert wang.post("/channels/rule", given).status_code == 302
        with dealer_scope(world.east.pk):
            own = ChannelRule.objects.get(dealer=world.east)
            assert (own.provider, own.verdict) == ("tencent", "allow")

    def test_only_those_who_keep_channels_see_them(self, world: World) -> None:
        assert signed_in(world.li).get("/channels").status_code == 403


class TestLetters:
    def test_written_printed_posted_returned(self, world: World, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        person = make_person(world.east, name="周建国", address="上海市浦东新区 1 号")
        who = f"/letters/new?customer={person.customer.pk}"
        assert wang.post(who, {"kind": "notice", "text": "店庆活动通知"}).status_code == 302
        with dealer_scope(world.east.pk):
            letter = Message.objects.get()
        assert re.fullmatch(r"L\d{6}-0001", letter.register_number)
        printed = text(wang.get("/letters/print"))
        assert "店庆活动通知" in printed
        assert "尊敬的周建国" in printed
        assert "上海市浦东新区 1 号" in printed
        wang.post("/letters/posted", {"letter": [letter.pk]})
        wang.post(f"/letters/{letter.pk}/returned", {"reason": "查无此人"})
        with dealer_scope(world.east.pk):
            letter.refresh_from_db()
            assert (letter.status, letter.cause) == ("failed", "returned")
        assert letter.register_number in text(wang.get("/letters"))

    def test_without_an_address_there_is_no_letter(self, world: World, wang: Client) -> None:
        operations.seed_messages(actor=ACTOR)
        person = make_person(world.east)
        answer = wang.post(f"/letters/new?customer={person.customer.pk}", {"kind": "notice", "text": "好"})
        assert answer.status_code == 422
        assert "没有地址" in text(answer)


class TestConsent:
    def test_given_with_proof_and_withdrawn(self, world: World, wang: Client) -> None:
        person = make_person(world.east)
        url = f"/customers/{person.customer.pk}/consents"
        assert "没有登记过同意" in text(wang.get(url))
        refused = wang.post(f"{url}/give", {"purpose": "activity", "channel": "all", "proof": "有"})
        assert refused.status_code == 422
        given = text(
            wang.post(
                f"{url}/give", {"purpose": "activity", "channel": "sms", "proof": "2026-06-01 到店签字"}
            )
        )
        assert "2026-06-01 到店签字" in given
        with dealer_scope(world.east.pk):
            consent = Consent.objects.get()
        assert "撤回" in text(wang.post(f"/consents/{consent.pk}/withdraw", {"how": "来电"}))
        with dealer_scope(world.east.pk):
            consent.refresh_from_db()
            assert consent.withdrawn_how == "来电"

    def test_another_store_has_no_such_customer(self, world: World) -> None:
        person = make_person(world.east)
        assert signed_in(world.zhao).get(f"/customers/{person.customer.pk}/consents").status_code == 404


class TestInbox:
    def test_a_store_that_is_no_demo_has_none(self, wang: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("HUICHANG_FAKES", raising=False)
        assert "这里没有演示收件箱" in text(wang.get("/inbox"))
        assert wang.post("/inbox/reply", {"number": "1", "text": "T"}).status_code == 302

    def test_it_shows_what_the_phone_shows(self, world: World, wang: Client, fakes: Fakes) -> None:
        assert os.environ["HUICHANG_FAKES"]
        make_account(world.east, "aliyun", fakes)
        person, clock = make_person(world.east, name="周建国"), Clock(NOW)
        queue(world.east, person, clock)
        work(world.east, clock)
        page = text(wang.get("/inbox"))
        assert "【回厂东区店】周建国您好" in page
        assert "6月18日 09:30到店" in page
        assert "周建国" not in text(signed_in(world.zhao).get("/inbox"))
