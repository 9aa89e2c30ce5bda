"""Who a car belongs to, and whether it is still in the base."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.customers import operations
from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.operations import Phone
from huichang.domains.customers.queries import cars, search
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.customers.forms import OwnerForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date


def owner(request: StaffRequest, pk: int) -> HttpResponse:
    """A dialog: find the new owner in the file by name or mobile, or write a new one."""
    car = get_object_or_404(cars(), pk=pk)
    form = OwnerForm(request.POST or None, initial={"since": local_date(request.now)})
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():  # no new customer without the car
                customer = _the_new_owner(request, form)
                operations.change_owner(
                    car=car, customer=customer, since=form.cleaned_data["since"], actor=request.actor
                )
        except OperationRefused as refusal:
            refusal.field = {"phones": "mobile", "customer": "name"}.get(refusal.field, refusal.field)
            add_refusal(form, refusal)
        else:
            messages.success(request, _("车主已改为{name}。").format(name=customer.name))
            return _go(f"/customers/{customer.pk}?car={car.pk}")
    text = request.GET.get("find", "").strip()
    hits = search(dealer=request.dealer, text=text, most=6) if text else []
    context: dict[str, Any] = {"form": form, "car": car, "text": text, "hits": _people(hits)}
    template = "_owner_hits.html" if "find" in request.GET else "_owner.html"
    return render(request, f"staff/customers/{template}", context, status=422 if form.errors else 200)


def _people(hits: list[Any]) -> list[Any]:
    seen = {hit.customer_id: hit for hit in reversed(hits) if hit.customer_id}
    return list(reversed(seen.values()))


def _the_new_owner(request: StaffRequest, form: OwnerForm) -> Customer:
    chosen = form.cleaned_data["customer"]
    if chosen:
        return get_object_or_404(Customer, pk=chosen)
    phones = [Phone(form.cleaned_data["mobile"])]
    return operations.add_customer(
        dealer=request.dealer, facts={"name": form.cleaned_data["name"]}, phones=phones, actor=request.actor,
        now=request.now,
    )  # fmt: skip


def _go(address: str) -> HttpResponse:
    """Let the browser load another page."""
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def status(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a car out of the base or back into it."""
    car = get_object_or_404(Car, pk=pk)
    try:
        operations.move_car(
            car=car, to=request.POST.get("to", ""), reason=request.POST.get("reason", "").strip(),
            actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("车辆状态已改为“{status}”。").format(status=car.get_status_display()))
    return redirect("staff:car", pk=car.pk)
