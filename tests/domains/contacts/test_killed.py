"""Real worker processes, one killed with SIGKILL while its provider is silent: every message ends visibly, none twice.

What the provider must do for it: Aliyun and Tencent answer what they know of our OutId or SerialNo; WeChat delivers the same
client_msg_id once within ten minutes. Of what they cannot say nothing is ever sent again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models import F
from django.utils import timezone

from huichang.domains.contacts import jobs
from huichang.domains.contacts.models import Message
from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist.models import CallTask
from huichang.fakes.inbox import Trouble
from huichang.fakes.server import Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import Clock, Person, make_account, make_person, queue, statuses

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PEOPLE, AT_ONCE = 6, 2
SILENCE = 2.0
UNTIL = 60.0  # seconds to wait for anything


def eventually(condition: Callable[[], bool]) -> bool:
    last = time.monotonic() + UNTIL
    while not condition() and time.monotonic() < last:
        time.sleep(0.05)
    return condition()


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """`huichang worker` on the test's database, as an installation starts it."""
    line = [sys.executable, "-m", "huichang.interfaces.console.main", "worker", "--jobs", str(AT_ONCE)]
    process = subprocess.Popen(line, env=dict(os.environ))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(UNTIL)


def count(east: Dealer, status: str) -> int:
    return sum(one == status for _channel, one, _cause in statuses(east))


def let_three_minutes_pass(east: Dealer) -> None:
    """Instead of waiting: the dead worker's heartbeat and claims are three minutes old."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '3 minutes'")
    with dealer_scope(east.pk):
        Message.objects.filter(status="sending").update(claimed_at=F("claimed_at") - timedelta(minutes=3))


def letters_of(fakes: Fakes, people: list[tuple[Person, str]]) -> list[int]:
    """How many messages each person got."""
    return [len(fakes.inbox.letters(to=address)) for _person, address in people]


def kill_in_mid_send(east: Dealer, fakes: Fakes, provider: str) -> None:
    """Start a worker, wait until it holds two messages and the provider their requests, and kill it."""
    with worker() as first:
        assert eventually(lambda: count(east, "sending") == AT_ONCE and not fakes.inbox.has_plan(provider))
        first.send_signal(signal.SIGKILL)
        assert first.wait(UNTIL) == -signal.SIGKILL
    assert count(east, "sending") == AT_ONCE
    assert count(east, "waiting") == PEOPLE - AT_ONCE


KNOWN, LOST = {("sent", ""): PEOPLE}, {("sent", ""): PEOPLE - AT_ONCE, ("failed", "unknown"): AT_ONCE}


@pytest.mark.parametrize(
    ("provider", "had", "ends"),
    [
        # Asked about its OutId, the provider knows the two: they are sent, and not again.
        ("aliyun", "taken", KNOWN),
        # It knows nothing of them: they are not sent again, because it may learn of them later. A person calls.
        ("aliyun", "nothing", LOST),
        # Tencent answers only what the telephone has reported; before that nobody knows, and a person calls.
        ("tencent", "reported", {("sent", ""): PEOPLE - AT_ONCE, ("delivered", ""): AT_ONCE}),
        ("tencent", "taken", LOST),
        # WeChat cannot be asked, and delivers the same id once: it is sent again, whatever it had.
        ("official", "taken", KNOWN),
        ("official", "nothing", KNOWN),
    ],
)
def test_a_killed_worker_loses_nothing_and_sends_nothing_twice(
    east: Dealer, fakes: Fakes, provider: str, had: str, ends: dict[tuple[str, str], int]
) -> None:
    make_account(east, provider, fakes)
    people = make_people(east, provider, had)
    cut = "before" if had == "nothing" else ""
    fakes.inbox.plan(provider, Trouble(silence=SILENCE, cut=cut, times=AT_ONCE))
    clock = Clock(timezone.now())
    for number, (person, _address) in enumerate(people):
        queue(east, person, clock, key=f"booking:{number}:confirmed")

    kill_in_mid_send(east, fakes, provider)
    handed_over = 0 if had == "nothing" else AT_ONCE
    assert eventually(lambda: sum(letters_of(fakes, people)) == handed_over)
    if had == "reported":
        for letter in fakes.inbox.letters(provider=provider)[:AT_ONCE]:
            fakes.tencent.report(letter.number, success=True)
    let_three_minutes_pass(east)
    with worker():
        jobs.send_store.defer(dealer_id=east.pk)  # the minute's tick
        assert eventually(lambda: not count(east, "waiting") and not count(east, "sending"))
        assert Counter((status, cause) for _channel, status, cause in statuses(east)) == Counter(ends)
        reached = PEOPLE - (AT_ONCE if had == "nothing" and provider != "official" else 0)
        assert sorted(letters_of(fakes, people)) == [0] * (PEOPLE - reached) + [1] * reached
        assert eventually(lambda: calls(east) == ends.get(("failed", "unknown"), 0))
    connections.close_all()


def make_people(east: Dealer, provider: str, had: str) -> list[tuple[Person, str]]:
    """Customers with the address under which the provider knows them."""
    found = []
    for number in range(PEOPLE):
        openid = f"oKilled{had}{number}" if provider == "official" else ""
        person = make_person(east, openid=openid)
        found.append((person, openid or person.mobile))
    return found


def calls(east: Dealer) -> int:
    """The calls that somebody has to make because no message arrived."""
    with dealer_scope(east.pk):
        return CallTask.objects.count()
