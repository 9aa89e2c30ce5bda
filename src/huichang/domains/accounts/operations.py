"""Signing in: lock-out, one-time codes, passwords; people and roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pyotp
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import Role, SignInAttempt, User
from huichang.domains.accounts.permissions import P
from huichang.domains.accounts.roles import ROLES
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation

TOTP_STEP_SECONDS = 30  # RFC 6238
TOTP_DRIFT_STEPS = 1  # a phone's clock may be half a minute off


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """The numbers of the lock-out, from `accounts.policies` as the manufacturer set them."""

    attempts: int
    window: timedelta
    lock: timedelta
    address_attempts: int


class SignInRefused(OperationRefused):
    """The sign-in failed; the text never tells whether the name exists."""


def sign_in(
    *, username: str, password: str, address: str | None, limits: SignInLimits, now: datetime
) -> User:
    """The user of a name and password. Raises SignInRefused; every try is kept (PRM).

    No `@operation`: nobody is signed in yet, and a refused try must stay written. An address that tries too
    often is refused before the password is looked at; after `limits.attempts` wrong passwords within the window
    the name is locked for a while.
    """
    username = username.strip().lower()
    since = now - limits.window
    tries = SignInAttempt.objects.filter(at__gt=since)
    if tries.filter(address=address, succeeded=False).count() >= limits.address_attempts:
        raise SignInRefused(_("这个网络地址登录得太频繁。请过几分钟再试。"))
    user = User.objects.filter(username=username).first()
    if user and user.locked_until and user.locked_until > now:
        minutes = -(-int((user.locked_until - now).total_seconds()) // 60)
        raise SignInRefused(_("密码多次错误,登录已暂停。请 {minutes} 分钟后再试。").format(minutes=minutes))
    known = check_password(password, user.password if user else _decoy())
    if user is None or not known or not user.is_active:
        SignInAttempt.objects.create(username=username[:150], address=address, at=now, succeeded=False)
        _lock_when_tried_too_often(user, username, limits, now)
        raise SignInRefused(_("登录名或密码不对。"))
    SignInAttempt.objects.create(username=username, address=address, at=now, succeeded=True)
    return user


@cache
def _decoy() -> str:
    """A hash to compare with when the name is unknown: the answer then takes as long as for a known one."""
    return make_password("decoy")


def _lock_when_tried_too_often(user: User | None, username: str, limits: SignInLimits, now: datetime) -> None:
    if user is None:
        return
    tries = SignInAttempt.objects.filter(username=username, at__gt=now - limits.window)
    last_success = tries.filter(succeeded=True).order_by("-at").values_list("at", flat=True).first()
    if last_success:
        tries = tries.filter(at__gt=last_success)
    if tries.filter(succeeded=False).count() >= limits.attempts:
        User.objects.filter(pk=user.pk).update(locked_until=now + limits.lock)


def check_totp(*, user: User, code: str, now: datetime) -> bool:
    """True when `code` is right now and was not used before. Compare-and-set on the step: it works once."""
    totp = pyotp.TOTP(user.totp_secret)
    step = int(now.timestamp()) // TOTP_STEP_SECONDS
    for candidate in range(step - TOTP_DRIFT_STEPS, step + TOTP_DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(candidate), code.strip()):
            unused = User.objects.filter(pk=user.pk, totp_last_step__lt=candidate)
            return bool(unused.update(totp_last_step=candidate))
    return False


@operation(P.USE)
def begin_totp(*, user: User, actor: Actor) -> str:
    """An unconfirmed secret for a person's authenticator app; the otpauth:// address to show as a code.

    Asked again before it is confirmed, it stays the same. Raises OperationRefused when codes are on already: only an
    administrator takes them off, or whoever finds an unlocked desk could.
    """
    if user.has_totp:
        raise OperationRefused(_("动态口令已启用。换手机时请店里的管理员给您临时密码。"))
    if not user.totp_secret:
        user.totp_secret = pyotp.random_base32()
        user.save(update_fields=["totp_secret"])
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.username, issuer_name="Huichang")


@operation(P.USE)
def confirm_totp(*, user: User, code: str, actor: Actor, now: datetime) -> None:
    """Turn one-time codes on once the app shows the right one. Raises OperationRefused."""
    if not check_totp(user=user, code=code, now=now):
        raise OperationRefused(_("口令不对。请输入手机上现在显示的 6 位数字。"), field="code")
    user.totp_confirmed_at = now
    user.save(update_fields=["totp_confirmed_at"])


@operation(P.USE)
def change_password(*, user: User, old: str, new: str, actor: Actor) -> None:
    """Replace one's own password. Raises OperationRefused with the field at fault."""
    if not check_password(old, user.password):
        raise OperationRefused(_("原密码不对。"), field="old")
    _check_password_strength(new, user)
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])


def _check_password_strength(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise OperationRefused(" ".join(error.messages), field="new") from error


@operation(P.USE)
def choose_language(*, user: User, language: str, actor: Actor) -> None:
    """Speak this language to the person from now on."""
    if language not in {"zh-hans", "en"}:
        raise OperationRefused(_("没有这种语言。"), field="language")
    User.objects.filter(pk=user.pk).update(language=language)


@operation(P.EDIT_PEOPLE)
def add_user(*, username: str, name: str, password: str, actor: Actor, mobile: str = "") -> User:
    """A new person, who must choose an own password at the first sign-in."""
    username = username.strip().lower()
    if not username or User.objects.filter(username=username).exists():
        raise OperationRefused(_("登录名“{name}”已经有人使用。").format(name=username), field="username")
    candidate = User(username=username, name=name)
    try:
        validate_password(password, candidate)
    except ValidationError as error:
        raise OperationRefused(" ".join(error.messages), field="password") from error
    return User.objects.create_user(username, password, name=name, mobile=mobile, must_change_password=True)


@operation(P.EDIT_PEOPLE)
def reset_password(*, user: User, password: str, actor: Actor) -> None:
    """Give a person a passing password, open the lock and turn one-time codes off; they choose their own next."""
    _check_password_strength(password, user)
    user.set_password(password)
    user.must_change_password = True
    user.locked_until = None
    user.totp_secret, user.totp_confirmed_at = "", None
    user.save()


@operation(P.EDIT_PEOPLE)
def set_active(*, user: User, is_active: bool, actor: Actor) -> None:
    """Let a person in, or no longer. Nobody can lock themselves out."""
    if user.pk == actor.user_id and not is_active:
        raise OperationRefused(_("不能停用自己。"))
    User.objects.filter(pk=user.pk).update(is_active=is_active)


@operation(P.EDIT_ROLES)
def edit_role(*, role: Role, permissions: list[str], requires_totp: bool, actor: Actor) -> None:
    """Set what a role may do. Raises OperationRefused for a permission the actor does not hold."""
    beyond = set(permissions) - set(role.permissions) - set(actor.permissions)
    if beyond and not actor.is_system:
        raise OperationRefused(_("不能授予您自己没有的权限:{names}").format(names="、".join(sorted(beyond))))
    role.permissions = sorted(permissions)
    role.requires_totp = requires_totp
    role.save(update_fields=["permissions", "requires_totp"])


@operation(P.EDIT_ROLES)
def seed_roles(*, actor: Actor) -> int:
    """Make the roles of `roles.ROLES` that are missing; those that exist are data and stay. Returns how many."""
    existing = set(Role.objects.values_list("code", flat=True))
    missing = [seed for seed in ROLES if seed.code not in existing]
    Role.objects.bulk_create(
        Role(
            code=seed.code, name=seed.name, name_en=seed.name_en, level=seed.level,
            permissions=sorted(set(seed.permissions)), requires_totp=seed.requires_totp,
        )
        for seed in missing
    )  # fmt: skip
    return len(missing)
