"""The frame of the pages: where each role starts, what its menu leads to, the help beside the page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from huichang.domains.accounts.models import Level, User
from huichang.domains.accounts.roles import ROLES, RoleSeed
from huichang.interfaces.pages import PAGES, Door, page
from tests.factories import world as make

if TYPE_CHECKING:
    from tests.factories.world import World


def rail(page: str) -> dict[str, str]:
    """Address → label of the menu."""
    menu = re.search(r'<nav class="ui-rail".*?</nav>', page, re.DOTALL)
    assert menu is not None
    return dict(re.findall(r'<li><a href="([^"]+)" title="([^"]+)"', menu.group()))


def a_person(world: World, seed: RoleSeed) -> User:
    region = world.region if seed.level == Level.REGION else None
    return make.make_user(seed.code, world.east, region=region)


@pytest.mark.parametrize("seed", ROLES, ids=lambda seed: seed.code)
def test_every_role_starts_at_its_work_and_every_link_of_its_menu_opens(world: World, seed: RoleSeed) -> None:
    make.make_car(world.east)
    client = make.signed_in(a_person(world, seed))
    start = client.get("/", follow=True)
    assert start.request["PATH_INFO"] != "/me"
    links = rail(start.content.decode())
    assert links
    answers = {address: client.get(address).status_code for address in links}
    assert answers == dict.fromkeys(links, 200)


def leads_to(page: str) -> set[str]:
    """Where the links, forms and buttons of a page lead inside the house, without what follows a question mark."""
    found = re.findall(r'(?:href|action|formaction|hx-get|hx-post|data-href)="(/[^"?#]*)', page)
    return {address for address in found if not address.startswith("/static/")}


def refused_to(seed: RoleSeed, address: str) -> bool:
    """Whether this role may not open what lies at the address."""
    try:
        found = PAGES.get(resolve(address).url_name or "")
    except Resolver404:
        return False
    if found is None or found.needs in {Door.PUBLIC, Door.SIGNED_IN}:
        return False
    beyond = seed.level != Level.DEALER and not found.network
    return beyond or found.needs.value not in seed.permissions


@pytest.fixture
def busy(world: World) -> World:
    """A store in which something of everything is going on."""
    car = make.make_car(world.east, sale_date=make.TODAY - timedelta(days=1000))
    make.make_order(world.east, car=car)
    make.make_finding(world.east, car=car)
    make.make_complaint(world.east, car=car)
    make.make_call(world.east, car=car)
    make.make_message(world.east, customer=make.owner_of(world.east, car))
    make.make_booking(world.east, car=car)
    make.make_due(world.east, car=car, due_date=make.TODAY + timedelta(days=3))
    make.make_case(world.east)
    return world


@pytest.mark.parametrize("seed", ROLES, ids=lambda seed: seed.code)
def test_nothing_on_the_pages_of_a_role_leads_to_a_refusal(busy: World, seed: RoleSeed) -> None:
    client = make.signed_in(a_person(busy, seed))
    menu = rail(client.get("/", follow=True).content.decode())
    found = {
        (page, address)
        for page in menu
        for address in leads_to(client.get(page).content.decode())
        if refused_to(seed, address)
    }
    assert sorted(found) == []


WORK = {
    "dcrc_agent": "/desk",
    "dcrc_lead": "/desk/manage",
    "appointment_clerk": "/bookings",
    "service_advisor": "/bookings/advisor",
    "foreman": "/bookings",
    "parts_clerk": "/parts/picking",
    "service_manager": "/desk/manage",
    "technical_director": "/preparation",
    "sales_advisor": "/due",
    "store_admin": "/imports",
    "general_manager": "/census",
    "maker_manager": "/census",
    "maker_legal": "/settings",
}


@pytest.mark.parametrize(("role", "work"), WORK.items())
def test_people_begin_where_their_work_waits(world: World, role: str, work: str) -> None:
    make.make_car(world.east)
    seed = next(seed for seed in ROLES if seed.code == role)
    start = make.signed_in(a_person(world, seed)).get("/", follow=True)
    assert start.request["PATH_INFO"] == work


def test_an_empty_store_begins_with_the_import_for_who_may_import(world: World) -> None:
    assert make.signed_in(world.wang).get("/", follow=True).request["PATH_INFO"] == "/imports"
    assert make.signed_in(world.li).get("/", follow=True).request["PATH_INFO"] == "/bookings/advisor"


def test_two_pages_cannot_share_a_route() -> None:
    with pytest.raises(ValueError, match="only one could ever be opened"):
        page("calendar", PAGES["resources"].view, needs=Door.SIGNED_IN, name="calendar-again")
    assert "calendar-again" not in PAGES


def test_the_menu_of_a_caller_is_free_of_other_peoples_work(world: World) -> None:
    client = make.signed_in(make.make_user("dcrc_agent", world.east))
    links = rail(client.get("/desk").content.decode())
    assert {"/desk", "/customers", "/bookings"} <= set(links)
    others = ("/parts/suppliers", "/parts/old", "/labour", "/schedules")
    assert not set(others) & set(links)
    assert {client.get(path).status_code for path in others} == {200}


def folded(page: str) -> list[str]:
    """Labels of the groups of the menu that show only their heading."""
    return re.findall(r'aria-expanded="false"[^>]*data-fold="[a-z]+"><span>([^<]+)', page)


def test_a_long_menu_folds_what_managers_need_least_often(world: World) -> None:
    client = make.signed_in(world.wang)
    assert folded(client.get("/bookings").content.decode()) == ["配件", "车间", "系统管理"]
    assert "系统管理" not in folded(
        client.get("/calendar").content.decode()
    )  # the group of the page stays open


def test_what_a_person_unfolds_stays_unfolded(world: World) -> None:
    client = make.signed_in(world.wang)
    client.cookies["rail"] = "parts-o.customers-f.nonsense.x-y"
    assert folded(client.get("/bookings").content.decode()) == ["客户管理", "车间", "系统管理"]


@pytest.mark.parametrize("seed", ROLES, ids=lambda seed: seed.code)
def test_the_menu_names_each_place_once(world: World, seed: RoleSeed) -> None:
    labels = rail(make.signed_in(a_person(world, seed)).get("/me").content.decode()).values()
    assert len(set(labels)) == len(labels)


def test_the_page_that_is_open_is_marked_in_the_menu(world: World) -> None:
    page = make.signed_in(world.wang).get("/calendar").content.decode()
    assert re.search(r'href="/calendar"[^>]*aria-current="page"', page)


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "预约"), ("en", "Bookings")])
def test_the_menu_speaks_the_readers_language(world: World, language: str, word: str) -> None:
    User.objects.filter(pk=world.wang.pk).update(language=language)
    page = make.signed_in(world.wang).get("/bookings").content.decode()
    assert re.search(rf"<button[^>]*data-fold[^>]*><span>{word}</span>", page)


@pytest.mark.parametrize(("language", "title"), [("zh-hans", "工作日历"), ("en", "Working calendar")])
def test_the_help_of_a_page_opens_in_the_readers_language(world: World, language: str, title: str) -> None:
    User.objects.filter(pk=world.wang.pk).update(language=language)
    client = make.signed_in(world.wang)
    address = re.search(r'hx-get="(/help/[^"]+)"', client.get("/calendar").content.decode())
    assert address is not None
    assert f"<h2>{title}</h2>" in client.get(address.group(1)).content.decode()


def ways_on(page: str) -> list[str]:
    """Where the empty parts of a page lead."""
    return re.findall(
        r'href="([^"]+)"', "".join(re.findall(r'<div class="ui-empty-text">.*?</div>', page, re.DOTALL))
    )


@pytest.mark.parametrize(
    "path", ["/resources", "/labour", "/schedules", "/customers", "/customers/people", "/due"]
)
def test_an_empty_store_is_led_to_the_import_by_who_may_import(world: World, path: str) -> None:
    assert "/imports" in ways_on(make.signed_in(world.wang).get(path).content.decode())
    assert "/imports" not in ways_on(make.signed_in(world.li).get(path).content.decode())


def test_an_installation_without_people_says_how_to_make_the_first(db: None) -> None:
    assert "createuser" in Client().get("/sign-in").content.decode()
    make.make_world()
    assert "createuser" not in Client().get("/sign-in").content.decode()


def test_nobody_signed_in_has_no_menu(db: None) -> None:
    assert "ui-rail" not in Client().get("/sign-in").content.decode()
