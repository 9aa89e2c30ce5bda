"""Channel settings: a store's accounts at providers, what each may carry, a test message."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.contacts import choosing, outgoing
from huichang.domains.contacts.models import (
    ChannelAccount,
    ChannelRule,
    Message,
    MessageTemplate,
    Provider,
    Verdict,
)
from huichang.domains.contacts.operations import save_account, save_rule, send_test
from huichang.domains.contacts.providers import CHANNEL_OF, SETTINGS
from huichang.domains.contacts.purposes import PURPOSES, Purpose
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.messages import names
from huichang.interfaces.staff.contacts.sending_forms import AccountForm, TestForm, template_label
from huichang.kernel.operations import OperationRefused

HOOKED = {Provider.ALIYUN, Provider.TENCENT, Provider.OFFICIAL, Provider.MINI}


def listing(request: StaffRequest) -> HttpResponse:
    """The store's accounts, and for each the last message over it."""
    accounts = list(ChannelAccount.objects.order_by("channel", "position", "pk"))
    last: dict[int, Message] = {}
    for row in (
        Message.objects.filter(account__in=accounts).order_by("account", "-created_at").distinct("account")
    ):
        if row.account_id:
            last[row.account_id] = row
    lines = [(account, last.get(account.pk)) for account in accounts]
    providers = [(value, label) for value, label in Provider.choices if value in SETTINGS]
    context = {
        "lines": lines,
        "providers": providers,
        "grid": _grid(request),
        "used": [row.provider for row in accounts],
    }
    return render(request, "staff/contacts/channels.html", context | names())


def _grid(request: StaffRequest) -> list[tuple[Purpose, list[dict[str, Any]]]]:
    """What each provider does with each purpose: rows of purposes, a cell a provider."""
    rules = choosing.rules_of(request.dealer)
    reasons: dict[tuple[str, str], ChannelRule] = {(rule.provider, rule.purpose): rule for rule in rules}
    shown = [value for value in Provider.values if value in CHANNEL_OF]
    lines = []
    for purpose in PURPOSES.values():
        if purpose.code in {"letter", "staff"}:
            continue
        cells = []
        for provider in shown:
            rule = reasons.get((provider, purpose.code)) or reasons.get((provider, purpose.klass.value))
            verdict = choosing.verdict_on(rules, provider, purpose)
            cells.append({
                "provider": provider, "label": Provider(provider).label, "verdict": verdict,
                "word": Verdict(verdict).label, "reason": _(rule.reason) if rule and rule.reason else "",
                "own": bool(rule and rule.dealer_id), "in_chain": CHANNEL_OF[Provider(provider)] in purpose.chain,
            })  # fmt: skip
        lines.append((purpose, cells))
    return lines


def rule(request: StaffRequest) -> HttpResponse:
    """Change what a provider may carry at this store."""
    try:
        save_rule(
            dealer=request.dealer, provider=request.POST.get("provider", ""), purpose=request.POST.get("purpose", ""),
            verdict=request.POST.get("verdict", ""), reason=request.POST.get("reason", ""), actor=request.actor,
        )  # fmt: skip
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("规定已保存。"))
    return redirect(f"{reverse('staff:channels')}#rules")


def new(request: StaffRequest, provider: str) -> HttpResponse:
    """An account at a provider."""
    if provider not in SETTINGS:
        raise Http404
    return _edit(request, provider, None)


def account(request: StaffRequest, pk: int) -> HttpResponse:
    """One account: settings, the providers' template numbers, the address for callbacks, a test."""
    found = get_object_or_404(ChannelAccount, pk=pk)
    return _edit(request, found.provider, found)


def _edit(request: StaffRequest, provider: str, found: ChannelAccount | None) -> HttpResponse:
    wanted = _template_names(CHANNEL_OF[Provider(provider)])
    form = AccountForm(request.POST or None, provider=provider, account=found, template_names=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_account(
                dealer=request.dealer, provider=provider, label=form.cleaned_data["label"], options=form.options(),
                hidden=form.hidden(), templates=form.templates(), position=form.cleaned_data["position"],
                is_active=form.cleaned_data["is_active"], account=found, actor=request.actor,
            )  # fmt: skip
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("渠道已保存。"))
            return redirect("staff:channel", pk=saved.pk)
    hook = reverse("hooks:receive", args=[provider, found.hook_key]) if found and provider in HOOKED else ""
    context = {
        "account": found, "provider": Provider(provider), "form": form, "test": TestForm(template_names=wanted),
        "hook": f"{getattr(settings, 'PUBLIC_URL', '').rstrip('/')}{hook}" if hook else "",
        "last": outgoing.messages(outgoing.Search(purpose="test"), size=3)[:3] if found else [],
    }  # fmt: skip
    return render(
        request, "staff/contacts/channel.html", context | names(), status=422 if form.errors else 200
    )


def _template_names(channel: str) -> list[tuple[str, str]]:
    rows = (
        MessageTemplate.objects.filter(channel=channel)
        .values_list("name", flat=True)
        .distinct()
        .order_by("name")
    )
    return [(name, template_label(name)) for name in rows]


def test(request: StaffRequest, pk: int) -> HttpResponse:
    """Send one message to try an account."""
    found = get_object_or_404(ChannelAccount.objects.select_related("dealer"), pk=pk)
    form = TestForm(request.POST, template_names=_template_names(found.channel))
    if form.is_valid():
        try:
            send_test(account=found, actor=request.actor, now=request.now, **form.cleaned_data)
        except OperationRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("测试消息已放进队列,几秒后看结果。"))
    else:
        messages.error(request, _("请填写接收地址并选择模板。"))
    return redirect("staff:channel", pk=pk)
