"""The owner's phone in a real browser without scripts: register, three taps, move, cancel; and how much it loads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from huichang.domains.appointments.models import Booking
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners import links
from huichang.domains.owners.models import OwnerAccount
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import (
    bind_owner,
    last_code,
    make_id_number,
    make_owner_car,
    make_sms,
    make_workshop,
    owner_of_car,
    phone_of,
)
from tests.factories.world import (
    NOW,
    make_booking,
    make_case,
    make_due,
    make_finding,
    make_order,
    make_world,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)
MOBILE = "13912345678"
MOST_BYTES = 250 * 1024
WECHAT = (
    "Mozilla/5.0 (Linux; Android 8.1; PAFM00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/67.0.3396.87"
    " XWEB/1171 Mobile Safari/537.36 MicroMessenger/7.0.12"
)


@pytest.fixture
def east() -> Dealer:
    dealer = make_world().east
    make_sms(dealer)
    make_workshop(dealer)
    return dealer


@pytest.fixture
def phone(browser: Browser, live_server: Any, morning_clock: datetime) -> Iterator[Callable[..., Page]]:
    """`phone(account)`: a phone of 390 pixels in WeChat, scripts off, signed in when an account is given."""
    contexts: list[Any] = []

    def open_(account: OwnerAccount | None = None, *, width: int = 390, language: str = "zh-hans") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=False, base_url=live_server.url,
            user_agent=WECHAT, has_touch=True,
        )  # fmt: skip
        contexts.append(context)
        cookies: list[Any] = [{"name": "language", "value": language, "url": live_server.url}]
        if account is not None:
            token = phone_of(account).cookies["owner"].value
            cookies.append({"name": "owner", "value": token, "url": f"{live_server.url}/m/"})
        context.add_cookies(cookies)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


def booking_of(dealer: Dealer) -> Booking:
    with dealer_scope(dealer.pk):
        return Booking.objects.get()


def test_without_scripts_from_registering_to_cancelling(east: Dealer, phone: Callable[..., Page]) -> None:
    number = make_id_number()
    car = make_owner_car(east, id_number=number, mobile=MOBILE)
    make_case(east, car=car)
    page = phone()
    page.goto(f"/m/register?store={east.code}")
    page.fill("[name=vin]", car.vehicle.vin[-8:].lower())
    page.fill("[name=id_number]", number)
    page.fill("[name=mobile]", MOBILE)
    page.check("[name=agrees]")
    page.click("button:has-text('获取短信验证码')")
    page.fill("[name=code]", last_code())
    page.click("button:has-text('确认')")
    assert "登记成功" in page.content()
    page.click(f"a:has-text('{car.plate[2:]}')")
    page.click("a:has-text('预约定期保养')")  # one
    page.click(".slots a >> nth=-1")  # two: late enough to be moved
    page.click("button:has-text('确认预约')")  # three
    assert "约好了" in page.content()
    booked = booking_of(east)
    assert (booked.status, booked.source) == ("tentative", "wechat")
    page.click("a:has-text('改时间')")
    page.click(".slots button >> nth=-1")
    assert "改好了" in page.content()
    assert booking_of(east).starts_at != booked.starts_at
    page.click("a:has-text('取消预约')")
    page.check("[value=trip]")
    page.click("button:has-text('取消预约')")
    assert "预约已取消" in page.content()
    assert booking_of(east).status == "cancelled"


def test_from_a_message_to_a_booking_in_three_taps(east: Dealer, phone: Callable[..., Page]) -> None:
    car = make_owner_car(east)
    binding = bind_owner(car)
    make_case(east, car=car)
    token = links.make(
        dealer_id=east.pk,
        car_id=car.pk,
        expires_at=NOW + timedelta(days=9),
        subject="kind",
        value="scheduled_service",
    )
    page = phone(binding.account)
    page.goto(f"/m/b/{token}")  # the tap on the message
    page.click(".slots a >> nth=0")
    page.click("button:has-text('确认预约')")
    assert booking_of(east).car_id == car.pk


def furnished(east: Dealer) -> tuple[OwnerAccount, list[str]]:
    """Somebody with everything on the phone, and the addresses of all pages that read."""
    car = make_owner_car(
        east, plate="苏E62D81", series="锐界", warranty_end_date=NOW.date() + timedelta(days=200)
    )
    binding = bind_owner(car)
    make_case(east, car=car)
    make_due(east, car=car, kind="compulsory_insurance", key="i", due_date=NOW.date() + timedelta(days=25))
    for days in (180, 380):
        order = make_order(east, car=car, arrived=NOW - timedelta(days=days), advisor_name="吴倩")
        make_finding(
            east, car=car, order=order, text="前刹车片 3.5 mm,建议更换" if days == 180 else "蓄电池起动电压低"
        )
    booking = make_booking(east, car=car, customer=owner_of_car(car), starts_at=NOW + timedelta(days=2))
    at = f"/m/cars/{binding.pk}"
    parts = ("", "/history", "/people", "/book", "/book/times?why=scheduled_service", "/waiting", "/leave",
             "/messages", "/data", "/data/copy",
             f"/bookings/{booking.pk}", f"/bookings/{booking.pk}/change", f"/bookings/{booking.pk}/cancel")  # fmt: skip
    return binding.account, [
        "/m/me",
        "/m/?welcome=1",
        "/m/me/cars/add",
        "/m/me/close",
        *(at + part for part in parts),
    ]


PUBLIC = ("/m/welcome", "/m/sign-in", "/m/register", "/m/notice", "/m/help", "/m/b/nonsense")


@pytest.mark.parametrize(("width", "language"), [(390, "zh-hans"), (320, "en")])
def test_every_page_is_small_fits_and_has_targets_to_touch(
    east: Dealer, phone: Callable[..., Page], width: int, language: str, request: pytest.FixtureRequest
) -> None:
    account, addresses = furnished(east)
    OwnerAccount.objects.update(language=language)
    for who, paths in ((None, PUBLIC), (account, addresses)):
        for path in paths:
            page = phone(who, width=width, language=language)  # a new phone has nothing in its cache
            loaded = _loaded(page, path)
            assert loaded <= MOST_BYTES, (path, loaded)
            assert _widest(page) <= width, path
            assert _small_targets(page) == [], path
            if folder := request.config.getoption("--pictures", default=None):
                name = path.strip("/").replace("/", "-").replace("?", "-")
                page.screenshot(path=f"{folder}/portal-{name}-{width}-{language}.png", full_page=True)
            page.context.close()


def _loaded(page: Page, path: str) -> int:
    """Open a page; the bytes that came over the wire for it and everything in it."""
    sizes: list[int] = []
    page.on("requestfinished", lambda one: sizes.append(one.sizes()["responseBodySize"]))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return sum(sizes)


def _widest(page: Page) -> float:
    """How far to the right anything reaches that does not scroll by itself."""
    boxes = [
        one.bounding_box() for one in page.query_selector_all("main > *, header > *, .card > *, .bar > *")
    ]
    return max((box["x"] + box["width"] for box in boxes if box), default=0) - 16


def _small_targets(page: Page) -> list[str]:
    """Buttons, and links that are no part of a sentence, lower than 44 pixels."""
    found = []
    for one in page.query_selector_all("button, a.btn, .slots a, .days a, .tabs a, .lines > li > a"):
        box = one.bounding_box()
        if box and box["height"] < 43.5:
            found.append(f"{one.inner_text()} {box['height']:.0f}")
    return found


def test_old_engines_get_nothing_they_do_not_know() -> None:
    from pathlib import Path

    import huichang

    css = (Path(huichang.__file__).parent / "interfaces/portal/static/portal/portal.css").read_text()
    for new in (
        ":is(",
        ":where(",
        ":has(",
        "@layer",
        "@container",
        "inset:",
        "aspect-ratio",
        "clamp(",
        "color-mix",
        "(width <",
    ):
        assert new not in css, new
    assert " gap:" not in css.replace("no gap in flex rows", "")
    assert len(css.encode()) < 20_000
