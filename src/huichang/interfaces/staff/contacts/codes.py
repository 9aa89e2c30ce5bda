"""Outcome codes and call scripts, edited as data."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.contacts import operations
from huichang.domains.contacts.models import OutcomeCode
from huichang.domains.contacts.queries import fill, outcome_codes, scripts_of
from huichang.domains.contacts.scripts import ANY, PLACEHOLDERS
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.forms import CodeForm, ScriptForm, script_kinds
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date
from huichang.ui import formats

LANGUAGES = (("zh-hans", "中文"), ("en", "English"))
_COLUMNS = (
    "label", "label_en", "key", "next_step", "retry_working_days", "position", "is_contact", "is_refusal",
    "closes", "is_active",
)  # fmt: skip


def codes(request: StaffRequest) -> HttpResponse:
    """The store's outcome codes, its own beside the network's."""
    return render(
        request, "staff/contacts/codes.html", {"codes": outcome_codes(request.dealer, only_active=False)}
    )


def code(request: StaffRequest, code: str) -> HttpResponse:
    """One code, or with `new` a new one. Saving makes it the store's own version."""
    row = next((one for one in outcome_codes(request.dealer, only_active=False) if one.code == code), None)
    if row is None and code != "new":
        raise Http404
    form = CodeForm(request.POST or None, initial=_initial(row))
    if row is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_code(dealer=request.dealer, actor=request.actor, **form.cleaned_data)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已保存。从下一通电话起生效。"))
            return redirect("staff:outcome-codes")
    context = {"code": row, "form": form}
    return render(request, "staff/contacts/code.html", context, status=422 if form.errors else 200)


def _initial(row: OutcomeCode | None) -> dict[str, Any]:
    if row is None:
        return {"position": 100, "is_active": True, "is_contact": True, "next_step": "none"}
    return {"code": row.code} | {name: getattr(row, name) for name in _COLUMNS}


def scripts(request: StaffRequest) -> HttpResponse:
    """Every script of a language with a preview; the store's own are marked."""
    language = _language(request)
    found = scripts_of(request.dealer, language)
    rows = []
    for kind, label in script_kinds():
        for apology in (False, True):
            script = found.get((kind, apology))
            if script:
                rows.append((kind, label, apology, script, fill(script.text, _example(request))))
    context = {"rows": rows, "language": language, "languages": LANGUAGES}
    return render(request, "staff/contacts/scripts.html", context)


def script(request: StaffRequest, kind: str, tone: str) -> HttpResponse:
    """One script with its preview; saving makes it the store's own."""
    labels = dict(script_kinds())
    if kind not in labels or tone not in {"usual", "apology"}:
        raise Http404
    language, apology = _language(request), tone == "apology"
    found = scripts_of(request.dealer, language)
    row = found.get((kind, apology)) or found.get((ANY, apology))
    form = ScriptForm(request.POST or None, initial={"text": row.text if row else ""})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if request.htmx:
            return render(request, "staff/contacts/_preview.html", {"preview": fill(text, _example(request))})
        try:
            operations.save_script(
                dealer=request.dealer, kind=kind, language=language, text=text, is_apology=apology,
                actor=request.actor,
            )  # fmt: skip
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("话术已保存。"))
            return redirect(f"{reverse('staff:call-scripts')}?language={language}")
    context = {
        "kind": kind, "label": labels[kind], "is_apology": apology, "language": language, "form": form,
        "preview": fill(row.text, _example(request)) if row else "", "placeholders": PLACEHOLDERS,
    }  # fmt: skip
    return render(request, "staff/contacts/script.html", context, status=422 if form.errors else 200)


def _language(request: StaffRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in dict(LANGUAGES) else request.actor.language


def _example(request: StaffRequest) -> dict[str, str]:
    """Words that make a preview read like a real call."""
    return {
        "surname": "周", "title": _("先生"), "plate": formats.plate("渝B62D81"), "series": "锐界",
        "due_date": formats.day(local_date(request.now)), "store": request.dealer.name, "agent": request.actor.name,
    }  # fmt: skip
