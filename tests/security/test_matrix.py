"""The permission matrix, generated from the table of pages and the roles: every page, every role, every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from huichang.domains.accounts.models import Level, Role, User
from huichang.domains.accounts.roles import ROLES
from huichang.domains.contacts.models import OptOut
from huichang.domains.contacts.operations import seed_codes
from huichang.domains.customers.models import CustomerNeed, CustomerPhone
from huichang.domains.dealers.models import Delegation, NetworkPost, StorePost
from huichang.domains.vehicles.models import OdometerReading
from huichang.interfaces.pages import PAGES, Door, Page
from huichang.interfaces.sessions import NETWORK, STORE
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from tests.factories.rows import dealer_tables, make_row
from tests.factories.world import (
    World,
    make_booking,
    make_call,
    make_car,
    make_case,
    make_complaint,
    make_finding,
    make_order,
    make_reading,
    make_schedule,
    make_user,
    make_world,
    signed_in,
)

import_module(settings.ROOT_URLCONF)  # declares every page

PROTECTED = {name: page for name, page in PAGES.items() if page.needs is not Door.PUBLIC}
# Arguments that name nothing of a store: another store opens the same page over its own rows.
NOT_OF_A_STORE = {
    "help": "a chapter of the guide",
    "preparation-check": "a kind of check, over the own store's bookings",
    "preparation-check-record": "a kind of check, over the own store's bookings",
    "role": "roles are the network's",
    "outcome-code": "the network's codes, with the store's own changes",
    "call-script": "the network's scripts, with the store's own changes",
    "message-template": "the network's templates, with the store's own versions",
    "channel-new": "a provider, for an account of one's own",
    "inbox-play": "what to play, with the own store's messages",
    "settings-edit": "a parameter, with the store's own value",
    "settings-preview": "a parameter, with the store's own value",
    "calendar-holiday-remove": "public holidays are the network's",
    "network-post-end": "posts of the network",
    **{f"census-{name}": "a month" for name in ("month", "cars", "plan", "print", "export", "freeze")},
}


def _first(model: type[models.Model], **named: str) -> dict[str, Any]:
    return dict(model.objects.order_by("pk").values(**{key: F(path) for key, path in named.items()})[0])  # type: ignore[attr-defined]


# Pages that only write are never drawn, so some declare no sample; the matrix opens them all the same.
SAMPLES: dict[str, Callable[[], Mapping[str, Any]]] = {
    "help": lambda: {"slug": "desk"},
    "phone-wrong": lambda: _first(CustomerPhone, pk="id"),
    "need-end": lambda: _first(CustomerNeed, pk="id"),
    "reading-judge": lambda: _first(OdometerReading, pk="id"),
    "opt-out-lift": lambda: _first(OptOut, pk="id"),
    "post-end": lambda: _first(StorePost, pk="user_id", post="id"),
    "network-post-end": lambda: _first(NetworkPost, pk="user_id", post="id"),
    "delegation-end": lambda: _first(Delegation, pk="id"),
}


@pytest.fixture
def world(db: None) -> World:
    """Two stores; 东区店 has at least one of everything a page may ask for."""
    seed_codes(actor=system("test"))
    world = make_world()
    car = make_car(world.east)
    for make in (make_reading, make_order, make_finding, make_complaint, make_booking, make_case, make_call):
        make(world.east, car=car)
    make_schedule(world.east)
    make_user("maker_manager")
    for model in dealer_tables():
        with dealer_scope(world.east.pk):
            missing = not model._base_manager.filter(dealer=world.east).exists()
        if missing:
            make_row(model, world.east)
    return world


def arguments(page: Page, world: World) -> Mapping[str, Any]:
    """What the page is opened with, taken in 东区店."""
    sample = page.sample or SAMPLES.get(page.name)
    if sample is None:
        return {}
    with dealer_scope(world.east.pk):
        return sample()


def address(page: Page, world: World) -> str:
    return reverse(f"staff:{page.name}", kwargs=dict(arguments(page, world)))


def ask(client: Client, page: Page, url: str) -> int:
    """The status of a page opened as it is meant to be; what it wrote is undone."""
    with transaction.atomic():
        response = client.post(url) if page.writes else client.get(url)
        transaction.set_rollback(True)
    return int(response.status_code)


def may_open(page: Page, role: Role) -> bool:
    if page.needs is Door.SIGNED_IN:
        return True
    return page.needs.value in role.permissions and (page.network or role.level == Level.DEALER)


def person(role: Role, world: World) -> tuple[User, Client]:
    """Somebody who holds only this role, signed in where it is held."""
    user = make_user(role.code, world.east if role.level == Level.DEALER else None)
    client = signed_in(user)
    if role.level != Level.DEALER:
        session = client.session
        session[STORE] = NETWORK
        session.save()
    return user, client


# --- every route is a declared page ---


def undeclared(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Routes of the staff pages that no `page()` declared."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            # The API has its own table (tests/interfaces/api/test_doors.py); hooks prove themselves otherwise
            # (tests/interfaces/hooks); owners have rights over their cars (tests/interfaces/portal/test_rights.py).
            if pattern.app_name not in {"api", "hooks", "board", "portal"}:
                yield from undeclared(pattern.url_patterns, route)
            continue
        declared = PAGES.get(pattern.name or "")
        if declared is None or getattr(pattern.callback, "__wrapped__", None) is not declared.view:
            yield route


def test_every_route_is_declared_with_what_it_needs() -> None:
    assert list(undeclared(get_resolver().url_patterns)) == []


def test_an_undeclared_route_is_seen() -> None:
    from django.urls import path

    planted: list[URLPattern | URLResolver] = [
        path("back-door", lambda _request: HttpResponse(), name="home")
    ]
    assert list(undeclared(planted)) == ["back-door"]


def test_every_page_with_arguments_has_a_sample() -> None:
    without = [name for name, page in PAGES.items() if "<" in page.route and page.sample is None]
    assert [name for name in without if name not in SAMPLES] == []


# --- nobody, somebody, everybody ---


def test_nobody_is_sent_to_sign_in(world: World) -> None:
    client, failures = Client(), {}
    for name, page in PROTECTED.items():
        url = address(page, world)
        plain, partial = client.get(url), client.get(url, headers={"HX-Request": "true"})
        if not (
            plain.status_code == 302
            and plain.headers["Location"].startswith("/sign-in?next=")
            and partial.status_code == 401
        ):
            failures[name] = (plain.status_code, partial.status_code)
    assert failures == {}


def test_nobody_can_post(world: World) -> None:
    client = Client()
    answers = {name: client.post(address(page, world)).status_code for name, page in PROTECTED.items()}
    assert {name: status for name, status in answers.items() if status != 302} == {}


@pytest.mark.parametrize("code", [role.code for role in ROLES])
def test_a_role_opens_nothing_it_has_no_permission_for(world: World, code: str) -> None:
    role = Role.objects.get(code=code)
    _user, client = person(role, world)
    shut = {name: page for name, page in PROTECTED.items() if not may_open(page, role)}
    assert shut, "a role that may do everything is no role"
    answers = {name: ask(client, page, address(page, world)) for name, page in shut.items()}
    assert {name: status for name, status in answers.items() if status != 403} == {}


def test_every_page_opens_for_a_role_that_may(world: World) -> None:
    failures: dict[str, Any] = {}
    people: dict[str, Client] = {}
    roles = {role.code: role for role in Role.objects.all()}
    for name, page in PROTECTED.items():
        code = next((seed.code for seed in ROLES if may_open(page, roles[seed.code])), None)
        if code is None:
            failures[name] = "no role may open it"
            continue
        if code not in people or page.writes:  # what was posted may have ended the session
            people[code] = person(roles[code], world)[1]
        client = people[code]
        status = ask(client, page, address(page, world))
        allowed = {200, 204, 302, 303, 400, 404, 409, 422} if page.writes else {200, 302}
        if status not in allowed:
            failures[name] = status
        if page.writes and person(roles[code], world)[1].get(address(page, world)).status_code != 405:
            failures[name] = "GET on a page that only writes"
    assert failures == {}


def test_another_stores_object_is_not_there(world: World) -> None:
    """赵 of 西区店 may do everything in her own store, and 东区店's objects do not exist for her."""
    Role.objects.filter(code="service_manager").update(
        permissions=sorted({page.needs.value for page in PROTECTED.values()})
    )
    client, answers = signed_in(world.zhao), {}
    for name, page in PROTECTED.items():
        if arguments(page, world) and name not in NOT_OF_A_STORE:
            answers[name] = ask(client, page, address(page, world))
    assert answers
    assert {name: status for name, status in answers.items() if status != 404} == {}
