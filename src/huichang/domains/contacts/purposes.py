"""What messages are about: how urgent, by which channels, what a refusal of them is called.

A purpose that is not declared here is a notice of business (`transaction`). Which provider may carry a purpose is
data: `ChannelRule`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


class Klass(StrEnum):
    """The class decides about consent, quiet hours and pressure."""

    CODE = "code"  # sign-in codes: first, never capped, always
    TRANSACTION = "transaction"  # about something the customer asked for: never capped, at any hour
    REMINDER = "reminder"  # the customer's own interest: capped, not at night
    CARE = "care"  # greetings: as reminders, later
    MARKETING = "marketing"  # only with consent


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. `group` is what a refusal or a consent names; `calls`: somebody calls when no message arrives."""

    code: str
    name: str
    klass: Klass
    group: str
    chain: tuple[str, ...]
    calls: bool = False

    @property
    def label(self) -> str:
        """Its name in the active language."""
        return gettext(self.name)

    @property
    def priority(self) -> int:
        """Lower goes first, and is suppressed last when the cap is reached."""
        return _PRIORITIES[self.klass]

    @property
    def counts(self) -> bool:
        """Whether it uses up contact pressure."""
        return self.klass not in {Klass.CODE, Klass.TRANSACTION}

    @property
    def keeps_quiet(self) -> bool:
        """Whether it waits for the morning."""
        return self.counts

    @property
    def refusals(self) -> tuple[str, ...]:
        """The purposes of refusals that stop it. A general refusal does not stop what the customer asked for."""
        own = (self.code, self.group)
        return ("all", *own) if self.counts else own


_PRIORITIES = {
    Klass.CODE: 0, Klass.TRANSACTION: 10, Klass.REMINDER: 50, Klass.CARE: 70, Klass.MARKETING: 90,
}  # fmt: skip
_ALL = ("wechat", "mini", "sms", "email")
_SOFT = ("wechat", "sms", "email")


def _reminder(code: str, name: str, group: str) -> Purpose:
    # No call of their own: a reminder's case brings its calls anyway (REM-15, T-11).
    return Purpose(code, name, Klass.REMINDER, group, _ALL)


PURPOSES: dict[str, Purpose] = {
    purpose.code: purpose
    for purpose in (
        Purpose("code", _("验证码"), Klass.CODE, "code", ("sms",)),
        Purpose("booking", _("预约"), Klass.TRANSACTION, "booking", _ALL, calls=True),
        Purpose("parts", _("配件到货"), Klass.TRANSACTION, "booking", _ALL, calls=True),
        Purpose("waiting", _("候补"), Klass.TRANSACTION, "booking", _ALL, calls=True),
        Purpose("owner", _("车主账号"), Klass.TRANSACTION, "booking", _SOFT),
        Purpose("staff", _("员工通知"), Klass.TRANSACTION, "staff", ("email",)),
        Purpose("letter", _("信函"), Klass.TRANSACTION, "letter", ("letter",)),
        _reminder("first_service", _("首次保养"), "service"),
        _reminder("scheduled_service", _("定期保养"), "service"),
        _reminder("warranty_end", _("保修到期"), "warranty"),
        _reminder("compulsory_insurance", _("交强险到期"), "insurance"),
        _reminder("commercial_insurance", _("商业险到期"), "insurance"),
        _reminder("inspection", _("年检到期"), "inspection"),
        _reminder("deferred_repair", _("建议维修未做"), "repair"),
        Purpose("birthday", _("生日"), Klass.CARE, "birthday", _SOFT),
        Purpose("festival", _("节日问候"), Klass.CARE, "birthday", _SOFT),
        Purpose("survey", _("满意度回访"), Klass.CARE, "survey", _SOFT),
        Purpose("winback", _("流失挽回"), Klass.MARKETING, "winback", ("sms", "email")),
        Purpose("activity", _("服务活动"), Klass.MARKETING, "activity", _SOFT),
    )
}


def declare_reminder(code: str, name: str, group: str) -> None:
    """Let those above declare a reminder of their own; what is declared here stands."""
    PURPOSES.setdefault(code, _reminder(code, name, group))


def purpose_of(code: str) -> Purpose:
    """The declared purpose; an unknown one is a notice of business under its own name."""
    return PURPOSES.get(code) or Purpose(code, code, Klass.TRANSACTION, code, _ALL, calls=True)


def purpose_of_template(name: str) -> str:
    """What a message of this template is about: `reminder.inspection` the inspection, `booking.tomorrow` a booking.

    What no purpose is named in counts as an activity, which needs the customer's consent.
    """
    group, _dot, detail = name.partition(".")
    code = detail if group == "reminder" else group
    return code if code in PURPOSES else "activity"


@dataclass(frozen=True, slots=True)
class RuleSeed:
    """What a provider does with a purpose or class; the reason names its own rules."""

    provider: str
    purpose: str
    verdict: str
    reason: str


# FACTS §10: what the providers' template reviews refuse or take only as promotion.
_TENCENT = _("腾讯云短信模板审核不通过此类内容")
_ALIYUN = _("阿里云:通知短信不得含营销,问候与推广须用推广模板")
_WECHAT = _("微信模板消息不得用于营销和频繁打扰")
RULES: tuple[RuleSeed, ...] = (
    *(
        RuleSeed("tencent", purpose, "forbid", _TENCENT)
        for purpose in (
            "inspection",
            "compulsory_insurance",
            "commercial_insurance",
            "survey",
            "winback",
            "activity",
        )
    ),
    RuleSeed("tencent", "care", "promotion", _TENCENT),
    RuleSeed("tencent", "marketing", "promotion", _TENCENT),
    RuleSeed("aliyun", "care", "promotion", _ALIYUN),
    RuleSeed("aliyun", "marketing", "promotion", _ALIYUN),
    RuleSeed("official", "care", "forbid", _WECHAT),
    RuleSeed("official", "marketing", "forbid", _WECHAT),
    RuleSeed("mini", "care", "forbid", _WECHAT),
    RuleSeed("mini", "marketing", "forbid", _WECHAT),
)
