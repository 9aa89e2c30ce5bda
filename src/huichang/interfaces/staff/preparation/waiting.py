"""The waiting list: who would come earlier, what is kept for whom just now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments import operations
from huichang.domains.appointments import waiting as lists
from huichang.domains.appointments.models import PROMISED, Booking, SlotOffer, WaitingEntry, WaitingStatus
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.queries import owner_of
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

# Browsers take days and clocks in one form only, whatever the language of the page.
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WaitingForm(forms.Form):
    """What a customer would take: jobs, days, hours."""

    car: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, widget=forms.HiddenInput)
    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, widget=forms.HiddenInput)
    booking: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        None, required=False, widget=forms.HiddenInput
    )
    labour: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        None, label=gettext_lazy("项目"), widget=forms.CheckboxSelectMultiple
    )
    first_day = forms.DateField(label=gettext_lazy("最早"), widget=_DAY)
    last_day = forms.DateField(label=gettext_lazy("最晚"), widget=_DAY)
    clock_from = forms.TimeField(label=gettext_lazy("几点以后"), widget=_CLOCK)
    clock_until = forms.TimeField(label=gettext_lazy("几点以前"), widget=_CLOCK)
    note = forms.CharField(label=gettext_lazy("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A scope is open only now.
        for name, rows in (
            ("car", Car.objects.all()), ("customer", Customer.objects.all()),
            ("booking", Booking.objects.filter(status__in=PROMISED)),
            ("labour", LabourOperation.objects.filter(is_active=True).order_by("code")),
        ):  # fmt: skip
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # each is a choice of rows


def open_entries(request: StaffRequest) -> int:
    """The rail's count: customers waiting."""
    return WaitingEntry.objects.filter(dealer=request.dealer, status=WaitingStatus.WAITING).count()


def entries(request: StaffRequest) -> HttpResponse:
    """The list, those with an open offer marked with its time."""
    status = request.GET.get("status", "")
    status = status if status in WaitingStatus.values else WaitingStatus.WAITING
    found = lists.entries(request.dealer, status=status)
    names = dict(
        LabourOperation.objects.filter(pk__in={pk for row in found for pk in row.labour_ids}).values_list(
            "pk", "name"
        )
    )
    rows = [
        {
            "entry": row, "jobs": "、".join(names[pk] for pk in row.labour_ids if pk in names),
            "open": next((offer for offer in row.offers.all() if offer.status == "open"), None),
            "past": [offer for offer in row.offers.all() if offer.status != "open"],
        }
        for row in found
    ]  # fmt: skip
    context = {"rows": rows, "status": status, "statuses": WaitingStatus.choices}
    return render(request, "staff/preparation/waiting.html", context)


def new(request: StaffRequest) -> HttpResponse:
    """Put a customer on the list: from a booking that is too late for them, or from a car."""
    today = local_date(request.now)
    if request.method == "POST":
        form = WaitingForm(request.POST)
        if form.is_valid() and _join(request, form):
            messages.success(request, _("已加入候补,有空位会按顺序通知"))
            return redirect("staff:waiting")
        return _form(request, form, status=422)
    booking = Booking.objects.filter(pk=_number(request.GET.get("booking", "")), status__in=PROMISED).first()
    car = booking.car if booking else Car.objects.filter(pk=_number(request.GET.get("car", ""))).first()
    start: dict[str, Any] = {
        "first_day": today, "last_day": today + timedelta(days=7), "clock_from": "08:00", "clock_until": "18:00",
    }  # fmt: skip
    if booking:
        start |= {
            "booking": booking.pk, "customer": booking.customer_id,
            "labour": [item.labour_id for item in booking.items.all()],
            "last_day": max(today, local_date(booking.starts_at) - timedelta(days=1)),
        }  # fmt: skip
    if car:
        owner = owner_of(car)
        start = {"customer": owner.pk if owner else None, **start, "car": car.pk}
    return _form(request, WaitingForm(initial=start), car=car, booking=booking)


def _form(
    request: StaffRequest, form: WaitingForm, *, car: Car | None = None, booking: Booking | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    if form.is_bound:
        car = car or Car.objects.filter(pk=_number(str(form["car"].value() or ""))).first()
    context = {"form": form, "car": car, "booking": booking}
    return render(request, "staff/preparation/waiting_new.html", context, status=status)


def _join(request: StaffRequest, form: WaitingForm) -> bool:
    data = dict(form.cleaned_data)
    labour = [row.pk for row in data.pop("labour")]
    try:
        operations.join_waiting(
            dealer=request.dealer, labour_ids=labour, actor=request.actor, now=request.now, **data
        )
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return False
    return True


def leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a customer off the list."""
    return _answered(
        request, lambda: operations.leave_waiting(entry=_entry(pk), actor=request.actor, now=request.now)
    )


def offer_now(request: StaffRequest, pk: int) -> HttpResponse:
    """Look for a slot for those waiting on this customer's first day, in their order."""
    entry = _entry(pk)
    day = max(entry.first_day, local_date(request.now))
    made: list[SlotOffer] = []
    while day <= entry.last_day and not made and (day - entry.first_day).days < 31:
        made = operations.offer_day(dealer=request.dealer, day=day, actor=request.actor, now=request.now)
        day += timedelta(days=1)
    text = _("已为 {count} 位候补客户保留空位").format(count=len(made)) if made else _("这些天没有合适的空位")
    (messages.success if made else messages.info)(request, text)
    return redirect("staff:waiting")


def answer(request: StaffRequest, pk: int, answer: str) -> HttpResponse:
    """The customer's answer to an offer, as told to a person."""
    offer = SlotOffer.objects.select_related("entry", "hold", "dealer").filter(pk=pk).first()
    if offer is None or answer not in {"accept", "decline"}:
        raise Http404
    act = operations.accept_offer if answer == "accept" else operations.decline_offer
    return _answered(request, lambda: act(offer=offer, actor=request.actor, now=request.now))


def _answered(request: StaffRequest, act: Any) -> HttpResponse:
    try:
        made = act()
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:waiting")
    if isinstance(made, Booking):
        return redirect("staff:booking", made.pk)
    return redirect("staff:waiting")


def _entry(pk: int) -> WaitingEntry:
    entry = WaitingEntry.objects.filter(pk=pk).first()
    if entry is None:
        raise Http404
    return entry


def _number(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) < 18 else 0
