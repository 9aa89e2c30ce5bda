"""Message templates: the store's words for what the system sends, checked, previewed with a real case, versioned."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.contacts import choosing, filling, rendering
from huichang.domains.contacts.models import Channel, ChannelAccount, Message, MessageTemplate
from huichang.domains.contacts.operations import save_template
from huichang.domains.contacts.operations.channels import EXAMPLE
from huichang.domains.contacts.texts import VARIABLES, WITH_FIELDS, fields_of
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.sending_forms import TemplateForm, template_label
from huichang.kernel.operations import OperationRefused


def listing(request: StaffRequest) -> HttpResponse:
    """Every template, one line a name, with the channels and languages it exists in."""
    rows = MessageTemplate.objects.filter(Q(dealer=request.dealer) | Q(dealer=None)).order_by(
        F("dealer").desc(nulls_last=True), "-version"
    )
    standing: dict[tuple[str, str, str], MessageTemplate] = {}
    for row in rows:
        standing.setdefault((row.name, row.channel, row.language), row)
    language = _language(request)
    names: dict[str, list[MessageTemplate]] = {}
    for (name, _channel, spoken), row in sorted(standing.items()):
        if spoken == language:
            names.setdefault(name, []).append(row)
    lines = [(template_label(name), name, _shown(found), found) for name, found in names.items()]
    context = {"lines": lines, "language": language, "languages": settings.LANGUAGES}
    return render(request, "staff/contacts/wordings.html", context)


def _shown(rows: list[MessageTemplate]) -> str:
    """The text that says most: the SMS, else the first."""
    row = next((row for row in rows if row.channel == Channel.SMS), rows[0])
    return rendering.render(row, EXAMPLE).body


def _language(request: StaffRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def edit(request: StaffRequest, name: str, channel: str, language: str) -> HttpResponse:
    """One template: its text with a preview that follows the typing; saving makes a new version."""
    rows = choosing.templates_named(request.dealer, name)
    same = [row for row in rows if row.channel == channel and row.language == language]
    if not same:
        raise Http404
    row = same[0]
    initial = {
        "subject": row.subject, "body": row.body,
        "fields": "\n".join(f"{key}={value}" for key, value in rendering.in_order(row.fields)),
    }  # fmt: skip
    form = TemplateForm(request.POST or None, initial=initial, channel=channel)
    if request.method == "POST" and form.is_valid():
        typed = _typed(row, form)
        if request.htmx:
            return render(request, "staff/contacts/_wording_preview.html", _preview(request, typed))
        if _saved(request, typed, form):
            messages.success(request, _("模板已保存为新版本。"))
            return redirect("staff:message-template", name=name, channel=channel, language=language)
    context = {
        "row": row, "label": template_label(name), "form": form, "versions": same, "variables": VARIABLES,
        "channels": sorted({other.channel for other in rows}), "labels": dict(Channel.choices),
        "languages": settings.LANGUAGES, "has_fields": channel in WITH_FIELDS,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "staff/contacts/wording.html", context | _preview(request, row), status=status)


def _typed(row: MessageTemplate, form: TemplateForm) -> MessageTemplate:
    data = form.cleaned_data
    return MessageTemplate(
        name=row.name, channel=row.channel, language=row.language, subject=data.get("subject", ""),
        body=data.get("body", row.body), fields=fields_of(data.get("fields_", "")),
    )  # fmt: skip


def _saved(request: StaffRequest, typed: MessageTemplate, form: TemplateForm) -> bool:
    try:
        save_template(
            dealer=request.dealer, name=typed.name, channel=typed.channel, language=typed.language,
            subject=typed.subject, body=typed.body, fields=typed.fields, actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        refusal.field = "fields_" if refusal.field == "fields" else refusal.field
        add_refusal(form, refusal)
        return False
    return True


def _preview(request: StaffRequest, template: MessageTemplate) -> dict[str, Any]:
    """The template with the latest real message of its name, or the example when none was sent yet."""
    last = (
        Message.objects.filter(template_name=template.name, customer__isnull=False, secret="")
        .select_related("customer", "car__vehicle", "dealer")
        .order_by("-created_at")
        .first()
    )
    values: dict[str, str] = {**EXAMPLE, "store": request.dealer.name, "store_phone": request.dealer.phone}
    if last:
        last.template = template
        values |= {key: value for key, value in filling.values_of(last).items() if value}
    shown = rendering.render(template, values)
    account = (
        ChannelAccount.objects.filter(channel=template.channel, is_active=True).order_by("position").first()
    )
    whole = filling.signed(account, shown.body) if template.channel == Channel.SMS else shown.body
    faults = rendering.faults(
        channel=template.channel, subject=template.subject, body=template.body, fields=template.fields
    )
    return {
        "shown": shown, "whole": whole, "template": template, "of": last, "length": len(whole),
        "segments": rendering.segments(whole) if template.channel == Channel.SMS else 0,
        "faults": [text for _field, text in faults],
        "limits": {name: rendering.limit_of(name) for name in shown.fields},
    }  # fmt: skip
