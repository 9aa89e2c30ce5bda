"""`huichang screens`: a picture of every page, for people to look at.

Signs in as the demo people, opens every page of the registry at the asked widths and in the asked languages, and
writes `PAGE-USER-WIDTH-LANGUAGE.png`. Each page is taken once, by the first person who may open it, or with
`--every-role` by each. Needs playwright and a Chromium (a tool for those who build, not for stores).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huichang.interfaces.console.words import say

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from huichang.interfaces.console.demo import SignIn

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HEIGHTS = ((700, 844), (10_000, 900))  # up to this width → height of the window
LANGUAGES = {"zh": "zh-hans", "en": "en"}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
TALLEST = 8000
LONGEST = 200  # characters of a complaint
OK, REFUSED = 200, 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=Path("screens"), help=say("写到哪个目录", "folder to write to")
    )
    parser.add_argument(
        "--base-url", default="http://127.0.0.1:8000", help=say("运行中的地址", "where it runs")
    )
    parser.add_argument("--widths", default="1440,1280,390", help=say("宽度（像素）", "widths in pixels"))
    parser.add_argument("--lang", default="zh,en", help=say("语言", "languages: zh, en"))
    parser.add_argument(
        "--only", default="", help=say("只拍这些页面（逗号分隔）", "only these pages, by comma")
    )
    parser.add_argument("--users", default="", help=say("只用这些账号", "only these sign-ins, by comma"))
    parser.add_argument(
        "--every-role", action="store_true", help=say("每个角色都拍", "each page as every role")
    )


@dataclass
class Tour:
    """One run: where, how wide, in which languages, and what was found."""

    base: str
    out: Path
    widths: Sequence[int]
    languages: Sequence[str]
    only: frozenset[str]
    every_role: bool
    pages: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    pictures: int = 0
    complaints: dict[str, int] = field(default_factory=dict)

    def complain(self, text: str) -> None:
        """Keep what is wrong, once, with how often it was met."""
        short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
        self.complaints[short] = self.complaints.get(short, 0) + 1


def run(args: argparse.Namespace) -> int:
    """Take the pictures; exit status 1 when a page failed, overflowed or complained in its console."""
    from playwright.sync_api import sync_playwright

    tour = Tour(
        base=args.base_url.rstrip("/"), out=args.out, widths=[int(w) for w in args.widths.split(",")],
        languages=args.lang.split(","), only=_names(args.only), every_role=args.every_role,
    )  # fmt: skip
    tour.out.mkdir(parents=True, exist_ok=True)
    # Before the browser: its loop lives in this thread and Django would refuse the database there.
    tour.pages = dict(addresses(tour.only))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            for person in _people(_names(args.users)):
                _visit(browser, tour, person)
        finally:
            browser.close()
    sys.stdout.write(
        say(f"{tour.pictures} 张图片：{tour.out}\n", f"{tour.pictures} pictures in {tour.out}\n")
    )
    for line, times in tour.complaints.items():
        sys.stdout.write(f"  {line}{f' ×{times}' if times > 1 else ''}\n")
    return 1 if tour.complaints else 0


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))


def chromium() -> str:
    """The browser: HUICHANG_CHROMIUM or the first found on the path. Raises LookupError."""
    names = (os.environ.get("HUICHANG_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise LookupError(say("没有找到 Chromium", "no Chromium was found"))
    return found


def _people(only: frozenset[str]) -> Iterator[SignIn]:
    from huichang.interfaces.console.demo import SIGN_INS

    yield from (person for person in SIGN_INS if not only or person.username in only)


def addresses(only: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Name and path of every page that can be opened: those without arguments, and those with a sample."""
    from django.urls import NoReverseMatch, reverse

    import huichang.config.urls  # noqa: F401  # importing the routes fills the registry
    from huichang.interfaces.pages import PAGES
    from huichang.kernel.scoping import unscoped

    with unscoped("the samples of the page registry, for pictures of the demo"):
        for name, page in PAGES.items():
            if not page.screens or (only and name not in only):
                continue
            try:
                yield name, reverse(f"staff:{name}", kwargs=dict(page.sample() or {}) if page.sample else {})
            except (NoReverseMatch, LookupError) as error:
                sys.stderr.write(f"{name}: {error}\n")


def _visit(browser: Browser, tour: Tour, person: SignIn) -> None:
    """Everything this person may open, in each language and width."""
    from huichang.interfaces.console.demo import PASSWORD

    todo = [one for one in tour.pages.items() if tour.every_role or one[0] not in tour.taken]
    if not todo:
        return
    for language in tour.languages:
        context = browser.new_context(locale=LOCALES[language])
        try:
            _visit_in(context, tour, person, language, todo, PASSWORD)
        finally:
            context.close()


def _visit_in(
    context: BrowserContext,
    tour: Tour,
    person: SignIn,
    language: str,
    todo: list[tuple[str, str]],
    password: str,
) -> None:
    page = context.new_page()
    _listen(page, tour, person)
    if "sign-in" in dict(todo):
        context.add_cookies([{"name": "language", "value": LANGUAGES[language], "url": tour.base}])
        _shoot_widths(page, tour, "sign-in", dict(todo)["sign-in"], "nobody", language)
        tour.taken.add("sign-in")
    _sign_in(page, tour, person.username, password)
    opened = [one for one in todo if one[0] != "sign-in" and _opens(context, tour, one)]
    _speak(page, tour, language)
    for name, path in opened:
        _shoot_widths(page, tour, name, path, person.username, language)
    _speak(page, tour, "zh")
    tour.taken.update(name for name, _ in opened)


def _listen(page: Page, tour: Tour, person: SignIn) -> None:
    def complain(text: str) -> None:
        tour.complain(f"{page.url} ({person.username}): {text}")

    page.on("pageerror", lambda error: complain(str(error)))
    page.on("console", lambda message: complain(message.text) if message.type == "error" else None)


def _sign_in(page: Page, tour: Tour, username: str, password: str) -> None:
    page.goto(f"{tour.base}/sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    if "/sign-in" in page.url:
        raise LookupError(say(f"{username} 无法登录", f"{username} cannot sign in at {tour.base}"))


def _opens(context: BrowserContext, tour: Tour, one: tuple[str, str]) -> bool:
    answer = context.request.get(f"{tour.base}{one[1]}", max_redirects=0)
    if answer.status >= REFUSED and answer.status not in {403, 404}:
        tour.complain(f"{one[1]}: {answer.status}")
    return bool(answer.status == OK)


def _speak(page: Page, tour: Tour, language: str) -> None:
    """Switch the language by the button in the top bar, unless it is spoken already."""
    page.goto(f"{tour.base}/me")
    button = page.locator(f".ui-language button[value={LANGUAGES[language]}]")
    if button.count():
        button.first.click()
        page.wait_for_load_state("networkidle")


def _shoot_widths(page: Page, tour: Tour, name: str, path: str, who: str, language: str) -> None:
    for width in tour.widths:
        height = next(height for limit, height in HEIGHTS if width <= limit)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{tour.base}{path}")
        page.wait_for_load_state("networkidle")
        size: dict[str, Any] = page.evaluate(
            "() => ({width: document.documentElement.scrollWidth,"
            " height: Math.max(document.documentElement.scrollHeight,"
            " (document.querySelector('main')?.scrollHeight ?? 0) + 48)})"
        )
        if size["width"] > width:
            tour.complain(f"{name} at {width} px is {size['width']} px wide")
        page.set_viewport_size({"width": width, "height": max(height, min(int(size["height"]), TALLEST))})
        page.screenshot(path=tour.out / f"{name}-{who}-{width}-{language}.png")
        tour.pictures += 1
