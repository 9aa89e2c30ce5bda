"""Forms of messages, templates, channels, letters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from huichang.domains.contacts.models import Channel, ChannelAccount, Consent
from huichang.domains.contacts.outgoing import CAUSES, cause_label
from huichang.domains.contacts.providers import SETTINGS
from huichang.domains.contacts.purposes import PURPOSES, Klass
from huichang.domains.contacts.texts import WITH_FIELDS
from huichang.interfaces.staff.desk.forms import DayInput

TEMPLATE_NAMES = {
    "booking.received": gettext_noop("预约已收到"), "booking.confirmed": gettext_noop("预约已确认"),
    "booking.changed": gettext_noop("预约已更改"), "booking.cancelled": gettext_noop("预约已取消"),
    "booking.tomorrow": gettext_noop("明天的预约"), "booking.one_hour": gettext_noop("一小时后的预约"),
    "booking.no_show": gettext_noop("爽约后"), "parts.late": gettext_noop("配件推迟"),
    "meeting.arranged": gettext_noop("试驾和洽谈:已约好"), "meeting.reminder": gettext_noop("试驾和洽谈:提醒"),
    "meeting.cancelled": gettext_noop("试驾和洽谈:已取消"),
    "waiting.offer": gettext_noop("候补有空位"), "owner.code": gettext_noop("验证码"),
    "owner.invite": gettext_noop("邀请车主登记"), "owner.registered": gettext_noop("车主已登记"),
    "reminder.first_service": gettext_noop("提醒:首次保养"), "reminder.scheduled_service": gettext_noop("提醒:定期保养"),
    "reminder.warranty_end": gettext_noop("提醒:保修到期"),
    "reminder.compulsory_insurance": gettext_noop("提醒:交强险到期"),
    "reminder.commercial_insurance": gettext_noop("提醒:商业险到期"), "reminder.inspection": gettext_noop("提醒:年检到期"),
    "reminder.deferred_repair": gettext_noop("提醒:建议维修未做"), "reminder.birthday": gettext_noop("生日祝福"),
    "activity.invitation": gettext_noop("活动邀请"), "letter.notice": gettext_noop("信函:通知"),
    "letter.invitation": gettext_noop("信函:邀请"), "letter.reply": gettext_noop("信函:回复"),
    "staff.mail": gettext_noop("员工邮件"),
}  # fmt: skip


def template_label(name: str) -> str:
    """A template's name in the reader's language."""
    return _(TEMPLATE_NAMES[name]) if name in TEMPLATE_NAMES else name


def _choose(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class MessagesForm(forms.Form):
    """Filters of the register of messages."""

    q = forms.CharField(
        label=gettext_lazy("号码、车牌、姓名"), required=False, widget=forms.TextInput({"type": "search"})
    )
    first = forms.DateField(label=gettext_lazy("从"), required=False, widget=DayInput)
    last = forms.DateField(label=gettext_lazy("到"), required=False, widget=DayInput)
    channel = forms.ChoiceField(label=gettext_lazy("方式"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("用途"), required=False)
    cause = forms.ChoiceField(label=gettext_lazy("原因"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        everything = ("", _("全部"))
        ways = [(value, str(label)) for value, label in Channel.choices if value not in {"all", "phone"}]
        _choose(self, "channel", [everything, *ways])
        _choose(self, "purpose", [everything, *((code, purpose.label) for code, purpose in PURPOSES.items())])
        _choose(self, "cause", [everything, *((code, cause_label(code)) for code in CAUSES)])


class TemplateForm(forms.Form):
    """A template's text; WeChat's has fields beside it."""

    subject = forms.CharField(label=gettext_lazy("标题"), max_length=120, required=False)
    body = forms.CharField(
        label=gettext_lazy("正文"), max_length=2000, required=False, widget=forms.Textarea({"rows": 6})
    )
    fields_ = forms.CharField(
        label=gettext_lazy("微信字段(每行一个,例如 thing1={store})"), max_length=600, required=False,
        widget=forms.Textarea({"rows": 5}),
    )  # fmt: skip

    def __init__(self, data: Any, *, initial: dict[str, str], channel: str) -> None:
        super().__init__(data, initial={**initial, "fields_": initial.get("fields", "")})
        unused = {"sms": ("subject", "fields_"), "email": ("fields_",), "letter": ("fields_",)}
        gone = unused.get(channel, ("subject", "body") if channel in WITH_FIELDS else ())
        for name in gone:
            del self.fields[name]


class AccountForm(forms.Form):
    """An account: what its provider asks for, secrets that are never shown again, the provider's template numbers."""

    label = forms.CharField(label=gettext_lazy("名称"), max_length=40)
    position = forms.IntegerField(
        label=gettext_lazy("顺序"),
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("同一方式有多个渠道时,小的先用。"),
    )
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        provider: str,
        account: ChannelAccount | None,
        template_names: Sequence[tuple[str, str]],
    ) -> None:
        self.declared, self.names = SETTINGS[provider], template_names
        kept = set(json.loads(account.secrets)) if account and account.secrets else set()
        initial: dict[str, Any] = {
            "label": account.label if account else "", "position": account.position if account else 10,
            "is_active": account.is_active if account else True, **(account.options if account else {}),
        }  # fmt: skip
        initial |= {f"t_{name}": code for name, code in (account.templates if account else {}).items()}
        super().__init__(data, initial=initial)
        self.kept = dict(account.options) if account else {}
        for one in self.declared:
            self.fields[one.name] = self._field(one, known=one.name in kept)
        if provider != "smtp":
            for name, label in template_names:
                self.fields[f"t_{name}"] = forms.CharField(label=label, required=False, max_length=60)

    def _field(self, one: Any, *, known: bool) -> forms.Field:
        if one.choices:
            return forms.ChoiceField(label=one.label, choices=[(value, value) for value in one.choices])
        if one.is_secret:
            hint = _("已保存,留空不变") if known else _("也可以放在服务器的环境变量里")
            widget = forms.PasswordInput({"placeholder": hint, "autocomplete": "new-password"})
            return forms.CharField(label=one.label, required=False, max_length=200, widget=widget)
        return forms.CharField(label=one.label, required=one.is_needed, max_length=120)

    def setting_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("t_")]

    def template_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("t_")]

    def options(self) -> dict[str, str]:
        open_ones = {
            one.name: str(self.cleaned_data.get(one.name, "")) for one in self.declared if not one.is_secret
        }
        return open_ones | {name: value for name, value in self.kept.items() if name == "is_demo"}

    def hidden(self) -> dict[str, str]:
        return {one.name: str(self.cleaned_data.get(one.name, "")) for one in self.declared if one.is_secret}

    def templates(self) -> dict[str, str]:
        return {name: str(self.cleaned_data.get(f"t_{name}", "")) for name, _label in self.names}


class TestForm(forms.Form):
    """A message to try an account."""

    address = forms.CharField(label=gettext_lazy("发到(手机、openid 或邮箱)"), max_length=120)
    template = forms.ChoiceField(label=gettext_lazy("模板"))

    def __init__(self, data: Any = None, *, template_names: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        _choose(self, "template", template_names)


class LetterForm(forms.Form):
    """A letter to one customer."""

    kind = forms.ChoiceField(
        label=gettext_lazy("种类"),
        choices=[
            ("notice", gettext_lazy("通知")), ("invitation", gettext_lazy("邀请")), ("reply", gettext_lazy("回复")),
        ],
    )  # fmt: skip
    text = forms.CharField(label=gettext_lazy("内容"), max_length=3000, widget=forms.Textarea({"rows": 10}))


class ConsentForm(forms.Form):
    """What a customer agrees to receive, with the proof."""

    purpose = forms.ChoiceField(label=gettext_lazy("同意收到"))
    channel = forms.ChoiceField(label=gettext_lazy("用什么方式"), choices=Channel.choices)
    proof = forms.CharField(
        label=gettext_lazy("凭据"),
        max_length=200,
        help_text=gettext_lazy("何时、用什么方式同意的,例如“2026-06-01 到店签字”。"),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        _choose(self, "purpose", consent_purposes())


def consent_purposes() -> list[tuple[str, str]]:
    """What law or a provider asks consent for: greetings and marketing, each group once."""
    found = {
        purpose.group: purpose.label
        for purpose in reversed(PURPOSES.values())
        if purpose.klass in {Klass.CARE, Klass.MARKETING}
    }
    return [("all", _("全部营销和问候")), *reversed(found.items())]


def consents_of(customer_id: int) -> list[Consent]:
    """What a customer agreed to, the standing ones first."""
    rows = Consent.objects.filter(customer_id=customer_id).select_related("car")
    return sorted(rows.order_by("-given_at"), key=lambda row: row.withdrawn_at is not None)
