"""Events: how a domain tells those above it what happened, inside the transaction.

`publish(event)` writes one Procrastinate job per subscriber *in the same transaction*: it commits with the
facts or not at all. Subscribers are idempotent and are retried.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from huichang.kernel.scoping import dealer_scope


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: ids and plain values only. `dealer_id` opens the scope of its subscribers."""

    name: ClassVar[str] = ""

    dealer_id: int


E = TypeVar("E", bound=Event)
Subscriber = Callable[[Any], None]

_events: dict[str, type[Event]] = {}
_subscribers: dict[str, dict[str, Subscriber]] = {}


def subscribe(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function of one event. Its job opens the event's dealer scope before calling it."""

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        _events[event.name] = event
        _subscribers.setdefault(event.name, {})[f"{function.__module__}.{function.__name__}"] = function
        return function

    return register


def publish(event: Event) -> None:
    """Queue a job for each subscriber of `event`, in the open transaction."""
    kind, payload = type(event).name, _plain(event)
    jobs: list[dict[str, Any]] = [
        {"event": kind, "subscriber": name, "payload": payload} for name in _subscribers.get(kind, {})
    ]
    if jobs:
        deliver.configure(lock=f"{kind}:{event.dealer_id}").batch_defer(*jobs)


@app.task(name="kernel.deliver", queue="events", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def deliver(event: str, subscriber: str, payload: dict[str, Any]) -> None:
    """Run one subscriber of one event in the event's dealer scope."""
    kind = _events[event]
    with dealer_scope(payload["dealer_id"]):
        _subscribers[event][subscriber](_event(kind, payload))


def _plain(event: Event) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in dataclasses.asdict(event).items()
    }


def _event(kind: type[Event], payload: dict[str, Any]) -> Event:
    fields = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    return kind(**{name: _typed(fields[name], value) for name, value in payload.items()})


def _typed(annotation: str, value: Any) -> Any:
    if isinstance(value, str) and "datetime" in annotation:
        return dt.datetime.fromisoformat(value)
    if isinstance(value, str) and annotation.split(" ", maxsplit=1)[0] in {"date", "dt.date"}:
        return dt.date.fromisoformat(value)
    return value
