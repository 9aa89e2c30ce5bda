"""The demo's owners: registered people, some of whom have booked on the phone; how to sign in as one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from huichang.interfaces.console.words import say

if TYPE_CHECKING:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.owners.models import OwnerBinding

OWNER, DRIVER = "13800138000", "13800138001"  # the demo's own: their codes arrive in its inbox
BOOKED = 8  # owners who have a visit ahead


def add_owners(dealer: Dealer, now: datetime) -> None:
    """Register owners of the store and let some of them book. Every step may be repeated."""
    from huichang.domains.owners.demo import register_owners
    from huichang.domains.owners.queries import registered
    from huichang.domains.reminders.models import Due
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(dealer.pk):
        due = Due.objects.filter(
            status="open", kind="scheduled_service", due_date__gte=now.date(), customer__kind="person"
        )
        cars = list(dict.fromkeys(due.order_by("due_date", "pk").values_list("car_id", flat=True)[:40]))
        with _demo_wechat():
            mine = register_owners(
                dealer=dealer, first=[*cars[:1], *cars[-1:]], mobiles=(OWNER, DRIVER), now=now
            )
        people = [one for one in registered()[:200] if mine is None or one.account_id != mine.account_id]
    for number, binding in enumerate(people[: 4 * BOOKED : 4]):
        with dealer_scope(dealer.pk):
            _book(binding, number, now)


@contextmanager
def _demo_wechat() -> Iterator[None]:
    """The official account by which the demo's web server will let owners sign in; it is not running yet."""
    from django.conf import settings

    from huichang.fakes.server import DEMO

    before = settings.WECHAT_LOGIN["app_id"]
    settings.WECHAT_LOGIN["app_id"] = before or DEMO["official"]["app_id"]
    try:
        yield
    finally:
        settings.WECHAT_LOGIN["app_id"] = before


def _book(binding: OwnerBinding, number: int, now: datetime) -> None:
    """A visit as the phone books it; nothing when the car has one, or no slot can be kept."""
    from huichang.domains.appointments import operations, queries
    from huichang.domains.catalog.queries import labour
    from huichang.domains.catalog.suggestions import suggest
    from huichang.domains.owners.queries import actor_for

    if queries.upcoming_of(car=binding.car, now=now):
        return
    jobs = suggest(labour(binding.dealer), kinds=["scheduled_service"])
    day = (now + timedelta(days=1 + number // 2)).date()
    source = "wechat" if binding.account.openid else "portal"
    asked: dict[str, Any] = {"dealer": binding.dealer, "labour_ids": [job.pk for job in jobs], "now": now}
    offers = queries.offers(**asked, day=day, channel=source, waits=True)
    free = [slot for slot in offers.slots if slot.is_free]
    if free and jobs:
        operations.book(
            **asked, car=binding.car, customer=binding.customer, starts_at=free[(5 * number) % len(free)].starts_at,
            actor=actor_for(binding), source=source, waits=bool(number % 3),
        )  # fmt: skip


def wechat_settings(address: str) -> dict[str, str]:
    """The environment by which owners sign in with the demo's own WeChat; nothing when a real one is set up."""
    from huichang.fakes.server import DEMO

    if os.environ.get("HUICHANG_WECHAT_APP_ID"):
        return {}
    return {
        "HUICHANG_WECHAT_APP_ID": DEMO["official"]["app_id"],
        "HUICHANG_WECHAT_SECRET": DEMO["official"]["app_secret"],
        "HUICHANG_WECHAT_AUTHORIZE": f"{address}/login/connect/oauth2/authorize",
        "HUICHANG_WECHAT_API": f"{address}/login",
    }


def owner_lines(address: str) -> Iterator[str]:
    """How to be an owner in the demo, for the terminal."""
    yield say(
        f"车主手机：{address}m/ ，手机号 {OWNER}，验证码在演示收件箱；或点“微信登录”",
        f"The owner's phone: {address}m/ with the mobile {OWNER}; the code is in the demo's inbox, or use WeChat",
    )
