"""A message's columns from the way chosen for it: address, template, text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import override

from huichang.domains.contacts import links
from huichang.domains.contacts.choosing import Choice, hint
from huichang.domains.contacts.models import Channel, ChannelAccount, Message, MessageStatus
from huichang.domains.contacts.purposes import Purpose
from huichang.domains.contacts.rendering import Rendered, render, segments, variables
from huichang.domains.contacts.texts import SECRET
from huichang.domains.contacts.transport import Outgoing
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.sensitive import blind_index

HIDDEN = "••••••"
_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
OPT_OUT = {"zh-hans": "拒收请回复R", "en": "Reply R to stop"}


def fill(message: Message, choice: Choice, purpose: Purpose, values: Mapping[str, str]) -> None:
    """Set what a new message is; it is saved by the caller. A template it cannot fill suppresses it."""
    message.priority, message.counts = purpose.priority, purpose.counts
    message.values = {name: value for name, value in values.items() if name not in SECRET}
    hidden = {name: values[name] for name in SECRET if name in values}
    message.secret = json.dumps(hidden) if hidden else ""
    cause = place(message, choice)
    message.status = MessageStatus.SUPPRESSED if cause else MessageStatus.WAITING
    message.cause = cause


def place(message: Message, choice: Choice) -> str:
    """Put a message on the chosen way; the cause when it cannot go it."""
    message.channel = choice.channel
    message.account, message.template = choice.account, choice.template
    if choice.cause:
        _show(message)
        return choice.cause
    message.address, message.address_index = choice.address, blind_index(choice.address)
    message.address_hint = hint(choice.channel, choice.address)[:80]
    shown = rendered(message, hide=True)
    if shown.missing:
        message.provider_text = "{" + "}, {".join(shown.missing) + "}"
        return "template"
    message.subject, message.body = shown.subject[:120], text_of(message, shown)
    if choice.is_promotion and message.channel == Channel.SMS:
        message.body = f"{message.body} {OPT_OUT.get(message.language, OPT_OUT['zh-hans'])}"
    message.segments = segments(signed(choice.account, message.body)) if message.channel == Channel.SMS else 1
    return ""


def _show(message: Message) -> None:
    """What a message that does not go would have said, for the register."""
    if message.template is not None:
        shown = rendered(message, hide=True)
        message.subject, message.body = shown.subject[:120], text_of(message, shown)


def rendered(message: Message, *, hide: bool = False) -> Rendered:
    """The message's template with its values; `hide`: secret ones as dots, for what is kept and shown."""
    assert message.template is not None  # a chosen way has a template
    return render(message.template, values_of(message, hide=hide))


def values_of(message: Message, *, hide: bool = False) -> dict[str, str]:
    """All values of a message: its own, those everybody knows, a link if somebody makes one."""
    secret: dict[str, str] = json.loads(message.secret) if message.secret else {}
    if hide:
        secret = dict.fromkeys(secret, HIDDEN)
    own = {name: str(value) for name, value in message.values.items()}
    values = {**common(message), **_dated(own, message.language), **secret}
    assert message.template is not None
    if "link" not in values and "{link}" in message.template.body:
        values["link"] = links.link_of(message)
    return values


def _dated(values: Mapping[str, str], language: str) -> dict[str, str]:
    """Who queues a message writes its days in Chinese; texts in another language tell them as numbers."""
    if language == "zh-hans":
        return dict(values)
    return {name: _DAY.sub(_numbers, value) for name, value in values.items()}


def _numbers(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return "-".join(part.zfill(2) for part in (year, month, day) if part)


def common(message: Message) -> dict[str, str]:
    """What every template may use: the customer in the polite form, the car, the store."""
    found = {"store": message.dealer.name, "store_phone": message.dealer.phone}
    if message.customer:
        found["customer"] = polite(message.customer, message.language)
    car: Car | None = message.car
    found["plate"] = car.plate or str(car) if car else ""
    found["series"] = (car.vehicle.series or car.vehicle.model_name) if car else ""
    return found


def polite(customer: Customer, language: str) -> str:
    """`李海民先生`; in English the name alone."""
    if language != "zh-hans" or not customer.gender:
        return customer.name
    with override("zh-hans"):
        return f"{customer.name}{customer.get_gender_display()}"


def text_of(message: Message, shown: Rendered) -> str:
    """What is kept as the message's text: for WeChat its fields, a line each."""
    if message.channel in {Channel.WECHAT, Channel.MINI}:
        return "\n".join(shown.fields.values())
    return shown.body


def signed(account: ChannelAccount | None, text: str) -> str:
    """An SMS as it arrives: the provider puts the signature before it."""
    sign = str(account.options.get("sign_name", "")) if account else ""
    return f"【{sign}】{text}" if sign else text


def outgoing(message: Message, choice: Choice) -> Outgoing:
    """What the transport gets. Parameters follow the order in which the template names its variables."""
    assert message.template is not None
    assert choice.account is not None
    shown, values = rendered(message), values_of(message)
    names = variables(message.template.body)
    ids: Mapping[str, Any] = choice.account.templates
    known = ids.get(f"{message.template_name}:{message.language}") or ids.get(message.template_name, "")
    text = shown.body
    if choice.is_promotion and message.channel == Channel.SMS:
        text = f"{text} {OPT_OUT.get(message.language, OPT_OUT['zh-hans'])}"
    return Outgoing(
        client_id=message.client_id, address=message.address, language=message.language, template_id=str(known),
        parameters={name: values.get(name, "") or "-" for name in names}, text=text, subject=shown.subject,
        fields=shown.fields, link=values.get("link", ""), is_promotion=choice.is_promotion,
    )  # fmt: skip
