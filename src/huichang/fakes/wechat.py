"""api.weixin.qq.com for an official account and a mini-program: tokens, fields, followers, quota, events."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import uuid
from typing import Any

from huichang.fakes.door import Answer, Asked, Cut, says
from huichang.fakes.inbox import Inbox

_LIMITS = {
    "thing": 20,
    "character_string": 32,
    "car_number": 8,
    "name": 10,
    "phrase": 5,
    "phone_number": 17,
    "number": 32,
}
_FIELD = re.compile(r"([a-z_]+?)\d*")


class FakeWechat:
    """One app. `strangers`: openids that do not follow; a mini-program sends only what was allowed (`credits`)."""

    quota = 1000  # messages a day to one person

    def __init__(self, inbox: Inbox, *, name: str, app_id: str, app_secret: str, hook_token: str) -> None:
        self.inbox, self.name = inbox, name
        self.app_id, self.app_secret, self.hook_token = app_id, app_secret, hook_token
        self.strangers: set[str] = set()
        self.credits: dict[str, int] = {}
        self.fetched = 0
        self._tokens: dict[str, float] = {}
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/cgi-bin/stable_token":
            return self._token(asked.json())
        if self._tokens.get(asked.parameters.get("access_token", ""), 0) < time.time():
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        wanted = asked.json()
        if asked.path == "/cgi-bin/message/template/send" and self.name == "official":
            return self._template(wanted)
        if asked.path == "/cgi-bin/message/subscribe/send" and self.name == "mini":
            return self._subscribed(wanted)
        return _error(48001, "api unauthorized")

    def _token(self, wanted: dict[str, Any]) -> Answer:
        if wanted.get("appid") != self.app_id:
            return _error(40013, "invalid appid")
        if wanted.get("secret") != self.app_secret:
            return _error(40125, "invalid appsecret")
        self.fetched += 1
        standing = next((token for token, end in self._tokens.items() if end > time.time() + 300), "")
        token = standing or secrets.token_urlsafe(60)
        self._tokens.setdefault(token, time.time() + 7200)
        return says(access_token=token, expires_in=int(self._tokens[token] - time.time()))

    def forget_tokens(self) -> None:
        """As when somebody refreshed the token elsewhere."""
        self._tokens.clear()

    def _template(self, wanted: dict[str, Any]) -> Answer:
        again = self._known.get((str(wanted.get("touser")), str(wanted.get("client_msg_id"))))
        if again and wanted.get("client_msg_id"):
            return says(errcode=0, errmsg="ok", msgid=int(again))  # within ten minutes it is sent once
        if refused := self._common(wanted):
            return refused
        fields = {
            name: str(item.get("value", ""))[:20] for name, item in wanted["data"].items()
        }  # cut, not refused
        return self._delivered(wanted, fields)

    def _subscribed(self, wanted: dict[str, Any]) -> Answer:
        if refused := self._common(wanted):
            return refused
        who = str(wanted["touser"])
        if self.credits.get(who, 1_000_000) <= 0:
            return _error(43101, "user refuse to accept the msg")
        for name, item in wanted["data"].items():
            kind = _FIELD.fullmatch(name)
            value = str(item.get("value", ""))
            if not value or (kind and len(value) > _LIMITS.get(kind[1], 20)):
                return _error(47003, f"argument invalid! data.{name}.value invalid")
        if who in self.credits:
            self.credits[who] -= 1
        return self._delivered(wanted, {name: str(item["value"]) for name, item in wanted["data"].items()})

    def _common(self, wanted: dict[str, Any]) -> Answer | None:
        trouble = self.inbox.trouble(self.name)
        if trouble:
            time.sleep(trouble.silence)
            if trouble.cut == "before":
                raise Cut
            if trouble.cut == "after":
                self._delivered(wanted, {name: str(item["value"]) for name, item in wanted["data"].items()})
                raise Cut
            if trouble.code:
                return _error(int(trouble.code), "as planned")
        who = str(wanted.get("touser", ""))
        if not who.startswith("o"):
            return _error(40003, "invalid openid")
        if who in self.strangers or who.endswith("gone"):  # the demo's people who left again
            return _error(43004, "require subscribe")
        if not wanted.get("template_id"):
            return _error(40037, "invalid template_id")
        if not isinstance(wanted.get("data"), dict) or not wanted["data"]:
            return _error(47003, "argument invalid! data is empty")
        if self.inbox.count(provider=self.name, to=who, within=86400) >= self.quota:
            return _error(45009, "reach max api daily quota limit")
        return None

    def _delivered(self, wanted: dict[str, Any], fields: dict[str, str]) -> Answer:
        number = str(uuid.uuid4().int % 10**15)
        client = str(wanted.get("client_msg_id", ""))
        if client:
            self._known[str(wanted["touser"]), client] = number
        self.inbox.put(
            self.name, to=str(wanted["touser"]), title=str(wanted["template_id"]), text="\n".join(fields.values()),
            fields=fields, link=str(wanted.get("url") or wanted.get("page") or ""), client_id=client, provider_id=number,
        )  # fmt: skip
        return says(errcode=0, errmsg="ok", msgid=int(number))

    # What it pushes.

    def signed(self) -> dict[str, str]:
        """The query of a push."""
        stamp, nonce = str(int(time.time())), secrets.token_hex(8)
        text = "".join(sorted((self.hook_token, stamp, nonce)))
        return {
            "signature": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), "timestamp": stamp, "nonce": nonce,
        }  # fmt: skip

    def report(self, number: int, *, success: bool) -> str:
        """TEMPLATESENDJOBFINISH."""
        one = self.inbox.find(number)
        assert one is not None
        one.reported = "delivered" if success else "failed"
        status = "success" if success else "failed:user block"
        return self._event(
            one.to,
            "TEMPLATESENDJOBFINISH",
            f"<MsgID>{one.provider_id}</MsgID><Status><![CDATA[{status}]]></Status>",
        )

    def reply(self, number: int, text: str) -> str:
        """A text that the person sends."""
        one = self.inbox.find(number)
        assert one is not None
        safe = text.replace("]]>", "")
        return (
            f"<xml><ToUserName><![CDATA[{self.app_id}]]></ToUserName><FromUserName><![CDATA[{one.to}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{safe}]]></Content><MsgId>{uuid.uuid4().int % 10**18}</MsgId></xml>"
        )

    def unfollowed(self, openid: str) -> str:
        """The event when somebody stops following."""
        self.strangers.add(openid)
        return self._event(openid, "unsubscribe", "")

    def _event(self, openid: str, event: str, more: str) -> str:
        return (
            f"<xml><ToUserName><![CDATA[{self.app_id}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
            f"<Event><![CDATA[{event}]]></Event>{more}</xml>"
        )


def _error(code: int, text: str) -> Answer:
    return says(errcode=code, errmsg=text)
