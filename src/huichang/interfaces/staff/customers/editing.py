"""Changing a customer and a car in place: the panel turns into its form and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.customers import operations
from huichang.domains.customers.models import Car, Customer, CustomerPhone
from huichang.domains.customers.operations import ChangedMeanwhile
from huichang.domains.customers.permissions import P
from huichang.domains.customers.queries import cars, version
from huichang.domains.vehicles.operations import add_vehicle, edit_vehicle
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.customers import record
from huichang.interfaces.staff.customers.forms import (
    CarForm,
    CustomerForm,
    NewCarForm,
    car_initial,
    customer_initial,
)
from huichang.interfaces.staff.customers.timeline import theirs
from huichang.interfaces.staff.customers.views import file_context
from huichang.kernel.operations import OperationRefused


def who(request: StaffRequest, pk: int) -> HttpResponse:
    """The panel with the customer's data; `?edit=1` its form; POST saves."""
    customer = get_object_or_404(Customer, pk=pk)
    phones = list(customer.phones.order_by("is_wrong", "-is_primary", "id"))
    if request.method == "POST":
        request.actor.require(P.EDIT)
        form = CustomerForm(request.POST, phones=len(phones) + 1)
        return _saved_who(request, customer, form)
    if request.GET.get("edit") and request.actor.can(P.EDIT):
        initial = customer_initial(customer, phones, version(customer))
        form = CustomerForm(initial=initial, phones=len(phones) + 1)
        return _who_form(request, customer, form)
    return _who_panel(request, customer)


def _saved_who(request: StaffRequest, customer: Customer, form: CustomerForm) -> HttpResponse:
    def save() -> None:
        typed = form.cleaned_data["id_number"].strip()
        operations.edit_customer(
            customer=customer, facts=form.facts(), phones=form.phones(), id_number=typed or None,
            seen=form.cleaned_data["seen"], actor=request.actor,
        )  # fmt: skip

    changed, is_saved = _try(form, save, first_phone=form.phone_names[0])
    if not is_saved:
        return _who_form(request, customer, form, changed)
    messages.success(request, _("已保存客户资料。"))
    customer.refresh_from_db()
    return _who_panel(request, customer)


def _who_panel(request: StaffRequest, customer: Customer) -> HttpResponse:
    context = file_context(request, record.file_of_customer(customer, request.GET.get("car", "")))
    return render(request, "staff/customers/_who.html", context | {"alone": True})


def _who_form(
    request: StaffRequest, customer: Customer, form: CustomerForm, changed: ChangedMeanwhile | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "customer": customer,
        "phones": [form[n] for n in form.phone_names],
    }
    status = _stale(context, form, changed, customer)
    return render(request, "staff/customers/_who_form.html", context, status=status)


def _try(form: Form, save: Callable[[], None], first_phone: str = "") -> tuple[ChangedMeanwhile | None, bool]:
    """Run a save; a refusal is shown at its field. The stale record comes back to be compared."""
    if not form.is_valid():
        return None, False
    try:
        save()
    except ChangedMeanwhile as changed:
        return changed, False
    except OperationRefused as refusal:
        if refusal.field == "phones" and first_phone:
            refusal.field = first_phone
        add_refusal(form, refusal)
        return None, False
    return None, True


def _stale(context: dict[str, Any], form: Form, changed: ChangedMeanwhile | None, row: Customer | Car) -> int:
    """Show what somebody else changed; saving once more then means it. The status of the answer."""
    if changed is None:
        return 422 if form.errors else 200
    context["conflict"], context["theirs"] = str(changed), theirs(changed.changes)
    form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    form.data["seen"] = str(version(row))  # type: ignore[index]
    return 409


def car_facts(request: StaffRequest, pk: int) -> HttpResponse:
    """The panel with the car's data; `?edit=1` its form; POST saves file and vehicle together."""
    car = get_object_or_404(cars(), pk=pk)
    if request.method == "POST":
        request.actor.require(P.EDIT)
        form = CarForm(request.POST)
        changed, is_saved = _try(form, lambda: _save_car(request, car, form))
        if not is_saved:
            return _car_form(request, car, form, changed)
        messages.success(request, _("已保存车辆资料。"))
        car = cars().get(pk=pk)
    elif request.GET.get("edit") and request.actor.can(P.EDIT):
        return _car_form(request, car, CarForm(initial=car_initial(car, car.vehicle, version(car))))
    context = file_context(request, record.file_of_car(car)) | {"alone": True}
    return render(request, "staff/customers/_car.html", context)


def _save_car(request: StaffRequest, car: Car, form: CarForm) -> None:
    with transaction.atomic():  # both or neither
        operations.edit_car(
            car=car, facts=form.of_file(), seen=form.cleaned_data["seen"], actor=request.actor
        )
        edit_vehicle(vehicle=car.vehicle, values=form.of_vehicle(), actor=request.actor)


def _car_form(
    request: StaffRequest, car: Car, form: CarForm, changed: ChangedMeanwhile | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "car": car}
    status = _stale(context, form, changed, car)
    return render(request, "staff/customers/_car_form.html", context, status=status)


def new_customer(request: StaffRequest) -> HttpResponse:
    """Open a file for a customer; the next step is their car."""
    form = CustomerForm(request.POST or None)
    made: list[Customer] = []

    def save() -> None:
        customer = operations.add_customer(
            dealer=request.dealer, facts=form.facts(), phones=form.phones(),
            id_number=form.cleaned_data["id_number"], actor=request.actor, now=request.now,
        )  # fmt: skip
        made.append(customer)

    if request.method == "POST" and _try(form, save, first_phone=form.phone_names[0])[1]:
        messages.success(request, _("已新建客户 {number}。接着登记车辆。").format(number=made[0].number))
        return redirect("staff:car-new", pk=made[0].pk)
    context = {"form": form, "phones": [form[name] for name in form.phone_names]}
    return render(request, "staff/customers/new_customer.html", context, status=422 if form.errors else 200)


def new_car(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a car of a customer into the store's file."""
    customer = get_object_or_404(Customer, pk=pk)
    form = NewCarForm(request.POST or None)

    def save() -> None:
        with transaction.atomic():
            _put_car_in_file(request, customer, form)

    if request.method == "POST" and _try(form, save)[1]:
        messages.success(request, _("已登记车辆。"))
        return redirect("staff:customer", pk=customer.pk)
    context = {"form": form, "customer": customer}
    return render(request, "staff/customers/new_car.html", context, status=422 if form.errors else 200)


def _put_car_in_file(request: StaffRequest, customer: Customer, form: NewCarForm) -> None:
    vehicle = add_vehicle(
        vin=form.cleaned_data["vin"], values=form.of_vehicle(), actor=request.actor,
        check=not form.cleaned_data["trust_vin"],
    )  # fmt: skip
    operations.add_car(
        dealer=request.dealer, vehicle=vehicle, facts=form.of_file(), owner=customer,
        since=form.cleaned_data["sale_date"], actor=request.actor, now=request.now,
    )  # fmt: skip


def tags(request: StaffRequest, pk: int) -> HttpResponse:
    """Set the customer's tags: words separated by commas or spaces."""
    customer = get_object_or_404(Customer, pk=pk)
    words = request.POST.get("tags", "").replace(",", " ").replace("、", " ").replace(",", " ").split()
    operations.set_tags(customer=customer, names=words, actor=request.actor)
    return _who_panel(request, customer)


def wrong_phone(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that a number is wrong, or right again."""
    phone = get_object_or_404(CustomerPhone.objects.select_related("customer"), pk=pk)
    operations.mark_phone(phone=phone, is_wrong=not phone.is_wrong, actor=request.actor)
    return _who_panel(request, phone.customer)


def id_number(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the identity number in clear, once, with the reason kept."""
    customer = get_object_or_404(Customer, pk=pk)
    try:
        clear = operations.reveal_id_number(
            customer=customer, reason=request.POST.get("reason", ""), actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        return render(
            request,
            "staff/customers/_id_form.html",
            {"customer": customer, "error": str(refusal)},
            status=422,
        )
    return render(request, "staff/customers/_id_shown.html", {"clear": clear})
