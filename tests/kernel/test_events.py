"""An event is a job row of the same transaction; its job runs the subscriber in the event's scope."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction

from huichang.domains.customers.models import Tag
from huichang.domains.dealers.models import Dealer
from huichang.kernel import events
from huichang.kernel.scoping import current_scope, dealer_scope


@dataclass(frozen=True, slots=True)
class Painted(events.Event):
    name: ClassVar[str] = "example.painted"

    color: str
    on: date


heard: list[tuple[str, date, tuple[int, ...] | None]] = []


@pytest.fixture(autouse=True)
def _subscriber() -> Iterator[None]:
    heard.clear()
    before = {name: dict(found) for name, found in events._subscribers.items()}

    @events.subscribe(Painted)
    def listen(event: Painted) -> None:
        heard.append((event.color, event.on, current_scope().dealer_ids))

    yield
    events._subscribers.clear()
    events._subscribers.update(before)


@pytest.fixture
def dealer(db: None) -> Dealer:
    return Dealer.objects.create(code="EV", name="事件店")


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'kernel.deliver' ORDER BY id")
        return [json.loads(row[0]) for row in cursor.fetchall()]


def test_an_event_becomes_a_job_of_the_same_transaction(dealer: Dealer) -> None:
    with dealer_scope(dealer.pk):
        events.publish(Painted(dealer_id=dealer.pk, color="red", on=date(2026, 11, 22)))
    assert [job["event"] for job in jobs()] == ["example.painted"]


def test_what_is_rolled_back_was_never_said(dealer: Dealer) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.publish(Painted(dealer_id=dealer.pk, color="red", on=date(2026, 11, 22)))
        _ = 1 / 0
    assert jobs() == []


def test_the_job_calls_the_subscriber_with_types_and_scope(dealer: Dealer) -> None:
    events.publish(Painted(dealer_id=dealer.pk, color="blue", on=date(2026, 11, 22)))
    (job,) = jobs()
    events.deliver(**job)
    assert heard == [("blue", date(2026, 11, 22), (dealer.pk,))]
    with dealer_scope(dealer.pk):
        assert Tag.objects.count() == 0  # the scope of the job is closed again and a new one opens


def test_an_event_that_nobody_hears_writes_no_job(dealer: Dealer) -> None:
    @dataclass(frozen=True, slots=True)
    class Unheard(events.Event):
        name: ClassVar[str] = "example.unheard"

    events.publish(Unheard(dealer_id=dealer.pk))
    assert jobs() == []
