"""Signing in from outside: guessing, replaying, redirecting, fixing a session, forging a form."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.core.signing import dumps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huichang.domains.accounts.models import SignInAttempt, User
from huichang.domains.accounts.policies import ADDRESS_ATTEMPTS, ATTEMPTS
from huichang.domains.customers.models import Customer
from huichang.domains.customers.operations import edit_customer
from huichang.kernel.audit import history
from huichang.kernel.models import ChangeRecord
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import PASSWORD, World, actor_of, make_customer, make_world, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def try_in(client: Client, username: str, password: str, **more: Any) -> Any:
    return client.post("/sign-in", {"username": username, "password": password, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- guessing ---


def test_the_name_is_locked_after_some_wrong_passwords(world: World) -> None:
    client = Client()
    for _ in range(ATTEMPTS.default):
        assert try_in(client, "li", "wrong").status_code == 422
    try_in(client, "li", PASSWORD)
    assert not is_in(client), "the right password does not open a locked name"
    assert try_in(Client(), "wang", PASSWORD).status_code == 302, "nobody else is locked out"
    User.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    SignInAttempt.objects.update(at=timezone.now() - timedelta(days=1))
    try_in(client, "li", PASSWORD)
    assert is_in(client)


def test_an_address_cannot_try_all_names(world: World) -> None:
    now = timezone.now()
    SignInAttempt.objects.bulk_create(
        SignInAttempt(username=f"guess{n}", address="127.0.0.1", at=now, succeeded=False)
        for n in range(ADDRESS_ATTEMPTS.default)
    )
    client = Client()
    try_in(client, "li", PASSWORD)
    assert not is_in(client)
    elsewhere = Client(REMOTE_ADDR="127.0.0.2")
    try_in(elsewhere, "li", PASSWORD)
    assert is_in(elsewhere)


def test_the_answer_does_not_tell_whether_a_name_exists(world: World) -> None:
    texts = []
    for name in ("li", "nobody"):
        page = try_in(Client(), name, "wrong").content.decode()
        texts.append(re.sub(r'value="[^"]*"|"X-CSRFToken": *"[^"]*"', "", page))
    assert texts[0] == texts[1]


def test_who_left_does_not_get_in(world: World) -> None:
    User.objects.filter(username="li").update(is_active=False)
    client = Client()
    try_in(client, "li", PASSWORD)
    assert not is_in(client)


def test_switching_somebody_off_ends_their_session(world: World) -> None:
    client = signed_in(world.li)
    assert client.get(reverse("staff:profile")).status_code == 200
    User.objects.filter(pk=world.li.pk).update(is_active=False)
    assert client.get(reverse("staff:profile")).status_code == 302


# --- one-time codes ---


@pytest.fixture
def secret(world: World) -> str:
    secret = pyotp.random_base32()
    world.li.totp_secret, world.li.totp_confirmed_at = secret, timezone.now()
    world.li.save()
    return secret


def test_the_password_alone_does_not_do(world: World, secret: str) -> None:
    client = Client()
    assert try_in(client, "li", PASSWORD).url == reverse("staff:sign-in-code")
    assert not is_in(client)
    assert client.get(reverse("staff:profile")).status_code == 302


def test_a_code_works_once(world: World, secret: str) -> None:
    code = pyotp.TOTP(secret).now()
    answers = []
    for client in (Client(), Client()):
        try_in(client, "li", PASSWORD)
        client.post(reverse("staff:sign-in-code"), {"code": code})
        answers.append(is_in(client))
    assert answers == [True, False]


def test_codes_cannot_be_guessed_on_and_on(world: World, secret: str) -> None:
    client = Client()
    try_in(client, "li", PASSWORD)
    right = pyotp.TOTP(secret).now()
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(6):
        client.post(reverse("staff:sign-in-code"), {"code": wrong})
    client.post(reverse("staff:sign-in-code"), {"code": pyotp.TOTP(secret).now()})
    assert not is_in(client), "after some wrong codes the password is asked for again"


# --- where to, whose session, whose form ---


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "https:evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_away_after_signing_in(world: World, target: str) -> None:
    answer = try_in(Client(), "li", PASSWORD, next=target)
    assert (answer.status_code, answer.url) == (302, reverse("staff:home"))


def test_a_place_of_this_site_is_kept(world: World) -> None:
    assert try_in(Client(), "li", PASSWORD, next="/customers?q=x").url == "/customers?q=x"


def test_the_session_is_a_new_one_after_signing_in(world: World) -> None:
    client = Client()
    client.session.save()
    planted = client.session.session_key
    client.cookies["sessionid"] = str(planted)
    try_in(client, "li", PASSWORD)
    assert client.session.session_key != planted


def test_a_made_up_session_is_nobodys(world: World) -> None:
    client = Client()
    client.cookies["sessionid"] = dumps({"_auth_user_id": world.li.pk})[:32]
    assert client.get(reverse("staff:profile")).status_code == 302


def test_signing_out_ends_the_session(world: World) -> None:
    client = signed_in(world.li)
    old = client.cookies["sessionid"].value
    client.post(reverse("staff:sign-out"))
    client.cookies["sessionid"] = old
    assert client.get(reverse("staff:profile")).status_code == 302


def test_a_form_of_another_site_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    assert try_in(client, "li", PASSWORD).status_code == 403
    client.force_login(world.li)
    assert client.post(reverse("staff:sign-out")).status_code == 403


def test_the_cookie_is_out_of_reach_of_scripts(world: World) -> None:
    client = Client()
    try_in(client, "li", PASSWORD)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_store_one_does_not_work_in_cannot_be_chosen(world: World) -> None:
    client = signed_in(world.zhao)
    assert client.post(reverse("staff:store"), {"dealer": str(world.east.pk)}).status_code == 404
    session = client.session
    session["store"] = world.east.pk  # even a session that says so opens nothing
    session.save()
    customer = make_customer(world.east)
    assert client.get(reverse("staff:customer", args=[customer.pk])).status_code == 404


# --- what is kept, and how ---


def test_the_time_line_says_who_changed_what(world: World) -> None:
    customer = make_customer(world.east, name="李海民")
    with dealer_scope(world.east.pk):
        edit_customer(customer=customer, facts={"name": "李海明"}, actor=actor_of(world.wang, world.east))
        latest = history([customer])[0]
    assert (latest.actor_id, latest.actor_name) == (world.wang.pk, "王建国")
    assert latest.changes["name"] == ["李海民", "李海明"]


def test_identity_numbers_are_not_readable_in_the_database(world: World) -> None:
    number = "110101199003077571"
    customer = make_customer(world.east)
    with dealer_scope(world.east.pk):
        edit_customer(customer=customer, facts={}, id_number=number, actor=actor_of(world.wang, world.east))
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(c)::text FROM customers_customer c WHERE id = %s", [customer.pk])
            row = cursor.fetchone()[0]
        told = str(list(ChangeRecord.objects.values_list("changes", flat=True)))
        assert Customer.objects.get(pk=customer.pk).id_number == number
    assert number not in row
    assert number not in told


def test_one_time_secrets_and_passwords_are_not_readable_in_the_database(world: World, secret: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(u)::text FROM accounts_user u WHERE id = %s", [world.li.pk])
        row = cursor.fetchone()[0]
    assert secret not in row
    assert PASSWORD not in row
    told = str(
        list(ChangeRecord.objects.filter(table_name="accounts_user").values_list("changes", flat=True))
    )
    assert secret not in told
    assert "pbkdf2" not in told
