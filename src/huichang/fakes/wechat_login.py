"""WeChat's web authorisation: `/connect/oauth2/authorize` in the visitor's browser, `/sns/oauth2/access_token` by us.

The real page asks nothing for `snsapi_base`: it sends the browser back at once, so this does too. Who the visitor is
says the last `be()`; in the demo always the same person.
"""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlencode

from huichang.fakes.door import Answer, Asked, says

CODE_SECONDS = 300  # a code is good once, for five minutes
VISITOR = "oDemoOwner000000000000000001"


class FakeLogin:
    """One official account's sign-in."""

    def __init__(self, *, app_id: str, app_secret: str) -> None:
        self.app_id, self.app_secret = app_id, app_secret
        self._visitor = VISITOR
        self._codes: dict[str, tuple[str, float]] = {}

    def be(self, openid: str) -> None:
        """Let the next visitors be this person."""
        self._visitor = openid

    def authorize(self, asked: Asked) -> str:
        """Where the browser is sent; empty for a request that WeChat refuses on its own page."""
        wanted = asked.parameters
        # The order is checked by WeChat: another one is answered with "the link cannot be visited".
        if list(wanted) != ["appid", "redirect_uri", "response_type", "scope", "state"]:
            return ""
        if (
            wanted["appid"] != self.app_id
            or wanted["response_type"] != "code"
            or wanted["scope"] != "snsapi_base"
        ):
            return ""
        code = secrets.token_hex(16)
        self._codes[code] = (self._visitor, time.time() + CODE_SECONDS)
        mark = "&" if "?" in wanted["redirect_uri"] else "?"
        return f"{wanted['redirect_uri']}{mark}{urlencode({'code': code, 'state': wanted['state']})}"

    def exchange(self, asked: Asked) -> Answer:
        """A code for the visitor's openid."""
        wanted = asked.parameters
        if wanted.get("appid") != self.app_id:
            return says(errcode=40013, errmsg="invalid appid")
        if wanted.get("secret") != self.app_secret:
            return says(errcode=40125, errmsg="invalid appsecret")
        if wanted.get("grant_type") != "authorization_code":
            return says(errcode=40002, errmsg="invalid grant_type")
        if wanted.get("code", "") not in self._codes:
            return says(errcode=40029, errmsg="invalid code")
        openid, until = self._codes.pop(wanted["code"])
        if until < time.time():
            return says(errcode=42003, errmsg="oauth_code expired")
        return says(
            access_token=secrets.token_urlsafe(40), expires_in=7200, refresh_token=secrets.token_urlsafe(40),
            openid=openid, scope="snsapi_base",
        )  # fmt: skip
