"""The owner's own data: a copy to take away, a correction or an erasure to ask for (PIPL art. 44–47)."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from huichang.domains.dealers.queries import values_in_force
from huichang.domains.owners import operations, policies
from huichang.domains.owners.models import PrivacyRequest, RequestKind
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.portal.copying import Part, copy_of
from huichang.interfaces.portal.forms import PrivacyForm
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date
from huichang.ui import formats


def data(request: OwnerRequest) -> HttpResponse:
    """What can be had and asked for, and what became of earlier requests."""
    form = PrivacyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.ask_privacy(
                customer=request.binding.customer, account=request.account, kind=form.cleaned_data["kind"],
                text=form.cleaned_data["text"], actor=request.actor, now=request.now,
            )  # fmt: skip
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(f"{reverse('portal:data', args=[request.binding.pk])}?done=1")
    found = values_in_force(
        [policies.ANSWER_DAYS, policies.RECORD_YEARS], request.dealer, local_date(request.now)
    )
    rows = PrivacyRequest.objects.filter(customer=request.binding.customer_id).order_by("-pk")
    context: dict[str, Any] = {
        "binding": request.binding, "form": form, "requests": list(rows[:20]), "kinds": RequestKind.choices,
        "days": found[policies.ANSWER_DAYS.key], "years": found[policies.RECORD_YEARS.key],
        "done": "done" in request.GET, "tab": "car",
    }  # fmt: skip
    return render(request, "portal/data.html", context, status=422 if form.errors else 200)


def take_back(request: OwnerRequest, pk: int) -> HttpResponse:
    """Withdraw a request that nobody has answered."""
    try:
        operations.withdraw_privacy(
            customer=request.binding.customer, request_id=pk, actor=request.actor, now=request.now
        )
    except OperationRefused:  # answered meanwhile: the page shows the answer
        return redirect("portal:data", request.binding.pk)
    return redirect("portal:data", request.binding.pk)


def copy(request: OwnerRequest) -> HttpResponse:
    """Everything the store holds about this owner and car, for machines (`?as=json`) or to read and print."""
    found = copy_of(request.binding, request.now)
    if request.GET.get("as") != "json":
        context = {
            "binding": request.binding,
            "copy": [(part.label, _shown(part)) for part in found],
            "now": request.now,
            "tab": "car",
        }
        return render(request, "portal/copy.html", context)
    text = json.dumps({part.code: part.rows for part in found}, ensure_ascii=False, indent=1, default=str)
    return HttpResponse(
        text, content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="huichang-{local_date(request.now)}.json"'},
    )  # fmt: skip


def _shown(part: Part) -> list[list[tuple[str, str]]]:
    """The rows of a part as names and texts; what is empty is left out."""
    return [
        [(name, _plain(row[key])) for key, name in part.columns.items() if row[key] not in (None, "")]
        for row in part.rows
    ]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return formats.moment(value)
    return formats.day(value) if isinstance(value, date) else str(value)
