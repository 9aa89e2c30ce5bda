"""Passwords, lock-out and roles below the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huichang.domains.accounts import operations
from huichang.domains.accounts.models import Role, SignInAttempt, User
from huichang.domains.accounts.roles import ROLES
from huichang.kernel.actors import Actor, PermissionRefused, system
from huichang.kernel.operations import OperationRefused
from tests.factories.world import NOW, PASSWORD, make_user

pytestmark = pytest.mark.django_db
LIMITS = operations.SignInLimits(
    attempts=3, window=timedelta(minutes=15), lock=timedelta(minutes=15), address_attempts=50
)
MINUTE = timedelta(minutes=1)


def attempt(password: str, *, minutes: int = 0) -> User:
    return operations.sign_in(
        username="li", password=password, address="10.0.0.1", limits=LIMITS, now=NOW + minutes * MINUTE
    )


@pytest.fixture
def li() -> User:
    return make_user(username="li")


def fail(times: int, *, minutes: int = 0) -> None:
    for _ in range(times):
        with pytest.raises(operations.SignInRefused):
            attempt("wrong", minutes=minutes)


def test_the_lock_opens_by_itself(li: User) -> None:
    fail(3)
    with pytest.raises(operations.SignInRefused, match="15 分钟"):
        attempt(PASSWORD)
    assert attempt(PASSWORD, minutes=15) == li


def test_a_right_password_forgives_the_wrong_ones_before(li: User) -> None:
    fail(2)
    attempt(PASSWORD)
    fail(2)
    assert attempt(PASSWORD) == li


def test_old_mistakes_do_not_count(li: User) -> None:
    fail(2)
    fail(2, minutes=16)
    assert attempt(PASSWORD, minutes=16) == li


def test_every_try_is_kept(li: User) -> None:
    fail(1)
    attempt(PASSWORD)
    assert list(SignInAttempt.objects.order_by("pk").values_list("succeeded", flat=True)) == [False, True]


def test_a_person_added_must_choose_a_password(li: User) -> None:
    made = operations.add_user(username=" Sun ", name="孙", password="paper-lamp-7351", actor=system("test"))
    assert made.username == "sun"
    assert made.must_change_password


@pytest.mark.parametrize(
    ("username", "password", "field"), [("li", "paper-lamp-7351", "username"), ("new", "123", "password")]
)
def test_a_taken_name_or_a_weak_password_is_refused(
    li: User, username: str, password: str, field: str
) -> None:
    with pytest.raises(OperationRefused) as refusal:
        operations.add_user(username=username, name="x", password=password, actor=system("test"))
    assert refusal.value.field == field


def test_adding_needs_the_permission(li: User) -> None:
    with pytest.raises(PermissionRefused):
        operations.add_user(
            username="new", name="x", password="paper-lamp-7351", actor=Actor(name="李", user_id=li.pk)
        )


def test_a_renewed_password_opens_the_lock_and_ends_one_time_codes(li: User) -> None:
    User.objects.filter(pk=li.pk).update(locked_until=NOW + MINUTE, totp_secret="x", totp_confirmed_at=NOW)
    li.refresh_from_db()
    operations.reset_password(user=li, password="paper-lamp-7351", actor=system("test"))
    li.refresh_from_db()
    assert li.check_password("paper-lamp-7351")
    assert (li.locked_until, li.has_totp, li.must_change_password) == (None, False, True)


def test_nobody_gives_a_role_what_they_lack_but_may_take_away() -> None:
    role = Role.objects.get(code="cashier")
    actor = Actor(name="王", permissions=frozenset({"accounts.edit_roles", "accounts.use"}))
    with pytest.raises(OperationRefused, match="customers.export"):
        operations.edit_role(
            role=role, permissions=[*role.permissions, "customers.export"], requires_totp=False, actor=actor
        )
    operations.edit_role(role=role, permissions=["accounts.use"], requires_totp=True, actor=actor)
    assert Role.objects.get(code="cashier").permissions == ["accounts.use"]


def test_seeding_again_leaves_edited_roles_alone() -> None:
    Role.objects.filter(code="cashier").update(permissions=["accounts.use"])
    Role.objects.filter(code="technician").delete()
    assert operations.seed_roles(actor=system("test")) == 1
    assert Role.objects.count() == len(ROLES)
    assert Role.objects.get(code="cashier").permissions == ["accounts.use"]


def test_languages_are_the_two_there_are(li: User) -> None:
    actor = Actor(name="李", user_id=li.pk, permissions=frozenset({"accounts.use"}))
    operations.choose_language(user=li, language="en", actor=actor)
    with pytest.raises(OperationRefused):
        operations.choose_language(user=li, language="fr", actor=actor)
    li.refresh_from_db()
    assert li.language == "en"
