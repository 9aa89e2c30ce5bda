"""Tokens of other programs on their page: made from what one may oneself, shown once, revoked, run out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.integrations.models import ApiToken
from huichang.domains.integrations.operations import add_token
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import World, make_user, signed_in

SECRET = re.compile(r'id="secret"[^>]*value="(hc_[^"]+)"')


@pytest.fixture
def manager(world: World) -> Client:
    return signed_in(make_user("store_manager", world.east, name="站长"))


def make(client: Client, **given: object) -> str:
    """Make a token on the page; its secret."""
    answer = client.post(
        "/api-tokens/new", {"name": "官网预约", "permissions": ["customers.see", "appointments.see"]} | given
    )
    assert answer.status_code == 200, answer.content.decode()[:600]
    found = SECRET.search(answer.content.decode())
    assert found, "the secret is not shown"
    return found[1]


def ask(secret: str, path: str = "/api/v1/customers") -> int:
    return Client().get(path, headers={"authorization": f"Bearer {secret}"}).status_code


def test_a_token_is_shown_once_and_works(world: World, manager: Client) -> None:
    secret = make(manager)
    assert ask(secret) == 200
    html = manager.get("/api-tokens").content.decode()
    assert secret not in html
    assert f"…{secret[-6:]}" in html
    assert "站长" in html


def test_a_token_does_what_it_was_given_and_no_more(world: World, manager: Client) -> None:
    secret = make(manager, permissions=["customers.see"])
    assert (ask(secret), ask(secret, "/api/v1/reminders")) == (200, 403)


def test_nobody_gives_a_token_more_than_they_have(world: World) -> None:
    admin = signed_in(make_user("store_admin", world.east))  # may make tokens, may not see identity numbers
    assert "customers.reveal_id" not in admin.get("/api-tokens/new").content.decode()
    answer = admin.post("/api-tokens/new", {"name": "x", "permissions": ["customers.reveal_id"]})
    assert answer.status_code == 422
    with dealer_scope(world.east.pk):
        assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"permissions": []}, "权限"),
        ({"name": ""}, "令牌用途"),
        ({"last_day": "2020-01-01"}, "有效期要晚于现在"),
        ({"requests_per_minute": "0"}, "1"),
    ],
)
def test_a_wrong_form_is_refused_and_stays_filled(
    world: World, manager: Client, given: dict[str, object], said: str
) -> None:
    fields = {"name": "官网预约", "permissions": ["customers.see"]} | given
    answer = manager.post("/api-tokens/new", fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    if fields["permissions"]:
        assert 'value="customers.see" checked' in html
    with dealer_scope(world.east.pk):
        assert not ApiToken.objects.exists()


def test_a_name_in_use_is_refused_until_its_token_is_revoked(world: World, manager: Client) -> None:
    make(manager)
    again = {"name": "官网预约", "permissions": ["customers.see"]}
    assert "已经有用途为" in manager.post("/api-tokens/new", again).content.decode()
    with dealer_scope(world.east.pk):
        token = ApiToken.objects.get()
    manager.post(f"/api-tokens/{token.pk}/revoke")
    make(manager)


def test_a_revoked_token_is_refused_at_once(world: World, manager: Client) -> None:
    secret = make(manager)
    with dealer_scope(world.east.pk):
        token = ApiToken.objects.get()
    manager.post(f"/api-tokens/{token.pk}/revoke")
    assert ask(secret) == 401
    html = manager.get("/api-tokens").content.decode()
    assert "已停用" in html
    assert f"/api-tokens/{token.pk}/revoke" not in html


def test_the_last_day_counts_and_then_the_token_is_over(world: World, manager: Client) -> None:
    today = local_date(timezone.now())
    secret = make(manager, last_day=today.isoformat())
    assert ask(secret) == 200
    with dealer_scope(world.east.pk):
        token = ApiToken.objects.get()
        assert local_date(token.expires_at) == today + timedelta(days=1)
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(secret) == 401
    assert "已过期" in manager.get("/api-tokens").content.decode()


def test_tokens_are_one_stores(world: World, manager: Client) -> None:
    make(manager)
    with dealer_scope(world.east.pk):
        token = ApiToken.objects.get()
    stranger = signed_in(make_user("store_manager", world.west))
    assert "官网预约" not in stranger.get("/api-tokens").content.decode()
    assert stranger.post(f"/api-tokens/{token.pk}/revoke").status_code == 404


def test_who_may_not_make_tokens_does_not(world: World) -> None:
    agent = signed_in(world.li)
    assert agent.get("/api-tokens").status_code == 403
    assert agent.post("/api-tokens/new", {"name": "x", "permissions": ["customers.see"]}).status_code == 403


def test_the_list_asks_as_often_for_three_as_for_one(
    world: World, manager: Client, queries: Callable[[Client, str], int]
) -> None:
    def one(name: str) -> None:
        with dealer_scope(world.east.pk):
            add_token(
                dealer=world.east,
                name=name,
                permissions=["customers.see"],
                actor=system("test"),
                now=timezone.now(),
            )

    one("a")
    before = queries(manager, "/api-tokens")
    one("b")
    one("c")
    assert queries(manager, "/api-tokens") == before
