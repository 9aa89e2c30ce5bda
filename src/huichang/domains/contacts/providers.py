"""What an account at each provider is set up with: the form of the settings page, and what is secret."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from huichang.domains.contacts.models import Channel, Provider


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of an account; a secret one is encrypted, and never shown again."""

    name: str
    text: str
    is_secret: bool = False
    is_needed: bool = True
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return gettext(self.text)


CHANNEL_OF = {
    Provider.ALIYUN: Channel.SMS, Provider.TENCENT: Channel.SMS, Provider.OFFICIAL: Channel.WECHAT,
    Provider.MINI: Channel.MINI, Provider.SMTP: Channel.EMAIL,
}  # fmt: skip
SETTINGS: dict[str, tuple[Setting, ...]] = {
    Provider.ALIYUN: (
        Setting("sign_name", _("短信签名")), Setting("key_id", "AccessKey ID"),
        Setting("key_secret", "AccessKey Secret", is_secret=True),
    ),
    Provider.TENCENT: (
        Setting("sign_name", _("短信签名")), Setting("app_id", "SmsSdkAppId"),
        Setting("region", _("地域"), is_needed=False), Setting("secret_id", "SecretId", is_secret=True),
        Setting("secret_key", "SecretKey", is_secret=True),
    ),
    Provider.OFFICIAL: (
        Setting("app_id", "AppID"), Setting("app_secret", "AppSecret", is_secret=True),
        Setting("hook_token", _("服务器配置 Token"), is_secret=True),
        Setting("aes_key", "EncodingAESKey", is_secret=True, is_needed=False),
    ),
    Provider.MINI: (
        Setting("app_id", "AppID"), Setting("page", _("点击后打开的页面"), is_needed=False),
        Setting("app_secret", "AppSecret", is_secret=True), Setting("hook_token", _("消息推送 Token"), is_secret=True),
        Setting("aes_key", "EncodingAESKey", is_secret=True, is_needed=False),
    ),
    Provider.SMTP: (
        Setting("host", _("邮件服务器")), Setting("port", _("端口"), is_needed=False),
        Setting("security", _("加密"), choices=("ssl", "starttls", "none")), Setting("sender", _("发件地址")),
        Setting("sender_name", _("发件人"), is_needed=False), Setting("user", _("用户名"), is_needed=False),
        Setting("password", _("密码"), is_secret=True, is_needed=False),
    ),
}  # fmt: skip
