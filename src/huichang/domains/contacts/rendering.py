"""A template and its values become what is sent: texts, WeChat fields within their limits, SMS counted in segments."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from huichang.domains.contacts.models import Channel, MessageTemplate
from huichang.domains.contacts.texts import VARIABLES

_VARIABLE = re.compile(r"\{(\w*)\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_KEY = re.compile(r"([a-z_]+?)(\d{0,3})")
# FACTS §8: characters that WeChat's field types hold.
LIMITS = {
    "thing": 20, "number": 32, "letter": 32, "symbol": 5, "character_string": 32, "time": 40, "date": 40, "amount": 11,
    "phone_number": 17, "car_number": 8, "name": 10, "phrase": 5, "const": 20, "short_thing": 5,
}  # fmt: skip
ONE_SMS, PART_SMS = 70, 67
MOST_SMS = 500


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template became. `missing`: variables without a value; `cut`: fields that were too long."""

    subject: str
    body: str
    fields: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


def render(template: MessageTemplate, values: Mapping[str, str]) -> Rendered:
    """Fill a template. Variables outside `[[…]]` that have no value at all are in `missing`."""
    fields, cut = {}, []
    for name, text in in_order(template.fields):
        # WeChat takes no empty field and no line break.
        whole = " ".join(_filled(text, values).split()) or "—"
        limit = limit_of(name)
        fields[name] = whole if len(whole) <= limit else f"{whole[: limit - 1]}…"
        if len(whole) > limit:
            cut.append(name)
    needed = needed_variables(template)
    return Rendered(
        subject=_filled(template.subject, values), body=_filled(template.body, values).strip(), fields=fields,
        missing=tuple(name for name in needed if name not in values), cut=tuple(cut),
    )  # fmt: skip


def _filled(text: str, values: Mapping[str, str]) -> str:
    def optional(match: re.Match[str]) -> str:
        part = match.group(1)
        return part if all(values.get(name) for name in _VARIABLE.findall(part)) else ""

    return _VARIABLE.sub(lambda match: str(values.get(match.group(1), "")), _OPTIONAL.sub(optional, text))


def variables(text: str) -> tuple[str, ...]:
    """The variables of a text, each once, in their order: a provider's parameters."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


def needed_variables(template: MessageTemplate) -> tuple[str, ...]:
    """The variables that must have a value: those outside every `[[…]]`. WeChat's fields may do without."""
    if template.channel in {Channel.WECHAT, Channel.MINI}:
        return ()
    return variables(_OPTIONAL.sub("", f"{template.subject} {template.body}"))


def in_order(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """WeChat's fields by the number at their end, as its templates show them; jsonb keeps no order."""

    def place(item: tuple[str, str]) -> int:
        match = _KEY.fullmatch(item[0])
        return int(match.group(2) or 0) if match else 0

    return sorted(fields.items(), key=place)


def limit_of(name: str) -> int:
    """How many characters a WeChat field holds; 20 for a type we do not know."""
    match = _KEY.fullmatch(name)
    return LIMITS.get(match.group(1), 20) if match else 20


def segments(text: str) -> int:
    """How many SMS a text costs: 70 characters in one, 67 in each of several. Needs the signature included."""
    return 1 if len(text) <= ONE_SMS else math.ceil(len(text) / PART_SMS)


def faults(*, channel: str, subject: str, body: str, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong with a template: (field of the form, sentence). Empty when it may be kept."""
    found = []
    texts = [("subject", subject), ("body", body), *(("fields", text) for text in fields.values())]
    for name, text in texts:
        unknown = [word for word in _VARIABLE.findall(text) if word not in VARIABLES]
        if unknown:
            names = "、".join(VARIABLES)
            found.append((name, _("没有“{name}”这个变量。可用:{names}").format(name=unknown[0], names=names)))
        if text.count("[[") != text.count("]]"):
            found.append((name, _("可选部分的 [[ 和 ]] 不成对。")))
    if channel in {Channel.WECHAT, Channel.MINI}:
        return found + list(_field_faults(fields))
    if not body.strip():
        found.append(("body", _("正文不能为空。")))
    if channel == Channel.SMS:
        found += _sms_faults(body)
    return found


def _field_faults(fields: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    if not fields:
        yield "fields", _("请按微信模板填写字段,每行一个,例如 thing1={store}。")
    for name, text in fields.items():
        match = _KEY.fullmatch(name)
        if not match or match.group(1) not in LIMITS:
            yield (
                "fields",
                _("“{name}”不是微信模板的字段名,例如 thing1、time2、car_number3。").format(name=name),
            )
        elif len(_VARIABLE.sub("", text)) > limit_of(name):
            yield "fields", _("{name} 最多 {limit} 个字。").format(name=name, limit=limit_of(name))


def _sms_faults(body: str) -> list[tuple[str, str]]:
    found = []
    if re.search(r"\}\s*\{", _OPTIONAL.sub("", body)):
        found.append(("body", _("两个变量不能紧挨着:短信模板审核不通过。")))
    if len(body) > MOST_SMS:
        found.append(("body", _("短信最多 {most} 个字。").format(most=MOST_SMS)))
    if "【" in body:
        found.append(("body", _("签名由渠道设置加上,正文里不要写【】。")))
    return found
