"""The owner behind a request: session cookie, account, language. Apart from the sign-in of staff."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from huichang.domains.dealers.models import Dealer
from huichang.domains.owners import operations, queries
from huichang.domains.owners.limits import limits
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, OwnerSession
from huichang.interfaces.middleware import LANGUAGE_COOKIE
from huichang.interfaces.sessions import ANONYMOUS
from huichang.kernel.actors import Actor

if TYPE_CHECKING:
    from huichang.interfaces.portal.pages import OwnerPage

HOME = "/m/"
SEEN = timedelta(days=1)  # a session is noted as used once in this time
SESSION_COOKIE = "owner"  # the token of a session
TICKET_COOKIE = "owner_code"  # signed: what waits for a code in this browser, and where to go then
STATE_COOKIE = "owner_state"  # signed: a visit to WeChat that must come back to this browser
OPENID_COOKIE = "owner_openid"  # signed: a visitor WeChat named, until a mobile is proved
STORE_COOKIE = "owner_store"  # the store whose poster was scanned
_OWN_PATH = re.compile(r"/m/[A-Za-z0-9_.~/-]*(\?[A-Za-z0-9_.~=&%:+,-]*)?")


class OwnerRequest(HttpRequest):
    """A request of the portal. `account` is None on public pages only; `binding` and `dealer` on pages of a car."""

    now: datetime
    account: OwnerAccount
    is_owner: bool
    phone: OwnerSession | None
    actor: Actor
    binding: OwnerBinding
    dealer: Dealer
    declared: OwnerPage
    signed_in: bool  # of staff: never here, so that no staff page part is drawn
    language: str
    in_wechat: bool
    kept_for: timedelta | None


def attach_owner(request: OwnerRequest) -> None:
    """Fill what every page of the portal may read."""
    request.phone = queries.session_of(request.COOKIES.get(SESSION_COOKIE, ""), request.now)
    request.is_owner = request.phone is not None
    if request.phone is not None:
        request.account = request.phone.account
    request.signed_in, request.kept_for = False, None
    request.actor = queries.actor_of_account(request.account) if request.is_owner else ANONYMOUS
    request.in_wechat = "MicroMessenger" in request.headers.get("User-Agent", "")
    request.language = _language(request)
    request.LANGUAGE_CODE = request.language


def keep_signed_in(request: OwnerRequest) -> None:
    """Once a day note that the phone is in use, so that it stays signed in while it is."""
    if request.phone is not None and request.now - request.phone.seen_at > SEEN:
        life = limits(request.now).session
        operations.keep_session(session=request.phone, life=life, actor=request.actor, now=request.now)
        request.kept_for = life


def renew_cookie(request: OwnerRequest, response: HttpResponseBase) -> None:
    """Let the cookie of a session that was kept live as long; a page that set or dropped it itself has the word."""
    if request.kept_for is not None and SESSION_COOKIE not in response.cookies:
        set_cookie(response, SESSION_COOKIE, request.COOKIES[SESSION_COOKIE], request.kept_for)


def _language(request: OwnerRequest) -> str:
    """What was chosen on this phone, also before signing in; else what the account speaks."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if chosen in {"zh-hans", "en"}:
        return chosen
    return request.account.language if request.is_owner else "zh-hans"


def own_path(text: str) -> str:
    """A path of the portal to go on to; home for anything else, whatever host or scheme it names."""
    return text if _OWN_PATH.fullmatch(text) and "//" not in text and "/../" not in text else HOME


def address_of(request: HttpRequest) -> str | None:
    return request.META.get("REMOTE_ADDR") or None


def set_cookie(
    response: HttpResponseBase, name: str, value: str, life: timedelta, *, signed: bool = False
) -> None:
    """A cookie of the portal: for its own paths, not for scripts, over TLS only where there is TLS."""
    put = response.set_signed_cookie if signed else response.set_cookie
    put(
        name, value, max_age=int(life.total_seconds()), path=HOME, httponly=True, samesite="Lax",
        secure=settings.BEHIND_TLS,
    )  # fmt: skip


def read_signed(request: HttpRequest, name: str, life: timedelta) -> str:
    """The value of a signed cookie; empty when there is none, it was altered, or it is older than `life`."""
    return str(request.get_signed_cookie(name, default="", max_age=int(life.total_seconds())) or "")


def drop_cookie(response: HttpResponseBase, name: str) -> None:
    response.delete_cookie(name, path=HOME, samesite="Lax")
