"""A real browser against a live server on committed rows, as the application's own role, on a Tuesday morning."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from huichang.domains.accounts.models import User

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# Violations of the content security policy become console errors, also those a browser would only report.
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`));"""


def is_trouble(line: ConsoleMessage) -> bool:
    """A console error that is one.

    Refusals (409, 422) are answers, which Chromium calls errors; htmx reports a request that ended with its page.
    """
    harmless = ("status of 409", "status of 422", "htmx:sendAbort", "htmx:afterRequest")
    return line.type == "error" and not any(words in line.text for words in harmless)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skipped where none is installed."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def morning_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Requests happen on the Tuesday of the factories, at 10:00 and some seconds."""
    from types import SimpleNamespace

    from django.utils import timezone

    from huichang.interfaces import sessions
    from tests.factories.world import NOW

    began = timezone.now()
    monkeypatch.setattr(sessions, "timezone", SimpleNamespace(now=lambda: NOW + (timezone.now() - began)))
    return NOW


@pytest.fixture
def open_page(browser: Browser, live_server: Any, morning_clock: datetime) -> Iterator[Callable[..., Page]]:
    """`open_page(user, "/desk", width=1440)`: a signed-in tab; page errors and console errors fail the test."""
    from tests.factories.world import signed_in

    contexts: list[Any] = []
    wrong: list[str] = []

    def open_(user: User, path: str, *, width: int = 1440, height: int = 900) -> Page:
        client = signed_in(user)
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=live_server.url)
        contexts.append(context)
        context.add_init_script(TELL_VIOLATIONS)
        cookies: list[Any] = [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in client.cookies.items()
        ]
        context.add_cookies(cookies)
        page = context.new_page()
        page.clock.install(time=morning_clock)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if is_trouble(line) else None)
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        for page in context.pages:
            page.wait_for_load_state("networkidle")  # the server must not answer after the database is gone
        context.close()
    assert not wrong, wrong


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures", default=None, help="folder for pictures of the pages, for people to look at"
    )
