"""What the owner wants to hear about, by which channels, at what hours (CAL-19, PIPL art. 15)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.contacts import policies
from huichang.domains.contacts.models import Channel
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.owners import operations
from huichang.domains.owners.wishes import NAMES, wishes_of
from huichang.interfaces.portal.forms import QuietForm
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date


def wishes(request: OwnerRequest) -> HttpResponse:
    """The switches; what is sent without them: what the owner asked for."""
    if request.method != "POST":
        return _page(request)
    if "none" in request.POST:
        operations.refuse_all(binding=request.binding, actor=request.actor, now=request.now)
    else:
        wanted = set(request.POST.getlist("on"))
        operations.choose_messages(
            binding=request.binding, wanted=wanted, actor=request.actor, now=request.now
        )
    return _done(request)


def quiet(request: OwnerRequest) -> HttpResponse:
    """When not to call."""
    form = QuietForm(request.POST)
    if not form.is_valid():
        return _page(request, quiet_form=form, status=422)
    try:
        operations.set_quiet(
            binding=request.binding, avoid_from=form.cleaned_data["avoid_from"],
            avoid_until=form.cleaned_data["avoid_until"], actor=request.actor,
        )  # fmt: skip
    except OperationRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, quiet_form=form, status=422)
    return _done(request)


def resume(request: OwnerRequest, pk: int) -> HttpResponse:
    """Lift an earlier general refusal; only the owner can."""
    try:
        operations.resume(binding=request.binding, refusal_id=pk, actor=request.actor, now=request.now)
    except OperationRefused:  # lifted already, or never there: the page shows how it is
        return redirect("portal:wishes", request.binding.pk)
    return _done(request)


def _done(request: OwnerRequest) -> HttpResponse:
    return redirect(f"{reverse('portal:wishes', args=[request.binding.pk])}?done=1")


def _page(request: OwnerRequest, *, quiet_form: QuietForm | None = None, status: int = 200) -> HttpResponse:
    found = wishes_of(request.binding)
    labels: dict[str, Any] = dict(Channel.choices)
    hours = values_in_force(
        [policies.MESSAGES_FROM, policies.MESSAGES_UNTIL], request.dealer, local_date(request.now)
    )
    known = found.preference
    initial = {"avoid_from": known.avoid_from, "avoid_until": known.avoid_until} if known else {}
    context = {
        "binding": request.binding, "wishes": found, "columns": [(code, labels[code]) for code in found.channels],
        "parts": [(_("关于这辆车"), found.of_car), (_("关于您"), found.of_person)], "tab": "car",
        "quiet": quiet_form or QuietForm(initial=initial), "done": "done" in request.GET,
        "earliest": hours[policies.MESSAGES_FROM.key], "latest": hours[policies.MESSAGES_UNTIL.key],
        "wider": [(row, _about(row.purpose), labels[row.channel]) for row in found.wider],
    }  # fmt: skip
    return render(request, "portal/wishes.html", context, status=status)


def _about(purpose: str) -> str:
    return _(NAMES[purpose]) if purpose in NAMES else _("一切联系")
