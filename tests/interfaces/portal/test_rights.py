"""The portal's table of rights, generated: every route, every right, nobody, a stranger, a driver, the owner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path

from huichang.domains.owners.rights import PERMISSIONS, Right
from huichang.interfaces.portal.pages import OWNER_PAGES, OwnerDoor, OwnerPage, owner_page
from tests.factories.owners import bind_owner, make_account, make_owner_car, owner_of_car, phone_of
from tests.factories.world import World, make_booking

pytestmark = pytest.mark.django_db
OF_A_CAR = {name: page for name, page in OWNER_PAGES.items() if not isinstance(page.needs, OwnerDoor)}


def undeclared(patterns: list[Any]) -> Iterator[str]:
    """Routes of the portal that no `owner_page()` declared."""
    for pattern in patterns:
        declared = OWNER_PAGES.get(pattern.name or "")
        if declared is None or getattr(pattern.callback, "__wrapped__", None) is not declared.view:
            yield str(pattern.pattern)


def routes() -> list[URLPattern]:
    portal: Any = next(one for one in get_resolver().url_patterns if getattr(one, "app_name", "") == "portal")
    return list(portal.url_patterns)


def test_every_route_is_declared_with_what_it_needs() -> None:
    assert len(routes()) > 30
    assert list(undeclared(routes())) == []


def test_an_undeclared_route_is_seen() -> None:
    assert list(undeclared([path("back-door", lambda _request: HttpResponse(), name="home")])) == [
        "back-door"
    ]


def test_a_page_of_a_car_cannot_be_declared_without_a_right() -> None:
    def view(request: Any, binding: int) -> HttpResponse:
        return HttpResponse()

    with pytest.raises(ValueError, match="right over it"):
        owner_page("cars/<int:binding>/planted", view, needs=OwnerDoor.PUBLIC, name="planted")
    assert "planted" not in OWNER_PAGES


@pytest.fixture
def asked(world: World) -> dict[str, str]:
    """Every page of one car; its booking is named where an id is needed."""
    car = make_owner_car(world.east)
    binding = bind_owner(car)
    booking = make_booking(world.east, car=car, customer=owner_of_car(car))
    return {"binding": str(binding.pk), "pk": str(booking.pk)}


def address(page: OwnerPage, ids: dict[str, str]) -> str:
    route = page.route
    for name, value in ids.items():
        route = route.replace(f"<int:{name}>", value)
    return f"/m/{route}"


def status(client: Client, page: OwnerPage, ids: dict[str, str]) -> int:
    url = address(page, ids)
    return int((client.post(url) if page.writes else client.get(url)).status_code)


def test_nobody_is_sent_to_sign_in(asked: dict[str, str]) -> None:
    answers = {name: status(Client(), page, asked) for name, page in OF_A_CAR.items()}
    assert {name: code for name, code in answers.items() if code != 302} == {}


def test_a_stranger_finds_nothing(world: World, asked: dict[str, str]) -> None:
    stranger = phone_of(bind_owner(make_owner_car(world.west)).account)
    answers = {name: status(stranger, page, asked) for name, page in OF_A_CAR.items()}
    assert {name: code for name, code in answers.items() if code != 404} == {}


@pytest.mark.parametrize("right", [Right.OWNER, Right.DRIVER])
def test_each_right_opens_exactly_its_pages(world: World, right: str) -> None:
    for name, page in OF_A_CAR.items():
        if name in {"leave", "cancel", "waiting-leave"}:
            continue  # what ends things is proved beside what it ends
        car = make_owner_car(world.east)
        binding = bind_owner(car, make_account(), right=right)
        ids = {
            "binding": str(binding.pk),
            "pk": str(make_booking(world.east, car=car, customer=owner_of_car(car)).pk),
        }
        code = status(phone_of(binding.account), page, ids)
        allowed = page.needs.value in PERMISSIONS[right]
        assert (code == 403) is not allowed, (name, code)
        assert code in {200, 302, 403, 404, 409, 422}, (name, code)


def test_what_only_writes_answers_nothing_else(world: World, asked: dict[str, str]) -> None:
    owner = bind_owner(make_owner_car(world.east))
    client = phone_of(owner.account)
    for name, page in OWNER_PAGES.items():
        if page.writes:
            assert client.get(address(page, {**asked, "binding": str(owner.pk)})).status_code == 405, name


def test_every_page_forbids_scripts_and_caching(world: World) -> None:
    owner = bind_owner(make_owner_car(world.east))
    for client, url in ((Client(), "/m/welcome"), (phone_of(owner.account), f"/m/cars/{owner.pk}")):
        answer = client.get(url)
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "<script" not in answer.content.decode()
