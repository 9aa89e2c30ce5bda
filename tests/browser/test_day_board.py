"""The day board in a browser: a car is dragged to another bay and to another time, and the same by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from huichang.domains.appointments.models import Booking, BookingBlock
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.factories.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TOMORROW = make.TODAY + timedelta(days=1)
PATH = f"/bookings?day={TOMORROW:%Y-%m-%d}"


@pytest.fixture
def day() -> tuple[World, Booking, Any]:
    """Tomorrow at ten on the first of two bays; the second is free."""
    world = make.make_world()
    booking = make.make_booking(
        world.east, starts_at=make.NOW + timedelta(days=1), bay=make.make_bay(world.east, name="A 位")
    )
    other = make.make_bay(world.east, name="B 位")
    make.make_technician(world.east)
    return world, booking, other


def block_of(world: World, booking: Booking) -> BookingBlock:
    with dealer_scope(world.east.pk):
        return BookingBlock.objects.get(booking=booking, kind="work", is_active=True)


def drag(page: Page, booking_block: BookingBlock, *, lanes: int, hours: float) -> None:
    """Take the car and let it go some lanes below and some hours later."""
    car = page.locator(f"#bar-{booking_block.pk}").bounding_box()
    track = page.locator(".bd-track[data-bay]").first.bounding_box()
    columns = page.locator(".bd-track[data-bay]").first.get_attribute("data-columns")
    assert car
    assert track
    assert columns
    x, y = car["x"] + 20, car["y"] + car["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 4, steps=3)
    page.mouse.move(x + track["width"] / int(columns) * hours, y + 53 * lanes, steps=6)
    page.mouse.up()


@pytest.mark.parametrize("width", [1440, 1280])
def test_a_car_is_dragged_to_another_bay(day: Any, open_page: Callable[..., Page], width: int) -> None:
    world, booking, other = day
    page = open_page(make.make_user("service_manager", world.east), PATH, width=width)

    drag(page, block_of(world, booking), lanes=1, hours=0)
    page.get_by_text("时间不变:只换工位或技师").wait_for()
    page.get_by_role("button", name="换工位或技师").click()

    page.locator("#place-dialog").wait_for(state="detached")
    page.locator(f'.bd-track[data-bay="{other.pk}"] .bd-bar').wait_for()
    assert block_of(world, booking).bay_id == other.pk
    page.goto("about:blank")  # the board asks no more


def test_a_car_dragged_to_another_time_asks_for_consent(day: Any, open_page: Callable[..., Page]) -> None:
    world, booking, _other = day
    page = open_page(make.make_user("service_manager", world.east), PATH)

    drag(page, block_of(world, booking), lanes=0, hours=4)
    page.get_by_text("客户同意了吗").wait_for()
    page.get_by_text("电话里同意").click()
    page.get_by_role("button", name="移到 14:00").click()

    page.locator("#place-dialog").wait_for(state="detached")
    assert block_of(world, booking).starts_at == booking.starts_at + timedelta(hours=4)
    page.goto("about:blank")


def test_the_keyboard_moves_a_car_too(day: Any, open_page: Callable[..., Page]) -> None:
    world, booking, other = day
    page = open_page(make.make_user("service_manager", world.east), PATH)

    page.locator(f"#bar-{block_of(world, booking).pk}").focus()
    page.keyboard.press("m")
    page.locator("#place-dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("#place-dialog[open]").wait_for(state="hidden")
    page.locator(f"#bar-{block_of(world, booking).pk}").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.locator("#place-dialog[open]").wait_for()
    page.get_by_role("button", name="换工位或技师").press("Enter")

    page.locator("#place-dialog").wait_for(state="detached")
    assert block_of(world, booking).bay_id == other.pk
    page.goto("about:blank")


def test_a_click_still_opens_the_booking(day: Any, open_page: Callable[..., Page]) -> None:
    world, booking, _other = day
    page = open_page(make.make_user("service_manager", world.east), PATH)

    page.locator(f"#bar-{block_of(world, booking).pk}").click()

    page.wait_for_url(f"**/bookings/{booking.pk}")
