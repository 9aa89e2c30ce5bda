"""The demo's inbox: what the local providers delivered, as the customer's phone would show it. Not there in production."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlencode

import httpx
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.contacts import rendering
from huichang.domains.contacts.models import ChannelAccount, Message, MessageTemplate, Provider
from huichang.domains.contacts.rendering import variables
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.messages import names

SECONDS = 3.0
SHOWN = 60
CODES = {
    "aliyun": ("isv.BUSINESS_LIMIT_CONTROL", "isv.AMOUNT_NOT_ENOUGH", "ServiceUnavailable"),
    "tencent": ("LimitExceeded.DeliveryFrequencyLimit", "FailedOperation.ContainSensitiveWord"),
    "official": ("43004", "45009", "-1"), "mini": ("43101",), "smtp": ("451", "552"),
}  # fmt: skip


def inbox(request: StaffRequest) -> HttpResponse:
    """Everything delivered to this store's customers, newest first."""
    if not _is_demo():
        return render(request, "staff/contacts/inbox.html", {"is_off": True})
    try:
        answer = httpx.get(
            f"{os.environ['HUICHANG_FAKES']}/inbox.json?most=400", timeout=SECONDS, trust_env=False
        ).json()
    except (httpx.HTTPError, ValueError):
        answer = None
    letters = _ours(answer["letters"]) if answer else []
    context = {
        "letters": letters[:SHOWN],
        "is_down": answer is None,
        "codes": CODES,
        "providers": dict(Provider.choices),
        **names(),
    }
    return render(request, "staff/contacts/inbox.html", context)


def _is_demo() -> bool:
    accounts = ChannelAccount.objects.filter(options__has_key="is_demo")
    return bool(os.environ.get("HUICHANG_FAKES")) and accounts.exists()


def _ours(letters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The letters that this store sent, with the customer and the whole text."""
    ids = [letter["client_id"] for letter in letters] + [""]
    numbers = [letter["provider_id"] for letter in letters] + [""]
    rows = Message.objects.filter(client_id__in=ids).select_related("customer", "template")
    by_client = {row.client_id: row for row in rows}
    more = Message.objects.filter(provider_id__in=numbers).select_related("customer", "template")
    by_number = {row.provider_id: row for row in more if row.provider_id}
    found = []
    for letter in letters:
        row = by_client.get(letter["client_id"]) or by_number.get(letter["provider_id"])
        if row is not None:
            found.append({**letter, "message": row, "whole": _whole(letter, row.template)})
    return found


def _whole(letter: dict[str, Any], template: MessageTemplate | None) -> str:
    """What the phone shows. A provider of SMS gets parameters, and has the text itself."""
    if letter["text"] or template is None:
        return str(letter["text"])
    names_ = variables(template.body)
    values = dict(letter["fields"])
    if values and all(key.isdigit() for key in values):  # Tencent counts its parameters
        values = {name: values.get(str(place), "") for place, name in enumerate(names_, 1)}
    return f"【{letter['sender']}】{rendering.render(template, {k: '' if v == '-' else v for k, v in values.items()}).body}"


def play(request: StaffRequest, what: str) -> HttpResponse:
    """Be the customer or the operator: answer, report, plan a failure."""
    if not _is_demo():
        return redirect("staff:inbox")
    if what not in {"reply", "report", "trouble"}:
        raise Http404
    wanted = {
        name: request.POST.get(name, "")
        for name in ("number", "text", "success", "provider", "code", "times")
    }
    body = urlencode({name: value for name, value in wanted.items() if value})
    try:
        answer = httpx.post(
            f"{os.environ['HUICHANG_FAKES']}/inbox/{what}",
            content=body,
            timeout=SECONDS + 10,
            trust_env=False,
        ).json()
    except (httpx.HTTPError, ValueError):
        messages.error(request, _("演示用的服务商没有响应。"))
    else:
        if answer.get("status") == 200:
            messages.success(request, _("已照办。"))
        else:
            messages.error(request, _("没有成功:{answer}").format(answer=answer.get("answer", "")))
    return redirect("staff:inbox")
