"""Help beside the page in the reader's language, and pages on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from huichang.domains.accounts.models import User
from huichang.domains.dealers.models import Dealer
from tests.factories import world as make

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
A4_WIDTH = 703  # px between the margins of an upright A4 sheet (210 mm − 2 × 12 mm at 96 dpi)
A4_ACROSS = 1031  # the same of one that lies (297 mm)


@pytest.fixture
def world(transactional_db: None) -> make.World:
    return make.make_world()


@pytest.mark.parametrize(
    ("language", "title", "word"),
    [("zh-hans", "工作日历", "平常一周"), ("en", "Working calendar", "ordinary week")],
)
def test_help_opens_beside_the_page_and_closes_by_key(
    world: make.World, open_page: Callable[..., Page], language: str, title: str, word: str
) -> None:
    User.objects.filter(pk=world.wang.pk).update(language=language)
    page = open_page(world.wang, "/calendar")
    page.keyboard.press("h")
    page.wait_for_selector("#help h2")
    assert page.inner_text("#help h2") == title
    assert word in page.inner_text("#help")
    assert page.locator("#help").bounding_box()["x"] > page.locator("main").bounding_box()["x"]  # type: ignore[index]
    page.keyboard.press("Escape")
    page.wait_for_selector("#help h2", state="detached")


def fill(store: Dealer) -> None:
    """Enough for more than one sheet."""
    for number in range(45):
        car = make.make_car(store, plate=f"渝B{number:05d}", series="福克斯")
        make.make_due(store, car=car, kind="warranty_end", key="w", due_date=make.TODAY + timedelta(days=5))
        make.make_call(
            store,
            car=car,
            note="客户周末有空,想先问问刹车片和空调滤芯的价格再决定",
            agent=User.objects.get(username="li"),
        )
        if number < 3:
            make.make_booking(store, car=car, starts_at=make.NOW + timedelta(hours=1 + number))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("path", "many"),
    [
        ("/bookings/print?day=2026-06-16", False),
        ("/due/print?kind=warranty_end", True),
        ("/calls/print", True),
    ],
)
def test_lists_fit_on_paper_with_their_heading_on_every_sheet(
    world: make.World, open_page: Callable[..., Page], path: str, many: bool, language: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    fill(world.east)
    User.objects.filter(pk=world.wang.pk).update(language=language)
    page = open_page(world.wang, path, width=A4_WIDTH)
    page.emulate_media(media="print")
    if page.locator(".ui-sheet.is-wide").count():
        page.set_viewport_size({"width": A4_ACROSS, "height": 700})
    assert not page.locator(".ui-paper-bar").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    if folder := request.config.getoption("--pictures", default=None):
        name = path.partition("?")[0].strip("/").replace("/", "-")
        Path(folder, f"{name}-{language}.pdf").write_bytes(paper)
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert (sheets > 1) is many


def test_a_page_of_the_desk_prints_without_its_frame(
    world: make.World, open_page: Callable[..., Page]
) -> None:
    page = open_page(world.wang, "/bookings?day=2026-06-16", width=A4_WIDTH)
    page.emulate_media(media="print")
    for frame in (".ui-rail", ".ui-top", ".ui-bottom", ".ui-page-actions"):
        assert not page.locator(frame).first.is_visible()
    assert page.locator("h1").is_visible()
