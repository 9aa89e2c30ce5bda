"""Calling api.weixin.qq.com with the account's token, which the database keeps for all processes.

https://developers.weixin.qq.com/doc/offiaccount/ (stable_token, template/send), …/miniprogram/ (subscribe/send)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from huichang.channels import codes, http
from huichang.channels.codes import AGAIN, GONE, Meaning, again
from huichang.channels.credentials import endpoint, option, secret
from huichang.domains.contacts import tokens
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import Receipt

API = "https://api.weixin.qq.com"
STALE_TOKEN = {"40001", "40014", "42001"}

CODES: Mapping[str, Meaning] = {
    "-1": AGAIN,  # busy
    "40001": AGAIN,  # token: renewed once at once, then later
    "40014": AGAIN,
    "42001": AGAIN,
    "40003": GONE,  # openid
    "40037": codes.GIVE_UP,  # template_id
    "41030": codes.GIVE_UP,  # page
    "43004": GONE,  # does not follow
    "43019": GONE,  # blocked us
    "43101": codes.GIVE_UP,  # has not subscribed to this message, or refuses it
    "43107": codes.GIVE_UP,
    "45009": codes.GIVE_UP,  # quota of the day: not before midnight, so another way
    "45011": again(1),  # too fast
    "45015": codes.GIVE_UP,  # beyond 48 hours
    "45047": codes.GIVE_UP,
    "47003": codes.GIVE_UP,  # a field is not as its type asks; the answer names it
    "48001": codes.GIVE_UP,  # no right to this interface
}


class Client:
    """One account: option `app_id`, secret `app_secret`."""

    def __init__(self, account: ChannelAccount) -> None:
        self.account = account
        self.app_id = option(account, "app_id")
        self.app_secret = secret(account, "app_secret")
        self.endpoint = endpoint(account, API)

    def post(self, path: str, body: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        """The answer; a stale token is renewed and the call repeated once. Raises http.Broken."""
        token = tokens.token_of(self.account, self._fetch, now=now)
        answer = self._post(path, body, token)
        if str(answer.get("errcode", 0)) in STALE_TOKEN:
            token = tokens.token_of(self.account, self._fetch, now=now, refused=token)
            answer = self._post(path, body, token)
        return answer

    def _post(self, path: str, body: Mapping[str, Any], token: str) -> dict[str, Any]:
        return http.call("POST", f"{self.endpoint}{path}", params={"access_token": token}, json=dict(body))

    def _fetch(self) -> tokens.Fetched:
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.app_secret}
        answer = http.call("POST", f"{self.endpoint}/cgi-bin/stable_token", json=body)
        if "access_token" not in answer:
            raise http.Broken(refusal(answer))
        return str(answer["access_token"]), timedelta(seconds=int(answer.get("expires_in", 7200)))


def refusal(answer: Mapping[str, Any]) -> Receipt:
    """What an error answer comes to."""
    return codes.receipt(CODES, str(answer.get("errcode", "")), str(answer.get("errmsg", "")))
