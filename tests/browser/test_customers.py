"""Search, edits in place and drafts by keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer_page(open_page: Callable[..., Page]) -> Page:
    """The file of 周建国, opened by 李 through the search field."""
    from tests.factories.world import make_car, make_customer, make_world

    world = make_world()
    make_car(
        world.east, owner=make_customer(world.east, name="周建国", mobile="13912344418"), plate="渝B62D81"
    )
    page = open_page(world.li, "/customers")
    page.keyboard.press("/")
    page.keyboard.type("62D81")
    page.clock.run_for(300)
    page.wait_for_selector("#find-results [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#who dl")
    return page


def test_the_search_field_opens_the_file_by_keyboard(customer_page: Page) -> None:
    assert customer_page.inner_text("h1") == "周建国"


def test_an_edit_by_keyboard_is_saved_and_leaves_no_draft(customer_page: Page) -> None:
    customer_page.keyboard.press("e")
    customer_page.fill("#who [name=address]", "江北区观音桥 1 号")
    customer_page.keyboard.press("Control+Enter")
    customer_page.wait_for_selector("#who dl")
    assert "江北区观音桥 1 号" in customer_page.inner_text("#who")
    assert customer_page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


def test_a_closed_tab_loses_nothing(customer_page: Page) -> None:
    customer_page.keyboard.press("c")
    customer_page.fill("#car [name=insurer]", "平安")
    customer_page.reload()
    customer_page.keyboard.press("c")
    customer_page.wait_for_selector("#car .ui-draft-note")
    assert customer_page.input_value("#car [name=insurer]") == "平安"


def test_a_refused_plate_stays_in_its_field(customer_page: Page) -> None:
    customer_page.keyboard.press("c")
    customer_page.fill("#car [name=plate]", "渝B6")
    customer_page.keyboard.press("Control+Enter")
    customer_page.wait_for_selector("#car .ui-error")
    assert customer_page.input_value("#car [name=plate]") == "渝B6"


def test_the_keys_of_the_page_are_told(customer_page: Page) -> None:
    customer_page.keyboard.press("?")
    customer_page.wait_for_selector("#keys[open]")
    assert "编辑" in customer_page.inner_text("#keys")
