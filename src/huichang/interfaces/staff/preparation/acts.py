"""What people do with a booking from its page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking, DocumentKind, PaperPlace, Touch
from huichang.domains.customers.models import Car, Customer
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments import panel
from huichang.interfaces.staff.appointments.forms import BookingForm
from huichang.interfaces.staff.preparation.booking import found, page_of
from huichang.kernel.operations import OperationRefused


def _done(request: StaffRequest, pk: int, act: Callable[[Booking], object], said: str = "") -> HttpResponse:
    """Do it and show the record again; a refusal is shown on the record."""
    try:
        act(found(pk))
    except OperationRefused as refusal:
        return page_of(request, found(pk), refusal=refusal, status=409)
    if said:
        messages.success(request, said)
    return redirect("staff:booking", pk)


def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Move a booking to what the panel shows. Moving keeps the old slot until it succeeds."""
    booking, form = found(pk), BookingForm(request.POST)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return _panel(request, OperationRefused(str(errors[0]), field=field))
    data = form.for_hold()
    try:
        operations.change(
            booking=booking, starts_at=data["starts_at"], labour_ids=data["labour_ids"], priority=data["priority"],
            advisor_id=data["advisor_id"], note=data["note"], reason=request.POST.get("reason", ""),
            actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        return _panel(request, refusal)
    response = HttpResponse()
    response.headers["HX-Redirect"] = reverse("staff:booking", args=[booking.pk])
    return response


def _panel(request: StaffRequest, refusal: OperationRefused) -> HttpResponse:
    """The panel with the refusal; 404 for a car or customer that is not there."""
    try:
        return panel.again(request, refusal)
    except (Car.DoesNotExist, Customer.DoesNotExist) as error:
        raise Http404 from error


def rebook(request: StaffRequest, pk: int) -> HttpResponse:
    """Another time in one step, as agreed with the customer."""
    starts = parse_datetime(request.POST.get("starts_at", ""))
    if starts is None or starts.tzinfo is None:
        raise Http404
    by_phone = request.POST.get("by_phone", "1") == "1"
    return _done(
        request, pk,
        lambda row: operations.rebook(
            booking=row, starts_at=starts, reason=request.POST.get("reason", ""), by_phone=by_phone,
            actor=request.actor, now=request.now,
        ),
        _("已改约,客户会收到通知"),
    )  # fmt: skip


def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Cancel with a reason; everything that was made for it is reversed."""
    reason = request.POST.get("reason", "")
    do = operations.cancel_by_phone if request.POST.get("by_phone") else operations.cancel
    return _done(
        request, pk, lambda row: do(booking=row, reason=reason, actor=request.actor, now=request.now),
        _("已取消:时段、配件和单据都已收回"),
    )  # fmt: skip


def arrive(request: StaffRequest, pk: int) -> HttpResponse:
    """The customer is here."""
    return _done(
        request, pk, lambda row: operations.arrive(booking=row, actor=request.actor, now=request.now)
    )


def no_show(request: StaffRequest, pk: int) -> HttpResponse:
    """The customer did not come."""
    reason = request.POST.get("reason", "")
    return _done(
        request, pk,
        lambda row: operations.mark_no_show(booking=row, reason=reason, actor=request.actor, now=request.now),
    )  # fmt: skip


def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """What came of asking the customer: comes, or nobody answered. Another time and cancelling have their own."""
    note = request.POST.get("note", "")
    given: dict[str, Any] = {"note": note, "actor": request.actor, "now": request.now}
    if request.POST.get("outcome") == "no_answer":
        return _done(
            request, pk, lambda row: operations.not_reached(booking=row, **given), _("已登记,稍后再打")
        )
    by_phone = request.POST.get("outcome") != "in_person"
    return _done(
        request, pk, lambda row: operations.confirm(booking=row, by_phone=by_phone, **given), _("客户已确认")
    )


def agree(request: StaffRequest, pk: int) -> HttpResponse:
    """The technician has looked at jobs and parts."""
    name = request.POST.get("technician", "") or request.actor.name
    return _done(
        request, pk,
        lambda row: operations.agree_technically(
            booking=row, technician=name, actor=request.actor, now=request.now
        ),
        _("已登记技师确认"),
    )  # fmt: skip


def deposit(request: StaffRequest, pk: int) -> HttpResponse:
    """A deposit was paid."""
    try:
        amount = Decimal(request.POST.get("amount", "") or "0")
    except InvalidOperation:
        amount = Decimal(0)
    receipt = request.POST.get("receipt", "")
    return _done(
        request, pk,
        lambda row: operations.receive_deposit(
            booking=row, amount=amount, receipt=receipt, actor=request.actor, now=request.now
        ),
        _("定金已登记"),
    )  # fmt: skip


def return_deposit(request: StaffRequest, pk: int) -> HttpResponse:
    """A deposit was given back, or counted in the bill."""
    try:
        amount = Decimal(request.POST.get("amount", "") or "0")
    except InvalidOperation:
        amount = Decimal(0)
    return _done(
        request, pk,
        lambda row: operations.return_deposit(
            booking=row, amount=amount, actor=request.actor, now=request.now
        ),
        _("退定金已登记"),
    )  # fmt: skip


def hand(request: StaffRequest, pk: int) -> HttpResponse:
    """The papers go to the next hand."""
    to = request.POST.get("to", "")
    if to not in PaperPlace.values:
        raise Http404
    return _done(
        request, pk, lambda row: operations.hand_papers(booking=row, to=to, actor=request.actor, now=request.now),
        _("单据交接已登记"),
    )  # fmt: skip


def print_paper(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """Keep that a paper is printed now and show it."""
    kinds = list(DocumentKind.values) if kind == "all" else [kind]
    if not set(kinds) <= set(DocumentKind.values):
        raise Http404
    operations.print_documents(booking=found(pk), kinds=kinds, actor=request.actor, now=request.now)
    return redirect("staff:booking-paper", pk, kind)


def touch_done(request: StaffRequest, pk: int) -> HttpResponse:
    """A person did what no system sees."""
    touch = Touch.objects.filter(pk=pk).first()
    if touch is None:
        raise Http404
    try:
        operations.done_by_person(touch=touch, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return page_of(request, found(touch.booking_id), refusal=refusal, status=409)
    back = request.POST.get("back", "")
    if back == "sales":
        return redirect("staff:preparation-sales")
    return redirect("staff:booking", touch.booking_id)
