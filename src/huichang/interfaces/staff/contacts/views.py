"""The call register, and calls that come in (CAL-11…13, CAL-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.contacts import operations
from huichang.domains.contacts.models import Direction
from huichang.domains.contacts.queries import outcome_codes
from huichang.domains.contacts.register import Place, Search, calls
from huichang.domains.customers.identifiers import phone
from huichang.domains.customers.queries import Hit, search
from huichang.domains.worklist.queries import agents_of
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.forms import CallerForm, RegisterForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

PAGE = 50
PRINTED = 500


def register(request: StaffRequest) -> HttpResponse:
    """Every call of the store, newest first, with filters."""
    form, wanted = _filters(request)
    found = calls(wanted, after=Place.parse(request.GET.get("after", "")), size=PAGE)
    shown = found[:PAGE]
    context = {
        "form": form, "calls": shown, "print_query": request.GET.urlencode(),
        "next": str(Place(shown[-1].started_at, shown[-1].pk)) if len(found) > PAGE else "",
    }  # fmt: skip
    return render(request, "staff/contacts/register.html", context)


def register_print(request: StaffRequest) -> HttpResponse:
    """The register of the filters on paper."""
    form, wanted = _filters(request)
    found = calls(wanted, size=PRINTED)
    context = {"form": form, "calls": found[:PRINTED], "is_cut": len(found) > PRINTED, "now": request.now}
    return render(request, "staff/contacts/register_print.html", context)


def _filters(request: StaffRequest) -> tuple[RegisterForm, Search]:
    """The filter form and what it asks for; the last 30 days when nothing is asked."""
    today = local_date(request.now)
    people = [(person.pk, person.name) for person in agents_of(request.dealer.pk, today)]
    form = RegisterForm(request.GET, people=people, codes=outcome_codes(request.dealer, only_active=False))
    data: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    text = (data.get("q") or "").strip()
    first = data.get("first") or (None if text else today - timedelta(days=30))
    start = day_bounds(first)[0] if first else None
    end = day_bounds(data["last"])[1] if data.get("last") else None
    people_found = [
        hit.customer_id for hit in search(dealer=request.dealer, text=text, most=50) if hit.customer_id
    ]
    return form, Search(
        start=start, end=end, direction=data.get("direction") or "", agent_id=data.get("agent"),
        outcome=data.get("outcome") or "", number=phone(text)[0] if text else "",
        customer_ids=people_found if text else None,
    )  # fmt: skip


def inbound(request: StaffRequest) -> HttpResponse:
    """Who is calling? Search by number, plate or name; then the desk opens with this customer."""
    text = request.GET.get("q", "").strip()
    hits: list[Hit] = search(dealer=request.dealer, text=text, most=12) if text else []
    form = CallerForm(request.POST or None, initial={"number": text if text.isdigit() else ""})
    if request.method == "POST" and form.is_valid() and _record_stranger(request, form):
        messages.success(request, _("来电已登记。"))
        return redirect("staff:calls")
    context = {"q": text, "hits": hits, "form": form}
    template = (
        "staff/contacts/_hits.html"
        if request.htmx and request.method == "GET"
        else "staff/contacts/inbound.html"
    )
    return render(request, template, context, status=422 if form.errors else 200)


def _record_stranger(request: StaffRequest, form: CallerForm) -> bool:
    """A caller who is not in the file: the call is registered all the same."""
    data = form.cleaned_data
    try:
        operations.record_call(
            dealer=request.dealer, customer=None, number=phone(data["number"])[0] or data["number"],
            direction=Direction.IN, started_at=request.now,
            note=f"{data['name']} {data['note']}".strip(), actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return False
    return True
