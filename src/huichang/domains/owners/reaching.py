"""What registering means for messages: WeChat reaches who signed in by it; a new mobile is told to the old one."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from huichang.domains.contacts.models import Channel, ChannelAccount, Provider
from huichang.domains.contacts.operations import end_address, queue_message, register_address
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.owners.models import OwnerAccount, OwnerBinding
from huichang.domains.owners.rights import Right
from huichang.kernel.actors import Actor
from huichang.kernel.sensitive import mask
from huichang.kernel.worktime import CHINA

PROOF = "微信网页授权 snsapi_base"


def note_wechat(binding: OwnerBinding, account: OwnerAccount, *, actor: Actor, now: datetime) -> None:
    """Let WeChat messages of the store reach the owner (REM-17).

    An openid belongs to one official account, so only where the store sends by the one people sign in with.
    """
    app_id = settings.WECHAT_LOGIN["app_id"]
    if binding.right != Right.OWNER or not account.openid or not app_id:
        return
    same = ChannelAccount.objects.filter(
        channel=Channel.WECHAT, provider=Provider.OFFICIAL, is_active=True, options__app_id=app_id
    )
    if same.exists():
        register_address(
            dealer=binding.dealer, customer=binding.customer, channel=Channel.WECHAT, address=account.openid,
            proof=PROOF, actor=actor.holding(ContactsP.NOTIFY), now=now,
        )  # fmt: skip


def forget_wechat(binding: OwnerBinding, *, actor: Actor, now: datetime) -> None:
    """Send no more WeChat messages to somebody whose last car of this customer was taken off the phone."""
    others = OwnerBinding.objects.filter(
        account_id=binding.account_id, customer_id=binding.customer_id, right=Right.OWNER, ended_at=None
    )
    if binding.right == Right.OWNER and binding.account.openid and not others.exclude(pk=binding.pk).exists():
        end_address(
            dealer=binding.dealer, customer=binding.customer, channel=Channel.WECHAT, address=binding.account.openid,
            cause="left", actor=actor.holding(ContactsP.NOTIFY), now=now,
        )  # fmt: skip


def tell_earlier_mobile(binding: OwnerBinding, mobile: str, *, actor: Actor, now: datetime) -> None:
    """Somebody registered the car with a mobile the store does not know: its known owner is told."""
    queue_message(
        dealer=binding.dealer, customer=binding.customer, car=binding.car, purpose="owner",
        template="owner.registered",
        values={"text": mask(mobile), "time": f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"},
        key=f"owner.registered:{binding.pk}", actor=actor.holding(ContactsP.NOTIFY), now=now,
    )  # fmt: skip
