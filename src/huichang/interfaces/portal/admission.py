from __future__ import annotations

from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect

from huichang.domains.owners import operations
from huichang.domains.owners.limits import limits
from huichang.domains.owners.models import OwnerAccount
from huichang.interfaces.portal.requests import (
    OPENID_COOKIE,
    SESSION_COOKIE,
    TICKET_COOKIE,
    OwnerRequest,
    drop_cookie,
    set_cookie,
)


def admit(request: OwnerRequest, account: OwnerAccount, target: str) -> HttpResponse:
    """Sign this phone in with a new token (an old one, whoever set it, is of no use) and go on."""
    bounds = limits(request.now)
    device = "WeChat" if request.in_wechat else request.headers.get("User-Agent", "")[:40]
    token = operations.begin_session(account=account, device=device, bounds=bounds, now=request.now)
    if request.phone is not None:
        operations.end_session(session=request.phone, actor=request.actor, now=request.now)
    rotate_token(request)
    response = redirect(target)
    set_cookie(response, SESSION_COOKIE, token, bounds.session)
    for name in (TICKET_COOKIE, OPENID_COOKIE):
        drop_cookie(response, name)
    return response
