"""WeChat at the portal's door: there with a state, back with the same state, then the openid of the visitor."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from hmac import compare_digest

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from huichang.channels import wechat_login
from huichang.domains.owners import links, operations, queries
from huichang.interfaces.portal.admission import admit
from huichang.interfaces.portal.requests import (
    HOME,
    OPENID_COOKIE,
    STATE_COOKIE,
    OwnerRequest,
    drop_cookie,
    own_path,
    read_signed,
    set_cookie,
)

LIFE = timedelta(minutes=10)


def is_set_up() -> bool:
    """Whether owners can sign in by WeChat here; the other way is always there (D-35)."""
    return wechat_login.app() is not None


def waiting_openid(request: OwnerRequest) -> str:
    """The WeChat identity to join to the account that proves a mobile next; empty without one."""
    return read_signed(request, OPENID_COOKIE, LIFE)


def start(request: OwnerRequest) -> HttpResponse:
    """Send the browser to WeChat, with a state only this browser can bring back."""
    login = wechat_login.app()
    following = own_path(request.GET.get("next", HOME))
    if login is None:
        return redirect("portal:sign-in")
    state = secrets.token_urlsafe(24)
    address = wechat_login.authorize_url(
        login, redirect_uri=links.address(reverse("portal:wechat-back")), state=state
    )
    response = HttpResponse(status=302, headers={"Location": address})
    set_cookie(response, STATE_COOKIE, json.dumps([state, following]), LIFE, signed=True)
    return response


def back(request: OwnerRequest) -> HttpResponse:
    """WeChat sent the browser back: sign in who is known, let who is not prove a mobile first. A state is good once."""
    login = wechat_login.app()
    kept = read_signed(request, STATE_COOKIE, LIFE)
    state, following = json.loads(kept) if kept else ("", HOME)
    code = request.GET.get("code", "")
    if login is None or not state or not code or not compare_digest(state, request.GET.get("state", "")):
        return _failed(request)
    try:
        openid = wechat_login.openid_of(login, code)
    except wechat_login.WechatRefused:
        return _failed(request)
    return _welcome(request, openid, following)


def _failed(request: OwnerRequest) -> HttpResponse:
    response = render(request, "portal/wechat_failed.html", status=400)
    drop_cookie(response, STATE_COOKIE)
    return response


def _welcome(request: OwnerRequest, openid: str, following: str) -> HttpResponse:
    account = queries.account_by_openid(openid)
    if request.is_owner:
        operations.join_wechat(account=request.account, openid=openid, now=request.now)
        response: HttpResponse = redirect(following)
    elif account is not None:
        response = admit(request, account, following)
    else:
        response = redirect(f"{reverse('portal:sign-in')}?next={following}&wechat=1")
        set_cookie(response, OPENID_COOKIE, openid, LIFE, signed=True)
    drop_cookie(response, STATE_COOKIE)
    return response
