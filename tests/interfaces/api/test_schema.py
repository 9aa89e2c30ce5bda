"""schemathesis against the description: what it promises is what is taken, answered and refused.

The application is called in this process, in the test's transaction, with a token that may do everything and a store
that has one of each thing: every second id is one that exists.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from huichang.config.wsgi import application
from huichang.domains.reminders.models import Month
from huichang.interfaces.api.urls import api
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import (
    make_booking,
    make_car,
    make_case,
    make_labour,
    make_order,
    make_reading,
    make_world,
    owner_of,
)
from tests.interfaces.api.program import token_for

EXAMPLES = 8  # a route and mode: 29 routes in two modes


OPERATIONS = sorted(
    str(operation.operation_id)
    for router in api._get_bound_routers()
    for view in router.path_operations.values()
    for operation in view.operations
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The handler would close the connection, and with it the test's transaction, after every request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def store(db: None, one_connection: None) -> dict[str, Any]:
    """The token of a store and the ids of what it has."""
    world = make_world()
    car = make_car(world.east)
    make_reading(world.east, car=car)
    with dealer_scope(world.east.pk):
        Month.objects.create(dealer=world.east, month="2026-06-01", planned_at=timezone.now())
    return {
        "secret": token_for(world.east, requests_per_minute=10**6),
        "car_id": car.pk,
        "customer_id": owner_of(world.east, car).pk,
        "visit_id": make_order(world.east, car=car).pk,
        "case_id": make_case(world.east, car=car).pk,
        "booking_id": make_booking(world.east, car=car, starts_at=timezone.now() + timedelta(days=2)).pk,
        "labour_id": make_labour(world.east).pk,
        "month": "2026-06",
    }


@functools.cache
def described() -> Any:
    """The description as a client loads it, once."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", application)


def with_known_ids(case: Case[Any], store: dict[str, Any]) -> None:
    """Put ids that exist in the place of every second made-up one; wrong ones stay wrong."""
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            for name, value in place.items():
                if name in store and type(value) is int and value % 2 == 0:
                    place[name] = store[name]
    body: Any = case.body
    if isinstance(body, dict) and isinstance(body.get("labour_ids"), list) and len(body["labour_ids"]) == 1:
        body["labour_ids"] = (
            [store["labour_id"]] if type(body["labour_ids"][0]) is int else body["labour_ids"]
        )


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_api_does_what_its_description_says(
    store: dict[str, Any], name: str, mode: GenerationMode
) -> None:
    operation = described().find_operation_by_id(name)

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        if mode is GenerationMode.POSITIVE:
            with_known_ids(case, store)
        case.call_and_validate(headers={"Authorization": f"Bearer {store['secret']}"})

    run()
