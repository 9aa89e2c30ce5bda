"""Tokens, permissions, walls, the rate limit, repeated writes, cursors, problems, languages."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huichang.domains.customers.models import Customer
from huichang.domains.integrations.jobs import forget_keys
from huichang.domains.integrations.models import ApiToken, ApiUsage, IdempotencyKey
from huichang.domains.integrations.operations import add_token, revoke_token
from huichang.interfaces.api.doors import ROUTES
from huichang.interfaces.api.urls import api
from huichang.kernel.actors import system
from huichang.kernel.models import ChangeRecord
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import (
    World,
    actor_of,
    make_booking,
    make_car,
    make_case,
    make_customer,
    make_message,
    make_order,
    make_user,
    make_world,
)
from tests.interfaces.api.program import Program, token_for

Make = Callable[..., Program]


# --- tokens ---


def test_without_a_token_there_is_nothing(world: World) -> None:
    program = Program("")
    program.get("/customers")
    assert program.refused(401)
    assert program.last.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "secret", ["hc_1_", "hc_999999_" + "a" * 43, "x", "hc_0_" + "a" * 43, "hc_1_" + "ä" * 43]
)
def test_a_made_up_token_is_refused(world: World, secret: str) -> None:
    program = Program("")
    program.client.get("/api/v1/customers", headers={"Authorization": f"Bearer {secret}"})
    program.secret = secret.encode("ascii", "replace").decode()
    program.get("/customers")
    assert program.refused(401)


def test_a_token_ends_by_time_and_by_hand(world: World, program: Program) -> None:
    assert program.get("/customers")["items"] == []
    with dealer_scope(world.east.pk):
        token = ApiToken.objects.get()
        ApiToken.objects.update(expires_at=timezone.now())
        program.get("/customers")
        assert program.refused(401)
        ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
        program.get("/customers")
        assert program.status == 200
        revoke_token(token=token, actor=system("test"), now=timezone.now())
    program.get("/customers")
    assert program.refused(401)


def test_a_shut_store_has_no_api(world: World, program: Program) -> None:
    type(world.east).objects.filter(pk=world.east.pk).update(is_active=False)
    program.get("/customers")
    assert program.refused(401)


def test_only_a_digest_of_the_token_is_kept(world: World, program: Program) -> None:
    with dealer_scope(world.east.pk), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM integrations_apitoken t")
        row = cursor.fetchone()[0]
        changes = str(
            [change.changes for change in ChangeRecord.objects.filter(table_name="integrations_apitoken")]
        )
    assert program.secret not in row
    assert program.secret[-43:] not in row
    assert program.secret not in changes


def test_nobody_hands_out_more_than_they_have(world: World) -> None:
    admin = make_user("store_admin", world.east)
    with dealer_scope(world.east.pk), pytest.raises(OperationRefused, match=r"customers\.see"):
        add_token(
            dealer=world.east, name="DMS", permissions=["customers.see"], actor=actor_of(admin, world.east),
            now=timezone.now(),
        )  # fmt: skip


def test_a_session_is_no_token(world: World) -> None:
    client = Client()
    client.force_login(world.wang)
    assert client.get("/api/v1/customers").status_code == 401


# --- permissions and walls, for every route ---


def _path(route: Any, ids: dict[str, int]) -> str:
    query = "?labour_id=1" if route.name == "list_slots" else ""
    return str(route.path).format(**ids | {"month": "2026-06"}) + query


def _body(route: Any) -> Any:
    """An empty body does for refusals: the permission comes before it is read."""
    return {} if route.writes else None


def test_every_operation_of_the_api_is_declared_with_what_it_needs() -> None:
    mounted = {
        operation.operation_id
        for bound in api._get_bound_routers()
        for view in bound.path_operations.values()
        for operation in view.operations
    }
    assert mounted == set(ROUTES)
    assert all(route.needs.value.count(".") == 1 for route in ROUTES.values())


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_token_without_the_permission_is_refused(world: World, program_of: Make, name: str) -> None:
    route = ROUTES[name]
    program = program_of(world.east, "accounts.use")
    ids = {"customer_id": 1, "car_id": 1, "visit_id": 1, "case_id": 1, "booking_id": 1, "message_id": 1}
    program._send(route.method, _path(route, ids), _VALID.get(name, _body(route)), {})
    assert program.refused(403), program.last.content


_VALID: dict[str, Any] = {
    "add_customer": {"name": "张三"},
    "add_car": {"vin": "LVSHFFAC0GS000001"},
    "add_reading": {"km": 1, "read_on": "2026-01-01"},
    "add_visit": {"number": "1", "car_id": 1, "arrived_at": "2026-01-01T00:00:00Z"},
    "add_booking": {"car_id": 1, "customer_id": 1, "labour_ids": [1], "starts_at": "2026-01-01T00:00:00Z"},
    "cancel_booking": {"reason": "x"},
    "add_message": {"key": "k", "customer_id": 1, "template": "booking.confirmed"},
    "add_outcome": {
        "number": "13800000000", "started_at": "2026-01-01T00:00:00Z",
        "answers": [{"reminder_id": 1, "outcome": "x"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(name for name, route in ROUTES.items() if "_id}" in route.path))
def test_another_stores_row_is_not_there(world: World, program_of: Make, name: str) -> None:
    car = make_car(world.east)
    ids = {
        "customer_id": make_customer(world.east).pk, "car_id": car.pk, "visit_id": make_order(world.east, car=car).pk,
        "case_id": make_case(world.east, car=car).pk, "booking_id": make_booking(world.east, car=car).pk,
        "message_id": make_message(world.east).pk,
    }  # fmt: skip
    route, west = ROUTES[name], program_of(world.west)
    west._send(route.method, _path(route, ids), _VALID.get(name, _body(route)), {})
    assert west.refused(404), west.last.content


def test_lists_hold_only_the_stores_own_rows(world: World, program_of: Make) -> None:
    make_case(world.east)
    make_booking(world.east)
    make_order(world.east)
    west = program_of(world.west)
    for name, route in sorted(ROUTES.items()):
        if (
            name.startswith("list_")
            and "{" not in route.path
            and name not in {"list_outcome_codes", "list_slots"}
        ):
            assert west.get(route.path)["items"] == [], name


# --- how often ---


def test_a_token_has_so_many_requests_a_minute(world: World, program_of: Make) -> None:
    program = program_of(world.east, "customers.see", requests_per_minute=3)
    for left in (2, 1, 0):
        program.get("/customers")
        assert (program.status, program.last.headers["RateLimit-Remaining"]) == (200, str(left))
    program.get("/customers")
    assert program.refused(429)
    assert 0 < int(program.last.headers["Retry-After"]) <= 60
    with dealer_scope(world.east.pk):  # the next minute
        ApiUsage.objects.update(minute=timezone.now() - timedelta(minutes=1))
    program.get("/customers")
    assert program.status == 200


def test_refused_requests_count_too(world: World, program_of: Make) -> None:
    program = program_of(world.east, "customers.see", requests_per_minute=2)
    program.get("/bookings")
    program.get("/bookings")
    program.get("/customers")
    assert program.refused(429)


def test_one_token_does_not_use_up_anothers_room(world: World, program_of: Make) -> None:
    first = program_of(world.east, "customers.see", requests_per_minute=1)
    second = program_of(world.east, "customers.see", requests_per_minute=1, name="网站")
    first.get("/customers")
    second.get("/customers")
    assert (first.status, second.status) == (200, 200)


# --- writes that are sent twice ---


def test_the_same_key_and_request_write_once(world: World, program: Program) -> None:
    first = program.post("/customers", {"name": "张三"}, Idempotency_Key="order-17")
    again = program.post("/customers", {"name": "张三"}, Idempotency_Key="order-17")
    assert program.status == 201
    assert first == again
    with dealer_scope(world.east.pk):
        assert Customer.objects.count() == 1


def test_the_same_key_for_another_request_is_refused(world: World, program: Program) -> None:
    program.post("/customers", {"name": "张三"}, Idempotency_Key="order-17")
    program.post("/customers", {"name": "李四"}, Idempotency_Key="order-17")
    assert program.refused(409, "Idempotency-Key")


def test_a_refused_write_leaves_its_key_free(world: World, program: Program) -> None:
    program.post("/customers", {"name": "张三", "phones": [{"number": "1380"}]}, Idempotency_Key="k")
    assert program.refused(409)
    program.post("/customers", {"name": "张三", "phones": [{"number": "13800001234"}]}, Idempotency_Key="k")
    assert program.status == 201


def test_keys_of_two_tokens_do_not_meet(world: World, program_of: Make) -> None:
    for store in (world.east, world.west):
        program = program_of(store, "customers.edit")
        program.post("/customers", {"name": "张三"}, Idempotency_Key="same")
        assert program.status == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tbed"])
def test_an_impossible_key_is_refused(program: Program, key: str) -> None:
    program.post("/customers", {"name": "张三"}, Idempotency_Key=key)
    assert program.refused(422, "Idempotency-Key")


def test_old_keys_are_forgotten(world: World, program: Program) -> None:
    program.post("/customers", {"name": "张三"}, Idempotency_Key="old")
    with dealer_scope(world.east.pk):
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=49))
    program.post("/customers", {"name": "张三"}, Idempotency_Key="new")
    forget_keys(timestamp=0)
    with dealer_scope(world.east.pk):
        assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_with_one_key_write_once() -> None:
    world = make_world()
    secret = token_for(world.east)

    def send(_number: int) -> tuple[Any, Any]:
        program = Program(secret)
        try:
            return program.post("/customers", {"name": "张三"}, Idempotency_Key="storm"), program.status
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {status for _body, status in answers} == {201}
    assert len({body["id"] for body, _status in answers}) == 1
    with dealer_scope(world.east.pk):
        assert Customer.objects.filter(name="张三").count() == 1


# --- pages ---


def test_pages_neither_skip_nor_repeat_while_others_write(world: World, program: Program) -> None:
    made = [make_customer(world.east).pk for _ in range(5)]
    first = program.get("/customers?limit=2")
    later = make_customer(world.east).pk
    with dealer_scope(world.east.pk):
        Customer.objects.filter(pk=made[0]).update(name="改名")
    second = program.get(f"/customers?limit=2&cursor={first['next']}")
    third = program.get(f"/customers?limit=2&cursor={second['next']}")
    seen = [row["id"] for answer in (first, second, third) for row in answer["items"]]
    assert seen == [*made, later]
    assert third["next"] is None


def test_a_foreign_or_forged_cursor_is_refused(world: World, program: Program) -> None:
    for _ in range(2):
        make_car(world.east)
    cursor = program.get("/cars?limit=1")["next"]
    for wrong in (cursor[:-2], "abc", cursor[::-1]):
        program.get(f"/cars?cursor={wrong}")
        assert program.refused(404, "cursor")
    program.get(f"/customers?cursor={cursor}")  # a cursor of another list
    assert program.refused(404, "cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "1.0", "1_0"])
def test_a_page_has_a_size(program: Program, limit: str) -> None:
    program.get(f"/customers?limit={limit}")
    assert program.refused(422, "limit")


def test_the_number_of_queries_does_not_grow_with_the_rows(world: World, program: Program) -> None:
    def fill() -> None:
        car = make_car(world.east)
        make_booking(world.east, car=car)
        make_case(world.east, car=car)
        make_order(world.east, car=car)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            program.get(path)
        return len(seen)

    lists = ("/customers", "/cars", "/bookings", "/cases", "/reminders", "/visits")
    fill()
    with_one = {path: queries(path) for path in lists}
    fill()
    fill()
    assert {path: queries(path) for path in lists} == with_one
