"""Which store's SMS account carries a sign-in code: nobody may learn from it whether a car or a mobile is known."""

from __future__ import annotations

import math
import re
import secrets

from django.utils.translation import gettext as _

from huichang.domains.contacts.models import Channel, ChannelAccount
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.contacts.sending import send_code
from huichang.domains.dealers.models import Dealer
from huichang.domains.owners import links
from huichang.domains.owners.operations import Asked
from huichang.interfaces.portal.requests import STORE_COOKIE, OwnerRequest
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope, unscoped

_LINK = re.compile(rf"{re.escape(links.PATH)}([0-9a-z._A-Z-]+)")
# Whoever asks for a code may have just that sent, to the number typed, within the limits of `owners.limits`.
SENDER = Actor(name="车主登录", permissions=frozenset({ContactsP.NOTIFY.value}))


def send(request: OwnerRequest, asked: Asked, following: str = "") -> None:
    """Queue the message with the code. Raises OperationRefused when no store can send one."""
    store = _store(request, following)
    minutes = math.ceil((asked.expires_at - request.now).total_seconds() / 60)
    with dealer_scope(store.pk):
        send_code(
            asked.mobile, dealer=store, code=asked.code, key=f"owner.code:{secrets.token_hex(12)}", minutes=minutes,
            actor=SENDER, now=request.now, language=request.language,
        )  # fmt: skip


def _store(request: OwnerRequest, following: str) -> Dealer:
    """The store of the poster or the link that brought the visitor, when it sends SMS; else the first that does."""
    with unscoped("before sign-in the visitor belongs to no store"):
        rows = ChannelAccount.objects.filter(channel=Channel.SMS, is_active=True, dealer__is_active=True)
        able = {one.dealer_id: one.dealer for one in rows.select_related("dealer").order_by("dealer_id")}
    if not able:
        raise OperationRefused(_("现在不能发短信验证码,请致电门店。"), field="mobile")
    code = request.GET.get("store") or request.COOKIES.get(STORE_COOKIE, "")
    link = _LINK.match(following)
    found = links.read(link.group(1), request.now) if link else None
    for store in able.values():
        if store.code == code or (found and store.pk == found.dealer_id):
            return store
    return next(iter(able.values()))
