"""The door for providers: unknown addresses and forgeries get nothing, a repeated call gets the same answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huichang.channels.callbacks import Call, Forged, Heard, Told, Unreadable
from huichang.channels.sms import callbacks as sms
from huichang.channels.wechat import callbacks as wechat
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.operations import inbound
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope, unscoped

_ACTOR = system("hooks")
_log = logging.getLogger(__name__)

Receive = Callable[[ChannelAccount, Call, datetime], Heard]
_RECEIVERS: dict[str, Receive] = {
    "aliyun": lambda account, call, _now: sms.aliyun(account, call),
    "tencent": lambda account, call, _now: sms.tencent(account, call),
    "official": lambda account, call, now: wechat.receive(account, call, now=now),
    "mini": lambda account, call, now: wechat.receive(account, call, now=now),
}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, provider: str, key: str) -> HttpResponse:
    """Believe what proves itself; 404 for an unknown address, 403 for a forgery, 400 for what no provider sends."""
    account = _account(provider, key)
    now = timezone.now()
    assert request.method is not None  # the decorator let GET and POST in
    call = Call(request.method, request.GET.dict(), request.body, dict(request.headers))
    with dealer_scope(account.dealer_id):
        try:
            heard = _RECEIVERS[provider](account, call, now)
        except Forged as error:
            _log.warning("forged call at the hook of account %s: %s", account.pk, error)
            return HttpResponse(status=403)
        except Unreadable:
            return HttpResponse(status=400)
        for fact in heard.facts:
            _write(account, fact, now)
    return HttpResponse(heard.answer, content_type=heard.content_type)


def _account(provider: str, key: str) -> ChannelAccount:
    with unscoped("the address of a provider's call names the account, and so the store"):
        account = ChannelAccount.objects.filter(hook_key=key, provider=provider).first()
    if account is None or provider not in _RECEIVERS:
        raise Http404
    return account


def _write(account: ChannelAccount, fact: Told, now: datetime) -> None:
    if fact.kind == "reply":
        inbound.receive_reply(
            account=account, address=fact.address, text=fact.text, digest=fact.digest, actor=_ACTOR, now=now
        )
    elif fact.kind == "gone":
        inbound.lose_address(
            account=account, address=fact.address, cause=fact.code, digest=fact.digest, actor=_ACTOR, now=now
        )
    elif fact.kind == "credit":
        inbound.add_credits(
            account=account,
            address=fact.address,
            number=fact.number,
            digest=fact.digest,
            actor=_ACTOR,
            now=now,
        )
    else:
        inbound.receive_report(
            account=account, provider_id=fact.provider_id, client_id=fact.client_id, address=fact.address,
            result=fact.kind, code=fact.code, detail=fact.detail, digest=fact.digest, actor=_ACTOR, now=now,
        )  # fmt: skip
