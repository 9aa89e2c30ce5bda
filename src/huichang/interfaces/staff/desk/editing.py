"""Corrections made on the phone without leaving the call: owner, car, mileage, refusals, the number in clear."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import OptOut
from huichang.domains.contacts.queries import preference_of
from huichang.domains.customers import operations as customers
from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.customers.queries import version
from huichang.domains.vehicles import operations as vehicles
from huichang.domains.vehicles.models import ReadingSource
from huichang.domains.vehicles.queries import check_reading
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.desk.forms import CarForm, LiftForm, OwnerForm, ReadingForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

OWNER_FACTS = ("name", "gender", "address", "preferred_time", "workplace", "next_service", "remark")
CAR_FACTS = (
    "plate", "usage", "place_of_use", "insurer", "compulsory_insurance_end_date", "commercial_insurance_end_date",
    "inspection_due_date", "remark",
)  # fmt: skip


def dial(request: StaffRequest, customer: int) -> HttpResponse:
    """The number in clear when the call begins, and the moment it began."""
    row = get_object_or_404(Customer, pk=customer)
    request.actor.require(CustomersP.REVEAL_MOBILE)
    number = request.POST.get("call-number", "")
    phone = row.phones.filter(number=number).first() or row.phones.filter(is_wrong=False).first()
    context = {
        "number": phone.number if phone else "",
        "started_at": request.now.isoformat(timespec="seconds"),
    }
    return render(request, "staff/desk/_dial.html", context)


def owner(request: StaffRequest, customer: int) -> HttpResponse:
    """The owner's facts, or with `?edit=1` the form; POST saves and shows the facts again."""
    row = get_object_or_404(Customer, pk=customer)
    if request.method == "POST":
        form = OwnerForm(request.POST, auto_id="owner_%s")
        if form.is_valid() and _save_owner(request, row, form):
            return _owner_facts(request, customer)
        form.data = _seen_now(request, row)
        return render(request, "staff/desk/_owner_form.html", {"customer": row, "form": form}, status=422)
    if request.GET.get("edit"):
        return render(request, "staff/desk/_owner_form.html", {"customer": row, "form": _owner_form(row)})
    return _owner_facts(request, customer)


def _seen_now(request: StaffRequest, row: Customer | Car) -> QueryDict:
    """The posted fields with the row's present version: a second save after reading the difference goes through."""
    data = request.POST.copy()
    data["seen"] = str(version(row))
    return data


def _owner_form(row: Customer) -> OwnerForm:
    preference = preference_of(row)
    initial: dict[str, Any] = {name: getattr(row, name) for name in OWNER_FACTS} | {"seen": version(row)}
    if preference:
        initial |= {
            "avoid_from": preference.avoid_from, "avoid_until": preference.avoid_until,
            "channel": preference.channel, "habit": preference.note,
        }  # fmt: skip
    return OwnerForm(initial=initial, auto_id="owner_%s")


def _save_owner(request: StaffRequest, row: Customer, form: OwnerForm) -> bool:
    data = form.cleaned_data
    try:
        customers.edit_customer(
            customer=row, facts={name: data[name] for name in OWNER_FACTS}, seen=data["seen"], actor=request.actor,
            phones=_with_new_phone(row, data["new_phone"]),
        )  # fmt: skip
        contacts.set_preference(
            customer=row, avoid_from=data["avoid_from"], avoid_until=data["avoid_until"],
            channel=data["channel"] or "phone", note=data["habit"], actor=request.actor,
        )  # fmt: skip
    except OperationRefused as refusal:
        field = "new_phone" if refusal.field == "phones" else refusal.field
        add_refusal(form, OperationRefused(refusal.message, field=field))
        return False
    return True


def _with_new_phone(row: Customer, new: str) -> list[customers.Phone] | None:
    """The known numbers and the new one in front; None when there is no new one."""
    if not new.strip():
        return None
    known = [customers.Phone(phone.number) for phone in row.phones.order_by("-is_primary", "id")]
    return [customers.Phone(new, is_primary=True), *known]


def _owner_facts(request: StaffRequest, customer: int) -> HttpResponse:
    row = get_object_or_404(Customer, pk=customer)
    context = {
        "customer": row, "preference": preference_of(row),
        "phones": list(row.phones.order_by("is_wrong", "-is_primary", "id")),
    }  # fmt: skip
    return render(request, "staff/desk/_owner.html", context)


def car(request: StaffRequest, car: int) -> HttpResponse:
    """The car's facts, or with `?edit=1` the form; POST saves and shows the facts again."""
    row = get_object_or_404(Car.objects.select_related("vehicle"), pk=car)
    if request.method == "POST":
        form = CarForm(request.POST, auto_id="car_%s")
        if form.is_valid() and _save_car(request, row, form):
            row = get_object_or_404(Car.objects.select_related("vehicle"), pk=car)
            return render(request, "staff/desk/_car.html", {"car": row})
        form.data = _seen_now(request, row)
        return render(request, "staff/desk/_car_form.html", {"car": row, "form": form}, status=422)
    if request.GET.get("edit"):
        initial = {name: getattr(row, name) for name in CAR_FACTS} | {"seen": version(row)}
        form = CarForm(initial=initial, auto_id="car_%s")
        return render(request, "staff/desk/_car_form.html", {"car": row, "form": form})
    return render(request, "staff/desk/_car.html", {"car": row})


def _save_car(request: StaffRequest, row: Car, form: CarForm) -> bool:
    data = form.cleaned_data
    facts = {name: data[name] for name in CAR_FACTS}
    try:
        customers.edit_car(car=row, facts=facts, seen=data["seen"], actor=request.actor)
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return False
    return True


def reading(request: StaffRequest, car: int) -> HttpResponse:
    """Keep the mileage the customer tells (CAL-05). A doubtful one is asked about before anything is written."""
    row = get_object_or_404(Car.objects.select_related("vehicle"), pk=car)
    form = ReadingForm(request.POST or None, auto_id="reading_%s")
    context: dict[str, Any] = {"car": row, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "staff/desk/_reading.html", context, status=422 if form.errors else 200)
    km, answer, today = form.cleaned_data["km"], form.cleaned_data["answer"], local_date(request.now)
    doubt = check_reading(vehicle=row.vehicle, km=km, read_on=today, dealer=request.dealer)
    if doubt.doubt and not answer:
        return render(request, "staff/desk/_reading.html", context | {"doubt": doubt, "km": km})
    try:
        kept = vehicles.record_reading(
            dealer=request.dealer, vehicle=row.vehicle, km=km, read_on=today, source=ReadingSource.CALL,
            actor=request.actor, now=request.now, is_confirmed=answer == "confirmed",
        )  # fmt: skip
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return render(request, "staff/desk/_reading.html", context, status=422)
    return render(request, "staff/desk/_reading.html", {"car": row, "form": ReadingForm(), "kept": kept})


def lift(request: StaffRequest, refusal: int) -> HttpResponse:
    """Contact again on the customer's own word: the form, then the result."""
    row = get_object_or_404(OptOut.objects.select_related("customer"), pk=refusal)
    form = LiftForm(request.POST or None, auto_id=f"lift{refusal}_%s")
    if request.method == "POST" and form.is_valid():
        try:
            contacts.lift_opt_out(
                refusal=row, how=form.cleaned_data["how"], actor=request.actor, now=request.now
            )
        except OperationRefused as refused:
            add_refusal(form, refused)
        else:
            return render(request, "staff/desk/_lifted.html", {"refusal": row, "text": _("已恢复联系")})
    context = {"refusal": row, "form": form}
    return render(request, "staff/desk/_lift.html", context, status=422 if form.errors else 200)
