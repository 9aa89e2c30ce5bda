"""The menu at the left: groups fold and stay folded, with the mouse and the keyboard; who cannot search has no search."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.factories import world as make

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

LABOUR = ".ui-rail a[href='/labour']"


def test_a_folded_group_opens_at_a_click_and_stays_open_on_the_next_page(
    open_page: Callable[..., Page],
) -> None:
    world = make.make_world()
    page = open_page(world.wang, "/bookings")
    head = page.get_by_role("button", name="车间")
    assert head.get_attribute("aria-expanded") == "false"
    assert not page.locator(LABOUR).is_visible()

    head.click()
    assert head.get_attribute("aria-expanded") == "true"
    page.locator(LABOUR).click()
    page.goto("/bookings")
    assert page.locator(LABOUR).is_visible()

    page.get_by_role("button", name="车间").press("Enter")
    page.goto("/due")
    assert not page.locator(LABOUR).is_visible()


def test_where_the_menu_shows_only_icons_every_page_can_still_be_reached(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(make.make_world().wang, "/bookings", width=1024)
    assert page.locator(LABOUR).is_visible()
    assert not page.locator(".ui-rail-head button").first.is_visible()


def test_who_may_not_search_has_no_search_field(open_page: Callable[..., Page]) -> None:
    world = make.make_world()
    technician = make.make_user("technician", world.east)
    page = open_page(technician, "/bookings")
    page.keyboard.press("/")
    assert page.locator("#find").count() == 0
    assert page.get_by_role("heading", level=1).is_visible()
