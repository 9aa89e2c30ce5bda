"""The waiting list on the phone: join it, take or decline a slot that came free, leave it (CHG, APT-18)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments.models import OfferStatus, SlotOffer, WaitingEntry, WaitingStatus
from huichang.domains.appointments.operations import accept_offer, decline_offer, join_waiting, leave_waiting
from huichang.interfaces.portal import slots
from huichang.interfaces.portal.booking import visit_for
from huichang.interfaces.portal.garage import bookings_of, reminders_of
from huichang.interfaces.portal.limits import check_book
from huichang.interfaces.portal.reasons import choices
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.interfaces.portal.slots import wish_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

# When in the day, as an owner says it.
CLOCKS = (
    ("any", gettext_lazy("都可以"), time(0, 0), time(23, 59)),
    ("morning", gettext_lazy("上午"), time(0, 0), time(12, 0)),
    ("afternoon", gettext_lazy("下午"), time(12, 0), time(23, 59)),
)  # fmt: skip
SPANS = ((3, gettext_lazy("3 天内")), (7, gettext_lazy("7 天内")), (14, gettext_lazy("14 天内")))


def _entry(request: OwnerRequest) -> WaitingEntry | None:
    """What this owner's car waits for."""
    rows = WaitingEntry.objects.filter(
        car_id=request.binding.car_id, customer_id=request.binding.customer_id, status=WaitingStatus.WAITING
    )
    return rows.select_related("booking").first()


def _offer(request: OwnerRequest, entry: WaitingEntry | None) -> SlotOffer | None:
    if entry is None:
        return None
    rows = SlotOffer.objects.filter(entry=entry, status=OfferStatus.OPEN, expires_at__gt=request.now)
    return rows.select_related("hold").first()


def waiting(request: OwnerRequest) -> HttpResponse:
    """The place in the list and the offer under way, or the form to join."""
    if request.method == "POST":
        return _join(request)
    return _page(request)


def _page(request: OwnerRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    entry, wish = _entry(request), wish_of(request.POST if request.method == "POST" else request.GET)
    offer = _offer(request, entry)
    reminders = reminders_of(request.binding, local_date(request.now)) if entry is None else []
    found = choices(request.binding, reminders, sees_file=False) if entry is None else []
    context: dict[str, Any] = {
        "binding": request.binding, "entry": entry, "offer": offer, "refusal": refusal, "tab": "book",
        "choices": [(one, one.code in wish.why if wish.why else one.is_chosen) for one in found],
        "spans": SPANS, "clocks": CLOCKS, "bookings": bookings_of(request.binding, request.now),
    }  # fmt: skip
    return render(request, "portal/waiting.html", context, status=status)


def _join(request: OwnerRequest) -> HttpResponse:
    data, binding, today = request.POST, request.binding, local_date(request.now)
    days = {str(days): days for days, _label in SPANS}.get(data.get("days", ""), SPANS[1][0])
    _code, _label, since, until = next((one for one in CLOCKS if one[0] == data.get("clock")), CLOCKS[0])
    current = bookings_of(binding, request.now)
    try:
        visit = visit_for(request, wish_of(data))
        if not current:
            check_book(binding, request.now)
        join_waiting(
            dealer=request.dealer, car=binding.car, customer=binding.customer, labour_ids=visit.labour_ids,
            first_day=today, last_day=today + timedelta(days=days), clock_from=since, clock_until=until,
            booking=current[0] if current else None, source=slots.channel_of(request), actor=request.actor,
            now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        return _page(request, refusal=str(refusal), status=422)
    return redirect("portal:waiting", binding.pk)


def answer(request: OwnerRequest, pk: int) -> HttpResponse:
    """Yes books the offered slot at once, no gives it to the next; both only while it is kept."""
    entry = _entry(request)
    offer = (
        SlotOffer.objects.filter(pk=pk, entry=entry).select_related("hold", "dealer").first()
        if entry
        else None
    )
    if offer is None:
        raise Http404
    try:
        if "accept" in request.POST:
            made = accept_offer(offer=offer, actor=request.actor, now=request.now)
            return redirect(f"{reverse('portal:booking', args=[request.binding.pk, made.pk])}?done=booked")
        decline_offer(offer=offer, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return _page(request, refusal=str(refusal), status=409)
    return redirect("portal:waiting", request.binding.pk)


def leave_list(request: OwnerRequest) -> HttpResponse:
    """Wait no longer."""
    entry = _entry(request)
    if entry is not None:
        leave_waiting(entry=entry, actor=request.actor, now=request.now, reason=_("车主退出候补"))
    return redirect("portal:waiting", request.binding.pk)
