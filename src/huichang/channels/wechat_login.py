"""Signing in by WeChat: the official account's web authorisation (OAuth 2, scope `snsapi_base`).

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html: the browser is sent to
`/connect/oauth2/authorize`, comes back with a code good once for five minutes, which the server exchanges at
`/sns/oauth2/access_token` for the visitor's openid. Nothing else of the visitor is asked for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from huichang.channels.http import Broken, call

logger = logging.getLogger(__name__)


class WechatRefused(Exception):
    """WeChat did not say who the visitor is: the code is wrong, used or old, or WeChat cannot be reached."""


@dataclass(frozen=True, slots=True)
class App:
    """The official account owners sign in with. `authorize` and `api` are WeChat's addresses (or a local copy's)."""

    app_id: str
    secret: str
    authorize: str
    api: str


def app() -> App | None:
    """The official account from the environment, None when none is set up."""
    found = settings.WECHAT_LOGIN
    return App(**found) if found["app_id"] and found["secret"] else None


def authorize_url(login: App, *, redirect_uri: str, state: str) -> str:
    """Where to send the browser. The order of the parameters is WeChat's own: it checks it."""
    query = urlencode(
        {
            "appid": login.app_id, "redirect_uri": redirect_uri, "response_type": "code", "scope": "snsapi_base",
            "state": state,
        }
    )  # fmt: skip
    return f"{login.authorize}?{query}#wechat_redirect"


def openid_of(login: App, code: str) -> str:
    """The visitor's openid for a code that came back. Raises WechatRefused; the code is never logged."""
    query = {
        "appid": login.app_id, "secret": login.secret, "code": code, "grant_type": "authorization_code",
    }  # fmt: skip
    try:
        answer = call("GET", f"{login.api}/sns/oauth2/access_token", params=query)
    except Broken as error:
        logger.warning("WeChat sign-in: no answer (%s)", error.receipt.code)
        raise WechatRefused from error
    openid = answer.get("openid")
    if not isinstance(openid, str) or not openid:
        logger.warning("WeChat sign-in: refused with %s", answer.get("errcode"))
        raise WechatRefused
    return openid
