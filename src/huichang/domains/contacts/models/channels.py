"""How messages leave: accounts at providers, what they may carry, templates, tokens."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned
from huichang.kernel.sensitive import EncryptedTextField


class Channel(models.TextChoices):
    ALL = "all", _("全部方式")
    PHONE = "phone", _("电话")
    SMS = "sms", _("短信")
    WECHAT = "wechat", _("微信")
    MINI = "mini", _("小程序")
    EMAIL = "email", _("邮件")
    LETTER = "letter", _("信函")


class Provider(models.TextChoices):
    """Who carries messages of a channel."""

    ALIYUN = "aliyun", _("阿里云短信")
    TENCENT = "tencent", _("腾讯云短信")
    OFFICIAL = "official", _("微信公众号模板消息")
    MINI = "mini", _("小程序订阅消息")
    SMTP = "smtp", _("邮件(SMTP)")
    PRINT = "print", _("打印邮寄")


class ChannelAccount(DealerOwned, Audited):
    """A store's account at a provider. The active one with the lowest `position` carries a channel.

    `options` are the provider's open settings (signature, app id, mail host …); `secrets` is JSON, encrypted: what is
    missing there is read from the environment. `templates` maps a template's name to the id under which the provider
    approved it. `hook_key` is the unguessable part of the address to which the provider reports.
    """

    audit_hidden = ("secrets", "hook_key")

    channel = models.CharField(_("方式"), max_length=8, choices=Channel.choices)
    provider = models.CharField(_("服务商"), max_length=10, choices=Provider.choices)
    label = models.CharField(_("名称"), max_length=40)
    options = models.JSONField(default=dict, blank=True)
    secrets = EncryptedTextField(blank=True, default="")
    templates = models.JSONField(default=dict, blank=True)
    hook_key = models.CharField(max_length=64, unique=True)
    position = models.PositiveSmallIntegerField(_("顺序"), default=10)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["dealer", "channel", "position"], name="account_by_channel")
        ]

    def __str__(self) -> str:
        return self.label


class Verdict(models.TextChoices):
    """What a provider does with a kind of message."""

    ALLOW = "allow", _("可以发")
    PROMOTION = "promotion", _("只能按推广发(须事先同意,结尾带退订)")
    FORBID = "forbid", _("不能发")


class ChannelRule(Audited):
    """What a provider allows for a purpose (or its class), as data. Rows without a dealer are the network's.

    `purpose` is a purpose, or the class of purposes that has no row of its own.
    """

    dealer = models.ForeignKey(
        "dealers.Dealer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    provider = models.CharField(_("服务商"), max_length=10, choices=Provider.choices)
    purpose = models.CharField(_("用途"), max_length=32)
    verdict = models.CharField(_("规定"), max_length=10, choices=Verdict.choices)
    reason = models.CharField(_("依据"), max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "provider", "purpose"], name="one_channel_rule", nulls_distinct=False
            )
        ]


class MessageTemplate(Audited):
    """What a message says, per name, channel and language. A change is a new version; old ones stay as proof.

    `body` may use {variables}; for WeChat `fields` maps the provider's field to its text. Rows without a dealer are
    the network's; a store's newest version stands before them.
    """

    dealer = models.ForeignKey(
        "dealers.Dealer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("名称"), max_length=40)
    channel = models.CharField(_("方式"), max_length=8, choices=Channel.choices)
    language = models.CharField(_("语言"), max_length=8, default="zh-hans")
    version = models.PositiveIntegerField(_("版本"), default=1)
    subject = models.CharField(_("标题"), max_length=120, blank=True)
    body = models.TextField(_("正文"), blank=True)
    fields = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "name", "channel", "language", "version"], name="one_template_version",
                nulls_distinct=False,
            )
        ]  # fmt: skip


class AccessToken(DealerOwned):
    """A provider's short-lived token (WeChat), shared by all processes; renewed under the row's lock."""

    account = models.OneToOneField(ChannelAccount, on_delete=models.CASCADE, related_name="token")
    token = EncryptedTextField(blank=True, default="")
    expires_at = models.DateTimeField()
