"""Booking: the panel, holding, booking, and one booking's record with its actions."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations
from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.queries import owner_of
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments import panel
from huichang.interfaces.staff.appointments.forms import BookingForm
from huichang.kernel.operations import OperationRefused


def booking_panel(request: StaffRequest) -> HttpResponse:
    """The panel for a car and a customer. GET to include it, POST when it re-loads itself (nothing is written)."""
    if request.method == "GET" and "car" not in request.GET:
        return render(request, panel.TEMPLATE, {"state": None})
    return panel.show(request, _state(request))


def _state(request: StaffRequest) -> panel.PanelState:
    try:
        return panel.read_state(request, request.POST if request.method == "POST" else request.GET)
    except (Car.DoesNotExist, Customer.DoesNotExist) as error:
        raise Http404 from error


def hold(request: StaffRequest) -> HttpResponse:
    """Keep the chosen slot while the agent talks; the person's earlier hold of this panel is given back."""
    state = _state(request)
    form = BookingForm(request.POST)
    if not form.is_valid():
        return panel.show(request, state, refusal=_first_error(form), status=422)
    try:
        held = operations.hold(
            dealer=request.dealer,
            actor=request.actor,
            now=request.now,
            replaces=state.hold,
            source=state.channel,
            **form.for_hold(),
        )
    except OperationRefused as refusal:
        return panel.show(request, state, refusal=refusal, status=409)
    state.hold, state.starts_at = held, held.starts_at
    return panel.show(request, state)


def release(request: StaffRequest) -> HttpResponse:
    """Give the hold of the panel back."""
    state = _state(request)
    if state.hold is not None:
        operations.release(booking=state.hold, actor=request.actor, now=request.now)
    state.hold, state.starts_at = None, None
    return panel.show(request, state)


def extend(request: StaffRequest) -> HttpResponse:
    """The policy's minutes again for the hold of the panel."""
    state = _state(request)
    if state.hold is None:
        refusal = OperationRefused(_("暂留已经过期。请重新选择时段。"))
        return panel.show(request, state, refusal=refusal, status=409)
    operations.extend_hold(booking=state.hold, actor=request.actor, now=request.now)
    return panel.show(request, state)


def create(request: StaffRequest) -> HttpResponse:
    """Book what the panel holds: where it posts when no other page receives it."""
    form = BookingForm(request.POST)
    if not form.is_valid():
        return panel.show(request, _state(request), refusal=_first_error(form), status=422)
    try:
        booking = operations.book(
            dealer=request.dealer, actor=request.actor, now=request.now, **form.for_book()
        )
    except OperationRefused as refusal:
        return panel.again(request, refusal)
    return panel.booked(request, booking)


def new(request: StaffRequest) -> HttpResponse:
    """A booking from nothing: find the car, then the panel."""
    car = Car.objects.select_related("vehicle").filter(pk=_digits(request.GET.get("car", ""))).first()
    customer = Customer.objects.filter(pk=_digits(request.GET.get("customer", ""))).first()
    if car is not None and customer is None:
        customer = owner_of(car)
    return render(request, "staff/appointments/new.html", {"car": car, "customer": customer})


def _first_error(form: BookingForm) -> OperationRefused:
    field, errors = next(iter(form.errors.items()))
    label = form.fields[field].label if field in form.fields else ""
    return OperationRefused(f"{label or ''} {errors[0]}".strip(), field=field)


def _digits(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) < 18 else 0
