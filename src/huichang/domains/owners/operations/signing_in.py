"""A mobile and a code make an owner known. Nobody acts yet, so these are no `@operation`s; refused tries stay written.

The code goes to the mobile, the ticket stays in the browser that asked: neither is of use without the other. A code
is good once, for some minutes and a few tries. Whether the mobile is known changes nothing that can be seen.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from huichang.domains.owners.fields import clean_mobile
from huichang.domains.owners.limits import Limits, check_codes, take_turn
from huichang.domains.owners.models import OwnerAccount, OwnerCode, OwnerSession, OwnerTry, TryKind
from huichang.domains.owners.queries import actor_for, bindings_of, digest_of
from huichang.domains.owners.reaching import note_wechat
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.sensitive import blind_index

DIGITS = 6


class CodeRefused(OperationRefused):
    """The code is wrong, over, used, or was asked for by another browser. `is_over`: a new one must be asked for."""

    def __init__(self, message: str, *, is_over: bool) -> None:
        super().__init__(message, field="code")
        self.is_over = is_over


@dataclass(frozen=True, slots=True)
class Asked:
    """A code to send to `mobile`, and the ticket for the browser that asked. Never log `code`."""

    mobile: str
    code: str
    ticket: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody proved a mobile: the account, whether it is new, and what the code was asked for."""

    account: OwnerAccount
    is_new: bool
    errand: Mapping[str, Any]


def ask_code(
    *,
    mobile: str,
    address: str | None,
    bounds: Limits,
    now: datetime,
    errand: Mapping[str, Any] | None = None,
    openid: str = "",
) -> Asked:
    """A new code for a mobile, instead of any earlier one of it. Raises TooOften, OperationRefused.

    `errand` is what is done when the code is right (`{"kind": "sign_in"}` …); `openid` is joined to the account then.
    """
    mobile = clean_mobile(mobile)
    index = blind_index(mobile)
    with transaction.atomic():
        take_turn(index)
        check_codes(mobile_index=index, address=address, bounds=bounds, now=now)
        OwnerTry.objects.create(kind=TryKind.CODE, mobile_index=index, address=address, at=now)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        ticket = secrets.token_urlsafe(32)
        OwnerCode.objects.create(
            ticket=digest_of(ticket), digest=_digest(ticket, code), mobile=mobile, openid=openid,
            errand=dict(errand or {}), tries_left=bounds.code_tries, created_at=now,
            expires_at=now + bounds.code_life,
        )  # fmt: skip
    return Asked(mobile, code, ticket, now + bounds.code_life)


def enter(*, ticket: str, code: str, notice: str, language: str, now: datetime) -> Entered:
    """Who gave the right code for this browser's ticket. Raises CodeRefused; every wrong try counts.

    The account begins here, whether the mobile was known or not. `notice` is the version of the privacy notice shown.
    """
    waiting = _take_try(ticket, now)
    if not hmac.compare_digest(waiting.digest, _digest(ticket, code.strip())):
        left = waiting.tries_left
        if left:
            raise CodeRefused(_("验证码不对,还可以试 {left} 次。").format(left=left), is_over=False)
        raise CodeRefused(_("验证码输错太多次,已经作废。请重新获取。"), is_over=True)
    with transaction.atomic():
        if not OwnerCode.objects.filter(pk=waiting.pk, used_at=None).update(
            used_at=now, openid="", errand={}
        ):
            raise CodeRefused(_("这个验证码已经用过。请重新获取。"), is_over=True)
        account, is_new = _account_of(waiting.mobile, language, now)
        if notice and account.notice_version != notice:
            OwnerAccount.objects.filter(pk=account.pk).update(notice_version=notice, noticed_at=now)
        if waiting.openid:
            _join_openid(account, waiting.openid)
    return Entered(account, is_new, waiting.errand)


def _take_try(ticket: str, now: datetime) -> OwnerCode:
    """Use up one try of the code this browser waits for, before it is compared."""
    waiting = OwnerCode.objects.filter(
        ticket=digest_of(ticket), used_at=None, expires_at__gt=now, tries_left__gt=0
    )
    if not ticket or not waiting.update(tries_left=F("tries_left") - 1):
        raise CodeRefused(_("验证码已经过期或用过。请重新获取。"), is_over=True)
    return OwnerCode.objects.get(ticket=digest_of(ticket))


def _digest(ticket: str, code: str) -> str:
    return blind_index(f"owner code {ticket} {code}")


def _account_of(mobile: str, language: str, now: datetime) -> tuple[OwnerAccount, bool]:
    return OwnerAccount.objects.get_or_create(
        mobile_index=blind_index(mobile),
        defaults={"mobile": mobile, "language": language, "created_at": now},
    )


def _join_openid(account: OwnerAccount, openid: str) -> None:
    """One WeChat identity belongs to one account: the last that proved both has it."""
    index = blind_index(openid)
    OwnerAccount.objects.filter(openid_index=index).exclude(pk=account.pk).update(openid="", openid_index="")
    account.openid, account.openid_index = openid, index
    account.save(update_fields=["openid", "openid_index"])


def join_wechat(*, account: OwnerAccount, openid: str, now: datetime) -> None:
    """Let somebody who is signed in also sign in by WeChat, and be reached there by their stores."""
    with transaction.atomic():
        _join_openid(account, openid)
    for binding in bindings_of(account):
        with dealer_scope(binding.dealer_id):
            note_wechat(binding, account, actor=actor_for(binding), now=now)


def begin_session(*, account: OwnerAccount, device: str, bounds: Limits, now: datetime) -> str:
    """Sign a phone in; the new token for its cookie, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    OwnerSession.objects.create(
        account=account, digest=digest_of(token), device=device[:40], created_at=now, seen_at=now,
        expires_at=now + bounds.session,
    )  # fmt: skip
    return token
