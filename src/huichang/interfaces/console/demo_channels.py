"""The demo store's channels: accounts at the local providers, followers, consents, letters."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huichang.domains.dealers.models import Dealer

FOLLOWERS = 150
# Templates as the providers would have approved them: a number of its own for each.
_CODES = {
    "aliyun": "SMS_{:06d}",
    "tencent": "{:07d}",
    "official": "tm-official-{:04d}",
    "mini": "tm-mini-{:04d}",
}
_LABELS = {
    "aliyun": "短信(阿里云)",
    "tencent": "短信(腾讯云,备用)",
    "official": "公众号",
    "mini": "小程序",
    "smtp": "邮件",
}
_MAIL = {"host": "127.0.0.1", "security": "none", "sender": "service@example.com"}


def set_up(dealer: Dealer, now: datetime) -> None:
    """Open every channel of the demo store. Repeated, it changes nothing."""
    from huichang.domains.contacts.models import ChannelAccount
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(dealer.pk):
        if not ChannelAccount.objects.exists():
            _open_accounts(dealer)
            _let_follow(dealer, now)
            _write_letters(dealer, now)


def _open_accounts(dealer: Dealer) -> None:
    from huichang.domains.contacts.models import MessageTemplate
    from huichang.domains.contacts.operations import save_account
    from huichang.domains.contacts.providers import CHANNEL_OF, SETTINGS
    from huichang.fakes.server import DEMO
    from huichang.kernel.actors import system

    for place, (provider, label) in enumerate(_LABELS.items(), 1):
        given = DEMO.get(provider) or {**_MAIL, "sender_name": dealer.name}
        secret = {one.name for one in SETTINGS[provider] if one.is_secret}
        channel = next(channel for known, channel in CHANNEL_OF.items() if known.value == provider)
        names = (
            MessageTemplate.objects.filter(channel=channel)
            .values_list("name", flat=True)
            .distinct()
            .order_by("name")
        )
        code = _CODES.get(provider, "")
        save_account(
            dealer=dealer, provider=provider, label=label, position=place, actor=system("huichang demo"),
            options={"is_demo": "1", **{name: value for name, value in given.items() if name not in secret}},
            hidden={name: value for name, value in given.items() if name in secret},
            templates={name: code.format(100100 + number) for number, name in enumerate(names)} if code else {},
        )  # fmt: skip


def _let_follow(dealer: Dealer, now: datetime) -> None:
    """Customers who follow the official account; some have left it again, so that the way by SMS is seen."""
    from huichang.domains.contacts.operations import give_consent, register_address
    from huichang.domains.customers.models import Customer
    from huichang.kernel.actors import system

    actor = system("huichang demo")
    people = Customer.objects.filter(has_wechat=True, merged_into=None).order_by("pk")[:FOLLOWERS]
    for number, customer in enumerate(people):
        end = "gone" if number % 5 == 1 else "demo"
        register_address(
            dealer=dealer, customer=customer, channel="wechat", address=f"oHuichang{customer.pk:014d}{end}",
            proof="扫码关注公众号", actor=actor, now=now,
        )  # fmt: skip
        if number % 3 == 0:
            give_consent(
                customer=customer, purpose="all", proof="到店签署《信息接收同意书》", actor=actor, now=now
            )


def _write_letters(dealer: Dealer, now: datetime) -> None:
    from huichang.domains.contacts.operations import post_letters, write_letter
    from huichang.domains.customers.models import Customer
    from huichang.kernel.actors import system

    actor = system("huichang demo")
    texts = (
        ("notice", "我店售后服务热线自下月起延长到 20:00,节假日照常。欢迎您随时来电。"),
        ("invitation", "诚邀您参加周六上午的用车课堂,现场有技师答疑,并为您的爱车免费检测。"),
        ("reply", "您来信反映的等待时间过长,我们已增加上午的接待顾问。给您添麻烦了,非常抱歉。"),
    )
    people = Customer.objects.exclude(address="").filter(merged_into=None).order_by("pk")[: len(texts)]
    letters = [
        write_letter(customer=customer, kind=kind, text=text, actor=actor, now=now)
        for customer, (kind, text) in zip(people, texts, strict=False)
    ]
    post_letters(letters=letters[:1], actor=actor, now=now)
