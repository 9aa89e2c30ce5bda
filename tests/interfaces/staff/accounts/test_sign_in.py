"""Signing in: passwords, lock-out, one-time codes, first things first, languages, stores."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.accounts.models import Role, SignInAttempt, User
from huichang.domains.dealers.models import StorePost
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import PASSWORD, World, make_user, signed_in


def code_of(user: User) -> str:
    """What the person's phone shows now."""
    return pyotp.TOTP(user.totp_secret).at(timezone.now())


@pytest.fixture
def li_with_codes(world: World) -> User:
    world.li.totp_secret = pyotp.random_base32()
    world.li.totp_confirmed_at = timezone.now()
    world.li.save()
    return world.li


def test_the_right_password_opens_the_first_page_of_the_persons_work(world: World) -> None:
    client = Client()
    answer = client.post("/sign-in", {"username": " LI ", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[0][0] == "/"
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] != "/sign-in"


def test_a_wrong_password_says_nothing_about_who_exists(world: World) -> None:
    texts = set()
    for username in ("li", "nobody"):
        answer = Client().post("/sign-in", {"username": username, "password": "wrong"})
        assert answer.status_code == 422
        texts.add(answer.context["form"].errors.as_json())
    assert len(texts) == 1
    assert SignInAttempt.objects.filter(succeeded=False).count() == 2


def test_after_five_wrong_passwords_the_right_one_waits(world: World) -> None:
    client = Client()
    for _ in range(5):
        client.post("/sign-in", {"username": "li", "password": "wrong"})
    answer = client.post("/sign-in", {"username": "li", "password": PASSWORD})
    assert answer.status_code == 422
    assert "登录已暂停" in answer.content.decode()
    User.objects.filter(pk=world.li.pk).update(locked_until=timezone.now() - timedelta(seconds=1))
    assert client.post("/sign-in", {"username": "li", "password": PASSWORD}).status_code == 302


def test_an_address_that_tries_too_often_is_slowed_down(world: World) -> None:
    SignInAttempt.objects.bulk_create(
        SignInAttempt(username=f"x{number}", address="127.0.0.1", at=timezone.now(), succeeded=False)
        for number in range(60)
    )
    answer = Client().post("/sign-in", {"username": "li", "password": PASSWORD})
    assert "太频繁" in answer.content.decode()
    other = Client(REMOTE_ADDR="10.0.0.9")
    assert other.post("/sign-in", {"username": "li", "password": PASSWORD}).status_code == 302


def test_a_switched_off_person_does_not_get_in(world: World) -> None:
    User.objects.filter(pk=world.li.pk).update(is_active=False)
    assert Client().post("/sign-in", {"username": "li", "password": PASSWORD}).status_code == 422


def test_a_page_asked_for_is_where_one_lands_after_signing_in(world: World) -> None:
    client = Client()
    asked = client.get("/me")
    assert asked.headers["Location"] == "/sign-in?next=/me"
    answer = client.post("/sign-in", {"username": "li", "password": PASSWORD, "next": "/me"})
    assert answer.headers["Location"] == "/me"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(world: World, target: str) -> None:
    answer = Client().post("/sign-in", {"username": "li", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_with_one_time_codes_the_password_alone_opens_nothing(li_with_codes: User) -> None:
    client = Client()
    answer = client.post("/sign-in", {"username": "li", "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/code"
    assert client.get("/me").status_code == 302
    assert client.post("/sign-in/code", {"code": "000000"}).status_code == 422
    assert client.post("/sign-in/code", {"code": code_of(li_with_codes)}).status_code == 302
    assert client.get("/me").status_code == 200


def test_a_code_works_once(li_with_codes: User) -> None:
    code = code_of(li_with_codes)
    for expected in (302, 422):
        client = Client()
        client.post("/sign-in", {"username": "li", "password": PASSWORD})
        assert client.post("/sign-in/code", {"code": code}).status_code == expected


def test_guessing_codes_ends_after_five(li_with_codes: User) -> None:
    client = Client()
    client.post("/sign-in", {"username": "li", "password": PASSWORD})
    for _ in range(5):
        client.post("/sign-in/code", {"code": "000000"})
    answer = client.post("/sign-in/code", {"code": code_of(li_with_codes)})
    assert answer.headers["Location"] == "/sign-in"


def test_the_code_page_without_a_password_leads_back(world: World) -> None:
    assert Client().get("/sign-in/code").headers["Location"] == "/sign-in"


def test_one_time_codes_are_set_up_by_scanning_and_typing(world: World) -> None:
    client = signed_in(world.li)
    page = client.get("/me/totp").content.decode()
    user = User.objects.get(pk=world.li.pk)
    assert user.totp_secret in page
    assert "data:image/svg" in page
    assert client.post("/me/totp", {"code": "000000"}).status_code == 422
    assert client.post("/me/totp", {"code": code_of(user)}).status_code == 302
    assert User.objects.get(pk=world.li.pk).has_totp


def test_looking_at_the_set_up_twice_shows_the_same_code(world: World) -> None:
    client = signed_in(world.li)
    secrets = set()
    for _ in range(2):
        client.get("/me/totp")
        secrets.add(User.objects.get(pk=world.li.pk).totp_secret)
    assert len(secrets) == 1


def test_nobody_takes_codes_off_by_opening_the_page(li_with_codes: User) -> None:
    answer = signed_in(li_with_codes).get("/me/totp")
    assert answer.headers["Location"] == "/me"
    assert User.objects.get(pk=li_with_codes.pk).has_totp


def test_a_role_that_demands_codes_lets_nobody_in_without(world: World) -> None:
    Role.objects.filter(code="service_advisor").update(requires_totp=True)
    client = signed_in(world.li)
    assert client.get("/customers").headers["Location"] == "/me/totp"


def test_a_passing_password_comes_first(world: World) -> None:
    User.objects.filter(pk=world.li.pk).update(must_change_password=True)
    client = signed_in(world.li)
    assert client.get("/customers").headers["Location"] == "/me/password"
    wrong = {"old": "wrong", "new": "a-new-password-1", "again": "a-new-password-1"}
    assert client.post("/me/password", wrong).status_code == 422
    assert client.post("/me/password", wrong | {"old": PASSWORD, "again": "other"}).status_code == 422
    assert (
        client.post(
            "/me/password", wrong | {"old": PASSWORD, "new": "12345678", "again": "12345678"}
        ).status_code
        == 422
    )
    assert client.post("/me/password", wrong | {"old": PASSWORD}).status_code == 302
    assert client.get("/me").status_code == 200  # still signed in with the new password
    assert not User.objects.get(pk=world.li.pk).must_change_password


def test_a_new_password_signs_other_browsers_out(world: World) -> None:
    here, elsewhere = signed_in(world.li), signed_in(world.li)
    new = {"old": PASSWORD, "new": "a-new-password-1", "again": "a-new-password-1"}
    here.post("/me/password", new)
    assert elsewhere.get("/me").status_code == 302


def test_signing_out_forgets(world: World) -> None:
    client = signed_in(world.li)
    assert client.get("/sign-out").status_code == 405  # a picture in a letter must not sign anybody out
    client.post("/sign-out")
    assert client.get("/me").status_code == 302


def test_the_language_stays_with_the_person(world: World) -> None:
    client = signed_in(world.li)
    client.post("/me/language", {"language": "en"})
    answer = client.get("/me")
    assert answer.headers["Content-Language"] == "en"
    assert User.objects.get(pk=world.li.pk).language == "en"
    assert 'lang="en"' in answer.content.decode()


def test_before_signing_in_the_browser_remembers_the_language(world: World) -> None:
    client = Client()
    client.post("/me/language", {"language": "en"})
    assert client.get("/sign-in").headers["Content-Language"] == "en"


def test_a_language_that_there_is_not_is_refused(world: World) -> None:
    client = Client()
    client.post("/me/language", {"language": "xx"})
    assert client.get("/sign-in").headers["Content-Language"] == "zh-hans"
    client = signed_in(world.li)
    answer = client.post("/me/language", {"language": "xx"})
    assert answer.status_code == 302
    assert User.objects.get(pk=world.li.pk).language == "zh-hans"


def test_a_person_of_two_stores_sits_in_one_at_a_time(world: World) -> None:
    with dealer_scope(world.west.pk):
        role = Role.objects.get(code="service_advisor")
        StorePost.objects.create(
            dealer=world.west, user=world.li, role=role, start_date=local_date(timezone.now())
        )
    client = signed_in(world.li)
    assert client.get("/me").context["store"] == world.east
    client.post("/me/store", {"dealer": world.west.pk})
    assert client.get("/me").context["store"] == world.west


@pytest.mark.parametrize("chosen", ["west", "network", "", "999999"])
def test_a_store_without_a_post_is_not_found(world: World, chosen: str) -> None:
    client = signed_in(world.li)
    value = str(world.west.pk) if chosen == "west" else chosen
    assert client.post("/me/store", {"dealer": value}).status_code == 404


def test_people_of_the_network_look_over_all_their_stores(world: World) -> None:
    maker = make_user("maker_manager")
    client = signed_in(maker)
    page = client.get("/me").content.decode()
    assert "全部门店" in page
    assert "主机厂" in page


def test_somebody_without_any_post_sees_only_the_own_account(world: World) -> None:
    client = signed_in(make_user())
    assert client.get("/").headers["Location"] == "/me"
    assert "您还没有岗位" in client.get("/me").content.decode()
    assert client.get("/people").status_code == 403


def test_a_post_that_ended_opens_nothing(world: World) -> None:
    with dealer_scope(world.east.pk):
        StorePost.objects.filter(user=world.li).update(end_date=local_date(timezone.now()))
    assert signed_in(world.li).get("/customers").status_code == 403


def test_partials_of_a_signed_out_person_reload_the_window(world: World) -> None:
    answer = Client().get("/people", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/people"
