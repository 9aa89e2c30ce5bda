"""The booking panel by keyboard alone: days and slots by arrows, Enter holds, Esc gives back, Enter books."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from huichang.domains.appointments.models import Booking
from huichang.domains.dealers.models import Dealer
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(transactional_db: None) -> Dealer:
    return make.make_world().east


@pytest.fixture
def panel(store: Dealer, open_page: Callable[..., Page]) -> Page:
    """The page of a new booking for 渝B62D81 with one job chosen."""
    make.make_bay(store), make.make_technician(store), make.make_advisor(store)
    job = make.make_labour(store, name="小保养")
    car = make.make_car(store, plate="渝B62D81")
    page = open_page(
        make.make_user("appointment_clerk", store, name="吴佳"),
        f"/bookings/new?car={car.pk}&customer={make.owner_of(store, car).pk}",
    )
    page.wait_for_selector("#booking .bk-add select")
    if not page.locator("#booking .bk-slot").count():
        page.select_option("#booking .bk-add select", str(job.pk))
    page.wait_for_selector("#booking .bk-slot[data-key='1']")
    return page


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def statuses(store: Dealer) -> list[str]:
    with dealer_scope(store.pk):
        return list(Booking.objects.order_by("pk").values_list("status", flat=True))


def test_arrows_move_among_slots_and_up_to_the_days(panel: Page) -> None:
    slots = panel.locator("#booking .bk-slot")
    slots.first.focus()
    panel.keyboard.press("ArrowRight")
    assert focused(panel) == slots.nth(1).get_attribute("id")
    panel.keyboard.press("End")
    assert focused(panel) == slots.last.get_attribute("id")
    panel.keyboard.press("Home")
    assert focused(panel) == slots.first.get_attribute("id")
    panel.keyboard.press("ArrowUp")
    assert focused(panel) == panel.locator("#booking .bk-day[aria-pressed=true]").get_attribute("id")
    panel.keyboard.press("ArrowDown")  # the same weekday a week later
    assert focused(panel).startswith("bk-day-")
    panel.keyboard.press("ArrowDown")
    assert focused(panel).startswith("bk-slot-")


def test_enter_on_a_day_shows_its_slots_and_keeps_the_focus_there(panel: Page) -> None:
    panel.locator("#booking .bk-day[aria-pressed=true]").focus()
    panel.keyboard.press("ArrowRight")
    chosen = focused(panel)
    panel.keyboard.press("Enter")
    panel.wait_for_selector(f"#{chosen}[aria-pressed=true]")
    assert focused(panel) == chosen


def test_enter_holds_a_slot_escape_gives_it_back_enter_twice_books_it(panel: Page, store: Dealer) -> None:
    panel.locator("#booking .bk-slot:not(.is-refused)").first.focus()
    panel.keyboard.press("Enter")
    panel.wait_for_selector("#booking .ui-countdown")
    assert statuses(store) == ["held"]
    panel.keyboard.press("Escape")
    panel.wait_for_selector("#booking .ui-countdown", state="detached")
    assert statuses(store) == ["cancelled"]
    panel.keyboard.press("1")
    panel.wait_for_selector("#booking .bk-act button[type=submit]:focus")
    panel.keyboard.press("Enter")
    panel.wait_for_selector("#booking .ui-alert.is-ok")
    assert statuses(store) == ["cancelled", "tentative"]
