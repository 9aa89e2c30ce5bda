"""Template messages of an official account."""

from __future__ import annotations

from datetime import datetime, timedelta

from huichang.channels import http
from huichang.channels.wechat.client import Client, refusal
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import Outcome, Outgoing, Receipt


class Official:
    """One official account; options `app_id`, `hook_token`, secrets `app_secret`, `aes_key` (safe mode)."""

    # WeChat delivers a client_msg_id once within ten minutes; a minute is kept for clocks that differ.
    repeats_within = timedelta(minutes=9)

    def __init__(self, account: ChannelAccount) -> None:
        self.client = Client(account)

    def send(self, outgoing: Outgoing, *, now: datetime) -> Receipt:
        if not outgoing.template_id:
            return Receipt(Outcome.REFUSED, code="no_template_id")
        body = {
            "touser": outgoing.address, "template_id": outgoing.template_id, "client_msg_id": outgoing.client_id,
            "data": {name: {"value": value} for name, value in outgoing.fields.items()},
        }  # fmt: skip
        if outgoing.link:
            body["url"] = outgoing.link
        try:
            answer = self.client.post("/cgi-bin/message/template/send", body, now=now)
        except http.Broken as broken:
            return broken.receipt
        if answer.get("errcode", 0) == 0:
            return Receipt(Outcome.ACCEPTED, code="0", provider_id=str(answer.get("msgid", "")))
        return refusal(answer)
