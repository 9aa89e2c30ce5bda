"""A row for the pictures and the permission matrix to open."""

from __future__ import annotations

from typing import Any

from huichang.domains.contacts.models import ChannelAccount, Consent, Message
from huichang.domains.customers.models import Customer


def _latest(model: Any, **wanted: Any) -> dict[str, Any]:
    return {"pk": model.objects.filter(**wanted).order_by("-pk").values_list("pk", flat=True).first() or 0}


def message() -> dict[str, Any]:
    return _latest(Message)


def letter() -> dict[str, Any]:
    return _latest(Message, channel="letter")


def account() -> dict[str, Any]:
    return _latest(ChannelAccount)


def customer() -> dict[str, Any]:
    return _latest(Customer)


def consent() -> dict[str, Any]:
    return _latest(Consent)


def provider() -> dict[str, Any]:
    return {"provider": "aliyun"}


def template() -> dict[str, Any]:
    return {"name": "booking.confirmed", "channel": "sms", "language": "zh-hans"}


def reply() -> dict[str, Any]:
    return {"what": "reply"}
