"""Every page of the registry as its role, at three widths: it fits, it is whole, it can be used without a mouse.

A page added anywhere is visited here without another line. Pages that need a row give it by their `sample`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.urls import reverse

import huichang.config.urls  # noqa: F401  # importing the routes fills the registry of pages
from huichang.domains.accounts.models import User
from huichang.domains.accounts.roles import ROLES
from huichang.domains.appointments.models import Replan
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.dealers.queries import reach_of
from huichang.domains.intake.operations import begin_import
from huichang.domains.owners.operations.requests import ask_privacy
from huichang.domains.reminders import batch
from huichang.domains.reminders import months as month_runs
from huichang.domains.reminders.kinds import KINDS
from huichang.interfaces.pages import PAGES, Door, Page
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope, unscoped
from huichang.kernel.worktime import add_months
from tests.browser.conftest import TELL_VIOLATIONS
from tests.factories import world as make
from tests.factories.parts_store import Room

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext
    from playwright.sync_api import Page as Tab

WIDTHS = (1440, 1280, 390)
# The first of these who may open a page is the person it is made for.
WHO = ("service_manager", "dcrc_agent", "store_manager", "maker_manager")
GRANTED = {seed.code: set(seed.permissions) for seed in ROLES}
NETWORK = {"maker_manager"}
SPOKEN = {"zh-hans": "zh-Hans", "en": "en"}
WHOLE = (Path(__file__).parent / "checker.js").read_text(encoding="utf-8")
# What a page fetches after it was drawn has come; waiting for a silent network would cost half a second a page.
SETTLED = """() => !document.querySelector('.htmx-request, [hx-trigger="load"]')"""
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return '';
  const ringed = (one) => {
    const style = one && getComputedStyle(one);
    return style && ((style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
  };
  // The search field in the bar wears its ring around its icon and keys.
  return ringed(e) || ringed(e.closest('.ui-find')) ? '' : e.outerHTML.slice(0, 90);
}"""


def pages_of(role: str) -> list[Page]:
    """The pages that this role is the first of WHO to open."""
    return [page for page in PAGES.values() if page.screens and _first(page) == role]


def _first(page: Page) -> str:
    return next((role for role in WHO if _opens(role, page)), "")


def _opens(role: str, page: Page) -> bool:
    if page.needs in {Door.PUBLIC, Door.SIGNED_IN}:
        return True
    return page.needs.value in GRANTED[role] and (role not in NETWORK or page.network)


def test_every_page_has_somebody_who_opens_it() -> None:
    assert [page.name for page in PAGES.values() if page.screens and not _first(page)] == []


@pytest.fixture
def people(transactional_db: None, morning_clock: datetime) -> dict[str, User]:
    """Two stores full of work, and one person for each of WHO."""
    world = make.make_world()
    _fill(world, morning_clock)
    _fill_parts(world, morning_clock)
    return {
        "service_manager": world.wang,
        **{role: make.make_user(role, world.east, name="孙晓梅") for role in WHO[1:3]},
        "maker_manager": make.make_user("maker_manager", name="杨帆"),
    }


def _fill(world: make.World, now: datetime) -> None:
    east = world.east
    make.make_schedule(east)
    for number in range(4):
        sold = (now - timedelta(days=1000 + number)).date()
        car = make.make_car(east, sale_date=sold, series="福克斯", model_name="福克斯 1.5T 自动豪华型")
        make.make_order(east, car=car, arrived=now - timedelta(days=190 + number))
        make.make_reading(east, car=car, km=30_000 + number)
        make.make_finding(east, car=car)
    make.make_complaint(east, car=car)
    make.make_call(east, car=car)
    make.make_message(east, customer=make.owner_of(east, car))
    make.make_opt_out(east)
    with dealer_scope(east.pk):
        ChannelAccount.objects.create(
            dealer=east, channel="sms", provider="aliyun", label="短信", hook_key="k" * 43
        )
        Replan.objects.create(dealer=east, day=now.date(), asked="技师请假", moves=[], created_at=now)
    make.make_booking(east, car=car)
    for code in KINDS:
        make.make_due(east, kind=code, key=code, due_date=now.date() + timedelta(days=5))
    make.make_case(east)
    with dealer_scope(east.pk):
        ask_privacy(customer=make.owner_of(east, car), kind="erase", text="", actor=system("test"), now=now)
    export = "客户名称,手机,车牌号,车架号\n张三,13900001111,苏E12345,LVSHFFAC0GS000001\n"
    with dealer_scope(east.pk):
        begin_import(dealer=east, uploads=[("客户.csv", export.encode())], actor=system("test"), now=now)
    month = add_months(now.date().replace(day=1), -1)
    with unscoped("the nation's run"):
        batch.run(actor=system("test"), as_of=now.date(), now=now)
        for start in (month, add_months(month, 1)):
            month_runs.plan_month(actor=system("test"), month=start, now=now)
        month_runs.freeze_month(actor=system("test"), month=month, now=now)


def _fill_parts(world: make.World, now: datetime) -> None:
    """A parts room with something in every state: reserved, drawn, on order, late, going back, being counted."""
    with dealer_scope(world.east.pk):
        room = Room(world.east, now=now)
        today = now.date()
        pads, oil = (
            room.part("R-1", 3, name="前刹车片", safety_stock=9, keeps_old_part=True),
            room.part("R-2"),
        )
        room.reserve("A-1", (pads, 1), (oil, 1), need=today)
        room.do("draw", reference="A-1", technician="张伟", plate="渝B62D81")
        room.reserve("A-2", (pads, 1), need=today)
        room.do("draw", reference="A-2", technician="张伟")
        room.do("release", reference="A-2", reason="客户取消")
        line = room.ordered(oil, 5, expected=today)
        room.do("receive", line=line, quantity=Decimal(2))
        room.do("issue", reference="W-1", technician="张伟", lines=[(pads.pk, Decimal(1))])
        room.do("open_stocktake", warehouse=room.main())
        room.do("start_day", dealer=world.east)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", WHO)
def test_pages_fit_and_are_whole(
    role: str, language: str, people: dict[str, User], browser: Browser, live_server: Any
) -> None:
    person = people[role]
    User.objects.filter(pk=person.pk).update(language=language)
    wrong: list[str] = []
    context = _signed_in(browser, live_server.url, person)
    try:
        for page, path in _addresses(pages_of(role), person, wrong):
            wrong += [f"{page.name} {line}" for line in _look_at(context, path, language)]
    finally:
        context.close()
    assert not wrong, "\n".join(wrong)


def _signed_in(browser: Browser, url: str, person: User) -> BrowserContext:
    context = browser.new_context(base_url=url, viewport={"width": WIDTHS[0], "height": 900})
    context.add_init_script(TELL_VIOLATIONS)
    cookies = make.signed_in(person).cookies.items()
    context.add_cookies([{"name": name, "value": morsel.value, "url": url} for name, morsel in cookies])
    return context


def _addresses(pages: list[Page], person: User, wrong: list[str]) -> Iterator[tuple[Page, str]]:
    """Each page with its address; a sample that finds no row in a full store is a fault of the page."""
    stores = reach_of(person, make.TODAY)
    ids = [dealer.pk for dealer in stores.stores] or list(stores.network_dealer_ids)
    for page in pages:
        try:
            with dealer_scope(*ids):
                arguments: Mapping[str, Any] = page.sample() if page.sample else {}
            yield page, reverse(f"staff:{page.name}", kwargs=dict(arguments))
        except Exception as error:  # noqa: BLE001  # whatever the sample raises is reported with its page
            wrong.append(f"{page.name} cannot be opened: {error!r}")


def _look_at(context: BrowserContext, path: str, language: str) -> Iterator[str]:
    tab = context.new_page()
    said: list[str] = []
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    try:
        answer = tab.goto(path)
        tab.wait_for_function(SETTLED)
        if answer is None or answer.status != 200:
            yield f"answers {answer.status if answer else 'nothing'} at {path}"
            return
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 844 if width < 700 else 900})
            yield from (f"at {width} px {line}" for line in tab.evaluate(WHOLE))
        if (spoken := tab.evaluate("document.documentElement.lang")) != SPOKEN[language]:
            yield f"speaks {spoken}"
        if language == settings.LANGUAGE_CODE:  # the ring of focus does not depend on words
            yield from _tabbed(tab)
    finally:
        tab.close()
    yield from (f"says {line}" for line in dict.fromkeys(said))


def _tabbed(tab: Tab) -> Iterator[str]:
    """Ten steps with the Tab key: wherever the focus lands, it is seen."""
    tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
    for _ in range(10):
        tab.keyboard.press("Tab")
        if unseen := tab.evaluate(FOCUS):
            yield f"focus is not seen on {unseen}"
