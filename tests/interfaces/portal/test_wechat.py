"""Signing in by WeChat against a local WeChat that speaks its protocol; and the equal way without it (D-35)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client

from huichang.domains.contacts.models import ChannelAccount, ChannelAddress
from huichang.domains.owners.models import OwnerAccount, OwnerSession
from huichang.fakes.server import DEMO, Fakes
from huichang.kernel.scoping import dealer_scope
from tests.factories.messaging import running_fakes
from tests.factories.owners import bind_owner, last_code, make_account, make_owner_car, phone_of
from tests.factories.world import World

pytestmark = pytest.mark.django_db
MOBILE = "13912345678"
APP = DEMO["official"]
OPENID = "oNewVisitor000000000000000001"


@pytest.fixture
def wechat(settings: Any) -> Iterator[Fakes]:
    with running_fakes() as fakes:
        fakes.login.be(OPENID)
        settings.WECHAT_LOGIN = {
            "app_id": APP["app_id"], "secret": APP["app_secret"],
            "authorize": f"{fakes.address}/login/connect/oauth2/authorize", "api": f"{fakes.address}/login",
        }  # fmt: skip
        yield fakes


def visit(client: Client, following: str = "/m/") -> str:
    """Go to WeChat as a browser does; the address it sends us back to."""
    there = client.get(f"/m/wechat?next={following}").headers["Location"]
    assert there.endswith("#wechat_redirect")
    back = httpx.get(there, follow_redirects=False, trust_env=False)
    assert back.status_code == 302
    parts = urlsplit(back.headers["Location"])
    return f"{parts.path}?{parts.query}"


def test_a_new_visitor_proves_a_mobile_once_and_then_never_again(world: World, wechat: Fakes) -> None:
    client = Client()
    answer = client.get(visit(client))
    assert answer.headers["Location"].startswith("/m/sign-in")
    client.post("/m/sign-in", {"mobile": MOBILE})
    client.post("/m/code", {"code": last_code()})
    account = OwnerAccount.objects.get()
    assert account.openid == OPENID
    another = Client()
    assert another.get(visit(another, "/m/me")).headers["Location"] == "/m/me"
    assert another.get("/m/me").status_code == 200


def test_a_state_of_another_browser_is_refused(world: World, wechat: Fakes) -> None:
    attacker, victim = Client(), Client()
    address = visit(attacker)
    assert victim.get(address).status_code == 400
    visit(victim)
    assert victim.get(address).status_code == 400
    assert not OwnerSession.objects.exists()


def test_a_way_back_works_once(world: World, wechat: Fakes) -> None:
    account = make_account()
    client = phone_of(account)
    address = visit(client)
    assert client.get(address).status_code == 302
    assert client.get(address).status_code == 400
    replay = Client()
    visit(replay)
    state = parse_qs(urlsplit(visit(replay)).query)["state"][0]
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert replay.get(f"/m/wechat/back?code={code}&state={state}").status_code == 400


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=x", "code=&state="])
def test_a_way_back_that_is_none_is_refused(world: World, wechat: Fakes, query: str) -> None:
    client = Client()
    visit(client)
    assert client.get(f"/m/wechat/back?{query}").status_code == 400


def test_when_wechat_does_not_answer_the_mobile_still_works(
    world: World, wechat: Fakes, settings: Any
) -> None:
    client = Client()
    address = visit(client)
    settings.WECHAT_LOGIN = {**settings.WECHAT_LOGIN, "api": "http://127.0.0.1:9"}
    page = client.get(address)
    assert page.status_code == 400
    assert "手机号登录" in page.content.decode()


def test_nobody_is_sent_elsewhere_after_wechat(world: World, wechat: Fakes) -> None:
    client = phone_of(make_account())
    assert client.get(visit(client, "https://evil.example/")).headers["Location"] == "/m/"


def test_reminders_reach_who_signed_in_by_wechat_until_the_car_is_taken_off(
    world: World, wechat: Fakes
) -> None:
    with dealer_scope(world.east.pk):
        ChannelAccount.objects.create(
            dealer=world.east, channel="wechat", provider="official", label="公众号", hook_key="official-hook",
            options={"app_id": APP["app_id"]},
        )  # fmt: skip
    binding = bind_owner(make_owner_car(world.east))
    client = phone_of(binding.account)
    client.get(visit(client))
    with dealer_scope(world.east.pk):
        address = ChannelAddress.objects.get(customer_id=binding.customer_id)
        assert (address.address, address.invalid_since) == (OPENID, None)
    client.post(f"/m/cars/{binding.pk}/leave")
    with dealer_scope(world.east.pk):
        assert ChannelAddress.objects.get().invalid_since is not None


def test_one_wechat_identity_belongs_to_who_proved_it_last(world: World, wechat: Fakes) -> None:
    first, second = make_account(), make_account()
    for account in (first, second):
        client = phone_of(account)
        client.get(visit(client))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.openid, second.openid) == ("", OPENID)


def test_without_wechat_the_pages_offer_the_same(world: World) -> None:
    page = Client().get("/m/sign-in").content.decode()
    assert "微信登录" not in page
    assert "获取短信验证码" in page
    assert Client().get("/m/wechat").headers["Location"] == "/m/sign-in"
