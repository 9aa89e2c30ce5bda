"""From the outbox to the person: every message ends delivered or visibly failed, and none arrives twice."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from huichang.domains.contacts import jobs, operations
from huichang.domains.contacts.batch import NewMessage, plan_messages
from huichang.domains.contacts.models import ChannelAddress, Message
from huichang.domains.contacts.operations import inbound
from huichang.domains.contacts.sending import send_code
from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist.models import CallTask
from huichang.fakes.inbox import Letter, Trouble
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import (
    ACTOR,
    OPENID,
    Clock,
    make_account,
    make_person,
    queue,
    statuses,
    work,
)
from tests.factories.world import NOW, make_complaint, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def got(fakes: Fakes, to: str) -> list[Letter]:
    return fakes.inbox.letters(to=to)


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_an_sms_goes_out_signed_and_arrives_once(
    east: Dealer, fakes: Fakes, clock: Clock, provider: str
) -> None:
    make_account(east, provider, fakes)
    person = make_person(east)
    queue(east, person, clock)
    work(east, clock)
    work(east, clock)
    assert statuses(east) == [("sms", "sent", "")]
    assert len(got(fakes, person.mobile)) == 1
    assert "6月18日 09:30" in got(fakes, person.mobile)[0].fields.values()


def test_wechat_fields_and_one_token_for_everybody(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "official", fakes)
    before = fakes.official.fetched
    for number in range(3):
        queue(east, make_person(east, openid=f"{OPENID}{number}"), clock, key=f"k{number}")
    work(east, clock)
    assert {status for _c, status, _ in statuses(east)} == {"sent"}
    assert fakes.official.fetched == before + 1
    fields = got(fakes, f"{OPENID}0")[0].fields
    assert (fields["time2"], fields["thing3"]) == ("6月18日 09:30", "保养")
    fakes.official.forget_tokens()  # somebody else renewed it: ours is stale
    queue(east, make_person(east, openid=f"{OPENID}9"), clock, key="k9")
    work(east, clock)
    assert len(got(fakes, f"{OPENID}9")) == 1


def test_mail_over_a_real_server(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "smtp", fakes)
    person = make_person(east, email="zhou@example.com")
    queue(east, person, clock)
    work(east, clock)
    mail = got(fakes, "zhou@example.com")[0]
    assert mail.title == "预约已确认"
    assert "李海民您好" in mail.text
    assert statuses(east) == [("email", "sent", "")]


def test_a_long_mail_to_staff_arrives_whole(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "smtp", fakes)
    user = make_user(name="王建国")
    user.email = "wang@example.com"
    lines = "\n".join(f"{number:02d}:00 渝B62D81 周先生 保养,服务顾问李伟" for number in range(60))
    with dealer_scope(east.pk):
        operations.queue_staff_mail(
            dealer=east, user=user, subject="明天的预约", text=lines, key="day", actor=ACTOR, now=NOW
        )
        type(user).objects.filter(pk=user.pk).update(email=user.email)
    work(east, clock)
    mail = got(fakes, "wang@example.com")[0]
    assert (mail.title, mail.text) == ("明天的预约", lines)


def test_a_mini_program_sends_as_often_as_it_was_allowed(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "mini", fakes)
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    with dealer_scope(east.pk):
        operations.register_address(
            dealer=east, customer=person.customer, channel="mini", address="oMini1", proof="订阅", credits=1,
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    queue(east, person, clock, key="a")
    work(east, clock)
    queue(east, person, clock, key="b")
    work(east, clock)
    assert [(channel, status) for channel, status, _ in statuses(east)] == [("mini", "sent"), ("sms", "sent")]


class TestReports:
    """What a provider reports decides; the same report twice, or somebody else's, decides nothing."""

    def test_delivered(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        account = make_account(east, "aliyun", fakes)
        person = make_person(east)
        message = queue(east, person, clock)
        work(east, clock)
        letter = got(fakes, person.mobile)[0]
        with dealer_scope(east.pk):
            for _twice in range(2):
                inbound.receive_report(
                    account=account, provider_id=letter.provider_id, client_id=letter.client_id, result="delivered",
                    digest="d1", actor=ACTOR, now=clock.forward(seconds=3),
                )  # fmt: skip
            message.refresh_from_db()
            assert message.status == "delivered"
            assert message.delivered_at == NOW + timedelta(seconds=3)
            assert message.reports.count() == 1

    def test_undelivered_passes_to_the_next_channel_and_then_to_a_person(
        self, east: Dealer, fakes: Fakes, clock: Clock
    ) -> None:
        official, aliyun = make_account(east, "official", fakes), make_account(east, "aliyun", fakes)
        person = make_person(east, openid=OPENID)
        queue(east, person, clock)
        work(east, clock)
        for account, to, digest in ((official, OPENID, "a"), (aliyun, person.mobile, "b")):
            letter = got(fakes, to)[0]
            with dealer_scope(east.pk):
                inbound.receive_report(
                    account=account, provider_id=letter.provider_id, result="failed", code="user block",
                    digest=digest, actor=ACTOR, now=clock.forward(seconds=5),
                )  # fmt: skip
            work(east, clock)
        assert statuses(east) == [("wechat", "failed", "undelivered"), ("sms", "failed", "undelivered")]
        run_events()
        with dealer_scope(east.pk):
            task = CallTask.objects.get()
            assert task.customer_id == person.customer.pk
            assert task.source == "contacts.message"

    def test_a_report_before_the_answer_was_written_down(
        self, east: Dealer, fakes: Fakes, clock: Clock
    ) -> None:
        account = make_account(east, "official", fakes)
        person = make_person(east, openid=OPENID)
        message = queue(east, person, clock)
        with dealer_scope(east.pk):
            inbound.receive_report(
                account=account, provider_id="77", result="delivered", digest="early", actor=ACTOR, now=NOW
            )
            Message.objects.filter(pk=message.pk).update(
                status="sent", provider_id="77", account=account, sent_at=NOW
            )
        work(east, clock)
        assert statuses(east) == [("wechat", "delivered", "")]

    def test_no_report_at_all_ends_visibly(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        make_account(east, "aliyun", fakes)
        queue(east, make_person(east), clock)
        work(east, clock)
        clock.forward(hours=73)
        work(east, clock)
        assert statuses(east) == [("sms", "failed", "no_report")]


CODES: list[tuple[str, str, tuple[str, str]]] = [
    # provider, code, (status, cause) after the first try
    ("aliyun", "isv.BUSINESS_LIMIT_CONTROL", ("waiting", "retry")),
    ("aliyun", "isp.SYSTEM_ERROR", ("waiting", "retry")),
    ("aliyun", "isv.AMOUNT_NOT_ENOUGH", ("failed", "refused")),
    ("aliyun", "isv.SMS_TEMPLATE_ILLEGAL", ("failed", "refused")),
    ("aliyun", "isv.BLACKLIST_USER", ("failed", "stop")),
    ("aliyun", "isv.A_CODE_NOBODY_KNOWS", ("failed", "refused")),
    ("tencent", "LimitExceeded.DeliveryFrequencyLimit", ("waiting", "retry")),
    ("tencent", "FailedOperation.PhoneNumberInBlacklist", ("failed", "stop")),
    ("tencent", "FailedOperation.ContainSensitiveWord", ("failed", "refused")),
    ("official", "-1", ("waiting", "retry")),
    ("official", "43004", ("failed", "gone")),
    ("official", "45009", ("failed", "refused")),
    ("official", "40037", ("failed", "refused")),
    ("smtp", "451", ("waiting", "retry")),
    ("smtp", "552", ("failed", "refused")),
]


@pytest.mark.parametrize(("provider", "code", "ends"), CODES)
def test_each_code_means_again_or_give_up(
    east: Dealer, fakes: Fakes, clock: Clock, provider: str, code: str, ends: tuple[str, str]
) -> None:
    make_account(east, provider, fakes)
    fakes.inbox.plan(provider, Trouble(code=code))
    queue(east, make_person(east, openid=OPENID, email="zhou@example.com"), clock)
    work(east, clock)
    assert statuses(east)[0][1:] == ends
    with dealer_scope(east.pk):
        assert Message.objects.earliest("pk").provider_code == code


def test_who_unfollowed_is_written_to_by_sms_from_then_on(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "official", fakes)
    make_account(east, "aliyun", fakes)
    person = make_person(east, openid=OPENID)
    fakes.official.strangers.add(OPENID)
    queue(east, person, clock)
    work(east, clock)
    assert statuses(east) == [("wechat", "failed", "gone"), ("sms", "sent", "")]
    with dealer_scope(east.pk):
        assert ChannelAddress.objects.get().invalid_cause == "43004"
        second = Message.objects.latest("pk")
        assert second.fallback_of is not None
        assert (second.fallback_of.channel, second.root_key) == ("wechat", "booking:1:confirmed")
    assert queue(east, person, clock, key="next").channel == "sms"


class TestReplies:
    """STOP in the words people use is a refusal at once; anything else is for a person to read."""

    @pytest.mark.parametrize("text", ["T", "td", "退订", " 退訂。", "R", "STOP"])
    def test_stop(self, east: Dealer, fakes: Fakes, text: str) -> None:
        account = make_account(east, "aliyun", fakes)
        person = make_person(east)
        with dealer_scope(east.pk):
            for _twice in range(2):
                inbound.receive_reply(
                    account=account, address=person.mobile, text=text, digest="r1", actor=ACTOR, now=NOW
                )
            refusal = person.customer.opt_outs.get()
            assert (refusal.channel, refusal.purpose) == ("sms", "all")
            assert text.strip() in refusal.reason

    def test_other_words_ask_for_a_call(self, east: Dealer, fakes: Fakes) -> None:
        account = make_account(east, "aliyun", fakes)
        person = make_person(east)
        with dealer_scope(east.pk):
            inbound.receive_reply(
                account=account,
                address=person.mobile,
                text="周三下午可以吗",
                digest="r1",
                actor=ACTOR,
                now=NOW,
            )
            assert not person.customer.opt_outs.exists()
        run_events()
        with dealer_scope(east.pk):
            assert CallTask.objects.get().subject.endswith("周三下午可以吗")


class TestCodes:
    """Sign-in codes: at once, to any number, and nowhere in clear but on the phone."""

    def test_a_code_arrives_and_is_not_shown(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        make_account(east, "aliyun", fakes)
        with dealer_scope(east.pk):
            message = send_code("13900000001", dealer=east, code="482913", key="c1", actor=ACTOR, now=NOW)
        work(east, clock)
        assert got(fakes, "13900000001")[0].fields["code"] == "482913"
        with dealer_scope(east.pk):
            message.refresh_from_db()
            assert message.status == "sent"
            assert "482913" not in message.body
            with connection.cursor() as cursor:
                cursor.execute("SELECT contacts_message::text FROM contacts_message")
                assert "482913" not in str(cursor.fetchall())
                cursor.execute("SELECT changes::text FROM kernel_changerecord")
                assert "482913" not in str(cursor.fetchall())

    def test_an_old_code_is_not_sent(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        make_account(east, "aliyun", fakes)
        with dealer_scope(east.pk):
            send_code("13900000003", dealer=east, code="1", key="c", actor=ACTOR, now=NOW)
        clock.forward(minutes=6)
        work(east, clock)
        assert got(fakes, "13900000003") == []


def test_a_person_sends_again_what_failed(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    message = queue(east, person, clock)
    fakes.inbox.plan("aliyun", Trouble(code="isv.AMOUNT_NOT_ENOUGH", times=1))
    work(east, clock)
    with dealer_scope(east.pk):
        message.refresh_from_db()
        operations.send_again(message=message, actor=ACTOR, now=clock.forward(hours=1))
    work(east, clock)
    assert statuses(east) == [("sms", "sent", "")]
    assert len(got(fakes, person.mobile)) == 1


def run_events() -> None:
    """What the worker would do with the events that were published."""
    from huichang.kernel.events import deliver

    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'kernel.deliver' ORDER BY id")
        rows = cursor.fetchall()
    for (args,) in rows:
        deliver(**json.loads(args))


def test_reminders_planned_by_the_thousand_go_the_same_way(east: Dealer, fakes: Fakes, clock: Clock) -> None:
    """What the daily run plans in one statement is chosen, filled and sent like any other message."""
    make_account(east, "aliyun", fakes)
    make_account(east, "official", fakes)
    follower, other = make_person(east, openid=f"{OPENID}plan"), make_person(east)
    wanted = [
        NewMessage(
            dealer_id=east.pk, customer_id=person.customer.pk, car_id=person.car.pk, purpose="scheduled_service",
            purposes=("all", "scheduled_service", "service"), key=f"case:{number}", body="您的车该保养了",
            values={"due_date": "7月1日", "items": "定期保养"},
        )
        for number, person in enumerate((follower, other))
    ]  # fmt: skip
    with dealer_scope(east.pk):
        assert plan_messages(wanted, planned_for=NOW, now=NOW) == 2
        assert plan_messages(wanted, planned_for=NOW, now=NOW) == 0
    work(east, clock)
    assert [(channel, status) for channel, status, _cause in statuses(east)] == [
        ("wechat", "sent"),
        ("sms", "sent"),
    ]
    assert got(fakes, f"{OPENID}plan")[0].fields["thing2"] == "定期保养"
    assert got(fakes, other.mobile)[0].fields["due_date"] == "7月1日"


def test_the_job_of_the_minute_finds_the_stores_with_work(east: Dealer, fakes: Fakes) -> None:
    make_account(east, "aliyun", fakes)
    queue(east, make_person(east), Clock(NOW))
    jobs.send_waiting(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'contacts.send_store'")
        assert [json.loads(args) for (args,) in cursor.fetchall()] == [{"dealer_id": east.pk}]
    jobs.send_store(dealer_id=east.pk)
    assert statuses(east) == [("sms", "sent", "")]


def test_a_complaint_opened_after_a_reminder_was_planned_holds_it_and_nothing_the_customer_asked_for(
    east: Dealer, fakes: Fakes, clock: Clock
) -> None:
    make_account(east, "aliyun", fakes)
    person = make_person(east)
    reminder = {
        "purpose": "scheduled_service", "template": "reminder.scheduled_service",
        "values": {"due_date": "6月27日", "items": "定期保养", "link": "https://example.com/b"},
    }  # fmt: skip
    queue(east, person, clock, key="reminder", **reminder)
    queue(east, person, clock, key="promise")
    make_complaint(east, car=person.car)

    work(east, clock)

    assert sorted(statuses(east)) == [("sms", "sent", ""), ("sms", "suppressed", "complaint")]
    assert len(got(fakes, person.mobile)) == 1
    queue(
        east, person, clock, key="later", purpose="scheduled_service", template="reminder.scheduled_service"
    )
    with dealer_scope(east.pk):
        assert Message.objects.get(key="later").cause == "complaint"
