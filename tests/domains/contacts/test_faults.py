"""Providers that are down, slow or cut off, workers that die: nothing is lost, nothing arrives twice."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections

from huichang.channels import http
from huichang.domains.contacts import sending
from huichang.domains.contacts.transport import transport_of
from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist.models import CallTask
from huichang.fakes.inbox import Letter, Trouble
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import (
    OPENID,
    Clock,
    forget_connections,
    make_account,
    make_person,
    queue,
    statuses,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)


def got(fakes: Fakes, to: str) -> list[Letter]:
    return fakes.inbox.letters(to=to)


def run_events() -> None:
    """What the worker would do with the events that were published."""
    from huichang.kernel.events import deliver

    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'kernel.deliver' ORDER BY id")
        rows = cursor.fetchall()
    for (args,) in rows:
        deliver(**json.loads(args))


class TestTrouble:
    """A provider that is down, slow or cut off; a worker that dies."""

    def test_an_hour_without_the_provider(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        make_account(east, "aliyun", fakes)
        person = make_person(east)
        queue(east, person, clock)
        fakes.inbox.plan("aliyun", Trouble(code="ServiceUnavailable"))
        for _minute in range(60):
            work(east, clock)
            clock.forward(minutes=1)
        assert got(fakes, person.mobile) == []
        fakes.inbox.plan("aliyun", None)
        for _minute in range(11):
            work(east, clock)
            clock.forward(minutes=1)
        assert statuses(east) == [("sms", "sent", "")]
        assert len(got(fakes, person.mobile)) == 1

    def test_a_day_without_the_provider_goes_to_a_person(
        self, east: Dealer, fakes: Fakes, clock: Clock
    ) -> None:
        make_account(east, "aliyun", fakes)
        queue(east, make_person(east), clock)
        fakes.inbox.plan("aliyun", Trouble(code="ServiceUnavailable"))
        for _step in range(40):
            work(east, clock)
            clock.forward(minutes=6)
        assert statuses(east) == [("sms", "failed", "provider_down")]
        run_events()
        with dealer_scope(east.pk):
            assert CallTask.objects.count() == 1

    def test_a_line_cut_before_the_message_was_taken(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        """The line broke and nobody knows: we ask, and what the provider does not know is not sent again."""
        make_account(east, "aliyun", fakes)
        person = make_person(east)
        queue(east, person, clock)
        fakes.inbox.plan("aliyun", Trouble(cut="before", times=1))
        work(east, clock)
        assert statuses(east) == [("sms", "sending", "")]
        clock.forward(minutes=3)
        work(east, clock)
        assert statuses(east) == [("sms", "failed", "unknown")]
        assert got(fakes, person.mobile) == []

    def test_a_line_cut_after_the_message_was_taken(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        make_account(east, "aliyun", fakes)
        person = make_person(east)
        queue(east, person, clock)
        fakes.inbox.plan("aliyun", Trouble(cut="after", times=1))
        work(east, clock)
        clock.forward(minutes=3)
        work(east, clock)
        assert statuses(east) == [("sms", "sent", "")]
        assert len(got(fakes, person.mobile)) == 1

    @pytest.mark.parametrize("cut", ["before", "after"])
    def test_wechat_is_asked_to_send_the_same_id_again(
        self, east: Dealer, fakes: Fakes, clock: Clock, cut: str
    ) -> None:
        make_account(east, "official", fakes)
        openid = f"{OPENID}{cut}"
        queue(east, make_person(east, openid=openid), clock)
        fakes.inbox.plan("official", Trouble(cut=cut, times=1))
        work(east, clock)
        clock.forward(minutes=3)
        work(east, clock)
        assert statuses(east) == [("wechat", "sent", "")]
        assert len(got(fakes, openid)) == 1

    def test_wechat_after_ten_minutes_is_not_sent_again(
        self, east: Dealer, fakes: Fakes, clock: Clock
    ) -> None:
        make_account(east, "official", fakes)
        make_account(east, "aliyun", fakes)
        openid = f"{OPENID}late"
        person = make_person(east, openid=openid)
        queue(east, person, clock)
        fakes.inbox.plan("official", Trouble(cut="after", times=1))
        work(east, clock)
        clock.forward(minutes=15)
        work(east, clock)
        assert statuses(east) == [("wechat", "failed", "unknown")]  # and no SMS: it may have arrived
        assert len(got(fakes, openid)) == 1

    def test_a_slow_provider_is_waited_for_no_longer_than_our_time(
        self, east: Dealer, fakes: Fakes, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_account(east, "aliyun", fakes)
        person = make_person(east)
        queue(east, person, clock)
        forget_connections()
        monkeypatch.setattr(http, "ANSWER_SECONDS", 0.3)
        fakes.inbox.plan("aliyun", Trouble(silence=0.8, times=1))
        work(east, clock)
        forget_connections()
        assert statuses(east) == [("sms", "sending", "")]
        while not got(fakes, person.mobile):
            threading.Event().wait(0.05)
        clock.forward(minutes=3)
        work(east, clock)
        assert statuses(east) == [("sms", "sent", "")]
        assert len(got(fakes, person.mobile)) == 1

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_worker_killed_in_mid_send(
        self, east: Dealer, fakes: Fakes, clock: Clock, monkeypatch: pytest.MonkeyPatch, moment: str
    ) -> None:
        """The claim is committed, the process is gone. What the provider has is found; what it has not is not sent."""
        account = make_account(east, "aliyun", fakes)
        person = make_person(east)
        queue(east, person, clock)
        real = type(transport_of(account)).send

        def dies(self: Any, outgoing: Any, *, now: Any) -> Any:
            if moment == "after":
                real(self, outgoing, now=now)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(type(transport_of(account)), "send", dies)
            with suppress(KeyboardInterrupt):
                sending.send_due(dealer_id=east.pk, clock=clock)
        assert statuses(east) == [("sms", "sending", "")]
        for _minute in range(5):
            clock.forward(minutes=1)
            work(east, clock)
        expected = ("sent", "") if moment == "after" else ("failed", "unknown")
        assert statuses(east) == [("sms", *expected)]
        assert len(got(fakes, person.mobile)) == int(moment == "after")

    def test_four_workers_send_each_message_once(self, east: Dealer, fakes: Fakes, clock: Clock) -> None:
        make_account(east, "aliyun", fakes)
        people = [make_person(east) for _number in range(12)]
        for number, person in enumerate(people):
            queue(east, person, clock, key=f"k{number}")

        def run() -> None:
            try:
                sending.send_due(dealer_id=east.pk, clock=clock)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(got(fakes, person.mobile)) for person in people] == [1] * 12
        assert {status for _channel, status, _cause in statuses(east)} == {"sent"}
