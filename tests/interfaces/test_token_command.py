"""`huichang token`: a token made, listed and revoked at the console; it works at the API as long as it stands."""

from __future__ import annotations

import argparse

import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.integrations.models import ApiToken
from huichang.interfaces.console import tokens
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def chinese_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def run(*given: str) -> int:
    parser = argparse.ArgumentParser()
    tokens.add_arguments(parser)
    return tokens.run(parser.parse_args(given))


def ask(secret: str) -> int:
    return Client().get("/api/v1/customers", headers={"authorization": f"Bearer {secret}"}).status_code


def test_a_token_is_printed_once_listed_by_its_end_and_revoked(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("add", "E01", "--name", "官网", "--permission", "customers.see") == 0
    secret = capsys.readouterr().out.strip()
    assert ask(secret) == 200
    assert run("list", "E01") == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert f"…{secret[-6:]}" in listed
    assert "customers.see" in listed
    assert run("list", "W01") == 0
    assert capsys.readouterr().out == ""
    assert run("revoke", "E01", "--name", "官网") == 0
    assert ask(secret) == 401
    run("list", "E01")
    assert "已停用" in capsys.readouterr().out


def test_an_expired_token_is_listed_as_such(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    run("add", "E01", "--name", "官网", "--permission", "customers.see")
    with dealer_scope(world.east.pk):
        ApiToken.objects.update(expires_at=timezone.now())
    capsys.readouterr()
    run("list", "E01")
    assert "已过期" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("add", "NONE", "--name", "x", "--permission", "customers.see"), "NONE"),
        (("add", "E01", "--name", "x", "--permission", "customers.fly"), "customers.fly"),
        (("add", "E01", "--name", " ", "--permission", "customers.see"), "用途"),
        (("revoke", "E01", "--name", "x"), "x"),
    ],
)
def test_what_cannot_be_is_said(
    world: World, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], said: str
) -> None:
    assert run(*given) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
