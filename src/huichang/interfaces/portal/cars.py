"""My car: what is due and why, what was done, whose phone shows it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from huichang.domains.owners import links, operations, queries
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.portal import garage
from huichang.interfaces.portal.forms import DriverForm
from huichang.interfaces.portal.limits import why_not_book
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.kernel.operations import OperationRefused


def car(request: OwnerRequest) -> HttpResponse:
    """What is due and why, findings, warranty, the next booking (WX-06)."""
    shown = garage.garage_of(request.binding, request.now)
    context = {
        "garage": shown, "binding": request.binding, "tab": "car",
        "refusal": why_not_book(request.binding, request.now),
    }  # fmt: skip
    return render(request, "portal/car.html", context)


def history(request: OwnerRequest) -> HttpResponse:
    """The owner's own visits with this car, with what was done and paid."""
    orders = garage.orders_of(request.binding)
    return render(
        request, "portal/history.html", {"binding": request.binding, "orders": orders, "tab": "car"}
    )


def people(request: OwnerRequest) -> HttpResponse:
    """Whom the owner lets use the car; a new invitation is shown once, as a link to send."""
    form = DriverForm(request.POST or None)
    context: dict[str, Any] = {"binding": request.binding, "form": form, "tab": "car"}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            token = operations.invite_driver(
                binding=request.binding,
                label=form.cleaned_data["label"],
                actor=request.actor,
                now=request.now,
            )
            context["invitation"] = links.address(reverse("portal:invited", args=[token]))
            context["form"] = DriverForm()
        except OperationRefused as refusal:
            add_refusal(form, refusal)
    if form.errors:
        status = 422
    context["drivers"] = queries.drivers_of(request.binding)
    context["invites"] = queries.open_invites(request.binding, request.now)
    return render(request, "portal/people.html", context, status=status)


def invite_revoke(request: OwnerRequest, pk: int) -> HttpResponse:
    operations.revoke_invite(binding=request.binding, invite_id=pk, actor=request.actor, now=request.now)
    return redirect("portal:people", request.binding.pk)


def driver_remove(request: OwnerRequest, pk: int) -> HttpResponse:
    try:
        operations.remove_driver(binding=request.binding, driver_id=pk, actor=request.actor, now=request.now)
    except OperationRefused:  # gone already, or never there: the list shows how it is
        return redirect("portal:people", request.binding.pk)
    return redirect("portal:people", request.binding.pk)


def leave(request: OwnerRequest) -> HttpResponse:
    """Take the car off this account, after asking once."""
    if request.method == "POST":
        operations.leave(
            binding=request.binding,
            reason=request.POST.get("reason", ""),
            actor=request.actor,
            now=request.now,
        )
        return redirect("portal:home")
    drivers = queries.drivers_of(request.binding) if request.binding.right == "owner" else []
    context = {"binding": request.binding, "drivers": drivers, "tab": "car"}
    return render(request, "portal/leave.html", context)
