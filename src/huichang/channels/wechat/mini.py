"""Subscription messages of a mini-program: one message for each time the person allowed one."""

from __future__ import annotations

from datetime import datetime, timedelta

from huichang.channels import http
from huichang.channels.credentials import option
from huichang.channels.wechat.client import Client, refusal
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import Outcome, Outgoing, Receipt


class Mini:
    """One mini-program; options `app_id`, `hook_token`, `page` (where a tap leads)."""

    repeats_within = timedelta(0)  # no id of ours goes with it

    def __init__(self, account: ChannelAccount) -> None:
        self.client = Client(account)
        self.page = option(account, "page", "pages/index/index")

    def send(self, outgoing: Outgoing, *, now: datetime) -> Receipt:
        if not outgoing.template_id:
            return Receipt(Outcome.REFUSED, code="no_template_id")
        body = {
            "touser": outgoing.address, "template_id": outgoing.template_id, "page": self.page,
            "miniprogram_state": "formal", "lang": "en_US" if outgoing.language == "en" else "zh_CN",
            "data": {name: {"value": value} for name, value in outgoing.fields.items()},
        }  # fmt: skip
        try:
            answer = self.client.post("/cgi-bin/message/subscribe/send", body, now=now)
        except http.Broken as broken:
            return broken.receipt
        if answer.get("errcode", 0) == 0:
            return Receipt(Outcome.ACCEPTED, code="0", provider_id=str(answer.get("msgid", "")))
        return refusal(answer)
