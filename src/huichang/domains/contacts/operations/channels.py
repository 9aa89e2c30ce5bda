"""A store's accounts at providers: settings open, secrets encrypted; and a message to try one."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from huichang.domains.contacts import choosing
from huichang.domains.contacts.choosing import Choice
from huichang.domains.contacts.models import AccessToken, Channel, ChannelAccount, Message, Provider
from huichang.domains.contacts.outbox import put_into_queue
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.providers import CHANNEL_OF, SETTINGS
from huichang.domains.contacts.purposes import purpose_of
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


@operation(P.EDIT_CHANNELS)
def save_account(
    *,
    dealer: Dealer,
    provider: str,
    label: str,
    options: Mapping[str, str],
    hidden: Mapping[str, str],
    actor: Actor,
    account: ChannelAccount | None = None,
    templates: Mapping[str, str] | None = None,
    position: int = 10,
    is_active: bool = True,
) -> ChannelAccount:
    """Keep an account. A secret left empty stays as it is (or is read from the environment); none is ever given back.

    Raises OperationRefused with the field at fault.
    """
    declared = SETTINGS.get(provider)
    if declared is None:
        raise OperationRefused(_("请选择服务商。"), field="provider")
    for one in declared:
        value = str(options.get(one.name, "") or "")
        if not one.is_secret and one.is_needed and not value:
            raise OperationRefused(_("请填写“{label}”。").format(label=one.label), field=one.name)
        if one.choices and value not in one.choices:
            raise OperationRefused(_("请从列表中选择。"), field=one.name)
    if provider == "smtp" and options.get("security") == "none" and options.get("user"):
        raise OperationRefused(_("不加密时不能用密码登录:密码会被别人看到。"), field="security")
    if (sign := options.get("sign_name")) and not re.fullmatch(r"[^【】\s]{2,12}", sign):
        raise OperationRefused(_("签名是 2 到 12 个字,不写【】。"), field="sign_name")
    names = {one.name for one in declared}
    row = account or ChannelAccount(dealer=dealer, hook_key=secrets.token_urlsafe(32))
    kept = json.loads(row.secrets) if row.secrets else {}
    row.secrets = json.dumps(
        {**kept, **{name: value for name, value in hidden.items() if name in names and value}}
    )
    row.channel, row.provider, row.label = CHANNEL_OF[Provider(provider)], provider, label.strip()[:40]
    row.options = {
        name: value for name, value in options.items() if (name in names and value) or name == "is_demo"
    }
    if templates is not None:
        row.templates = {name: code.strip() for name, code in templates.items() if code.strip()}
    row.position, row.is_active = position, is_active
    row.save()
    AccessToken.objects.filter(account=row).delete()
    return row


@operation(P.EDIT_CHANNELS)
def send_test(
    *, account: ChannelAccount, address: str, template: str, actor: Actor, now: datetime
) -> Message:
    """Send one message over an account to an address of ours, filled with an example. Raises OperationRefused."""
    address = address.strip()
    if account.channel == Channel.SMS and not re.fullmatch(r"1[3-9]\d{9}", address):
        raise OperationRefused(_("请填写 11 位手机号。"), field="address")
    if not address:
        raise OperationRefused(_("请填写接收地址。"), field="address")
    rows = choosing.templates_named(account.dealer, template)
    chosen = choosing.pick_template(rows, account.channel, settings.LANGUAGE_CODE)
    if chosen is None:
        raise OperationRefused(_("这种方式没有这个模板。"), field="template")
    message = Message(
        dealer=account.dealer, purpose="test", template_name=template, key=f"test:{account.pk}:{now.isoformat()}",
        created_at=now, planned_for=now, values=dict(EXAMPLE),
    )  # fmt: skip
    choice = Choice(account.channel, "", account, chosen, address)
    return put_into_queue(message, choice, purpose_of("test"), EXAMPLE, actor=actor, now=now)


# A case as it may come, for previews without a customer and for tests of an account.
EXAMPLE: Mapping[str, str] = {
    "customer": "周先生", "plate": "渝B62D81", "series": "锐界", "time": "11月25日 09:30", "advisor": "李伟",
    "technician": "冯涛", "items": "60,000公里保养", "amount": "¥1,280", "link": "https://example.com/b/8f3k",
    "code": "123456", "reason": "配件到货推迟", "due_date": "12月2日", "minutes": "15", "text": "感谢您一直以来的信任",
}  # fmt: skip
