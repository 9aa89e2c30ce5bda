"""A booking afterwards: see it, move it, cancel it, take it into the calendar, its pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments import operations as appointments
from huichang.domains.appointments import queries, quoting
from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import links, policies
from huichang.domains.owners import operations as owners
from huichang.domains.owners.models import FaultPhoto
from huichang.domains.owners.pictures import redrawn
from huichang.domains.owners.queries import photos_of
from huichang.interfaces.portal import slots
from huichang.interfaces.portal.calendar_file import calendar_file
from huichang.interfaces.portal.garage import booking_of
from huichang.interfaces.portal.reasons import Visit
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.interfaces.portal.slots import Wish, wish_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

SHOWN_DAYS = 14
CANCEL_REASONS = (
    ("time", gettext_lazy("时间不合适")), ("done", gettext_lazy("已经在别处做了")),
    ("trip", gettext_lazy("车在外地")), ("later", gettext_lazy("暂时不需要")), ("other", gettext_lazy("其他原因")),
)  # fmt: skip
STEPS = (
    ("tentative", gettext_lazy("已预约")), ("prepared", gettext_lazy("备好配件")),
    ("confirmed", gettext_lazy("正式确认")), ("arrived", gettext_lazy("到店")),
)  # fmt: skip


def _mine(request: OwnerRequest, pk: int) -> Booking:
    found = booking_of(request.binding, pk)
    if found is None:
        raise Http404
    return found


def booking(request: OwnerRequest, pk: int) -> HttpResponse:
    """What was agreed, how far it is, what can still be done."""
    return _page(request, _mine(request, pk))


def _page(request: OwnerRequest, row: Booking, *, refusal: str = "", status: int = 200) -> HttpResponse:
    is_open = row.status in PROMISED
    context = {
        "binding": request.binding, "booking": row, "is_open": is_open, "tab": "book", "refusal": refusal,
        "steps": _steps(row), "advisor": queries.advisor_of(row), "price": _price(row),
        "photos": photos_of([row.number]), "done": request.GET.get("done", ""),
        "deposit": getattr(row, "preparation", None),
        "most_photos": policy(policies.PHOTOS, request.dealer, local_date(request.now)),
    }  # fmt: skip
    return render(request, "portal/booking.html", context, status=status)


def _steps(row: Booking) -> list[tuple[str, str]]:
    """The way of a booking: each step with `done`, `now` or nothing."""
    order = [code for code, _label in STEPS]
    place = order.index(row.status) if row.status in order else -1
    return [
        (str(label), "now" if number == place else "done" if number < place else "")
        for number, (_code, label) in enumerate(STEPS)
    ]


def _price(row: Booking) -> Any:
    """The estimate the booking was made with; worked out when none was kept."""
    kept = getattr(row, "estimate", None)
    if kept is not None:
        return kept
    ids = [item.labour_id for item in row.items.all()]
    return quoting.quote(row.dealer, ids, now=row.created_at, discount_percent=row.discount_percent)


def change(request: OwnerRequest, pk: int) -> HttpResponse:
    """Another time: the slots that can be kept for the same jobs, then one tap."""
    row = _mine(request, pk)
    wish = wish_of(request.POST if request.method == "POST" else request.GET)
    visit = Visit((), (), tuple(item.labour for item in row.items.all()), row.is_first_service)
    if row.status not in PROMISED:
        return redirect("portal:booking", request.binding.pk, pk)
    if request.method == "POST" and wish.start is not None:
        return _move(request, row, wish, visit)
    base = Wish((), since=wish.since)
    offers = slots.find(request, visit, replace(base, day=wish.day), ignore=row, days=SHOWN_DAYS)
    first = wish.since or local_date(request.now)
    context = {
        "binding": request.binding, "booking": row, "offers": offers, "tab": "book",
        "days": [(day, base.address(day=day.day)) for day in offers.days],
        "parts": slots.parts_of_day([slot for slot in offers.slots if slot.starts_at != row.starts_at]),
        "later": base.address(since=first + timedelta(days=SHOWN_DAYS)),
    }  # fmt: skip
    return render(request, "portal/change.html", context)


def _move(request: OwnerRequest, row: Booking, wish: Wish, visit: Visit) -> HttpResponse:
    assert wish.start is not None  # `change` asked
    try:
        appointments.change_own(booking=row, starts_at=wish.start, actor=request.actor, now=request.now)
    except SlotTaken as taken:
        context = {
            "binding": request.binding, "booking": row, "visit": visit, "why": taken.reasons, "tab": "book",
            "moves": [one.slot for one in taken.alternatives],
        }  # fmt: skip
        return render(request, "portal/gone.html", context, status=409)
    except OperationRefused as refusal:
        return _page(request, _mine(request, row.pk), refusal=str(refusal), status=422)
    return redirect(f"{reverse('portal:booking', args=[request.binding.pk, row.pk])}?done=moved")


def cancel(request: OwnerRequest, pk: int) -> HttpResponse:
    """Cancel with a reason (CHG-03); the time goes to somebody who waits for it."""
    row = _mine(request, pk)
    context: dict[str, Any] = {
        "binding": request.binding,
        "booking": row,
        "reasons": CANCEL_REASONS,
        "tab": "book",
    }
    if request.method != "POST":
        return render(request, "portal/cancel.html", context)
    chosen, note = (
        dict(CANCEL_REASONS).get(request.POST.get("reason", "")),
        request.POST.get("note", "").strip(),
    )
    if chosen is None:
        context["refusal"] = _("请选一个原因,方便我们改进")
        return render(request, "portal/cancel.html", context, status=422)
    try:
        reason = f"{chosen}:{note}"[:200] if note else str(chosen)
        appointments.cancel_own(booking=row, reason=reason, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return _page(request, _mine(request, pk), refusal=str(refusal), status=422)
    return redirect(f"{reverse('portal:booking', args=[request.binding.pk, pk])}?done=cancelled")


def calendar(request: OwnerRequest, pk: int) -> HttpResponse:
    """The booking for the phone's own calendar."""
    row = _mine(request, pk)
    here = links.address(reverse("portal:booking", args=[request.binding.pk, pk]))
    content = calendar_file(row, address=here, now=request.now)
    return HttpResponse(
        content, content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{row.number}.ics"'},
    )  # fmt: skip


def photos(request: OwnerRequest, pk: int) -> HttpResponse:
    """Send more pictures for a booking."""
    row = _mine(request, pk)
    if row.status not in PROMISED:
        raise Http404
    try:
        pictures = redrawn(request.FILES.getlist("photos"), dealer=request.dealer, now=request.now)
        owners.keep_photos(
            binding=request.binding,
            reference=row.number,
            pictures=pictures,
            actor=request.actor,
            now=request.now,
        )
    except OperationRefused as refusal:
        return _page(request, row, refusal=str(refusal), status=422)
    return redirect("portal:booking", request.binding.pk, pk)


def photo(request: OwnerRequest, pk: int) -> HttpResponse:
    """A picture sent with one of the owner's bookings of this car."""
    found = get_object_or_404(FaultPhoto, pk=pk, car_id=request.binding.car_id)
    mine = Booking.objects.filter(number=found.reference, customer_id=request.binding.customer_id)
    if not mine.exists():
        raise Http404
    return picture_response(found)


def picture_response(found: FaultPhoto) -> HttpResponse:
    """A stored picture, for this browser only and never as anything but a picture."""
    return HttpResponse(
        bytes(found.content), content_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"},
    )  # fmt: skip


def photo_remove(request: OwnerRequest, pk: int) -> HttpResponse:
    """Take back a picture one sent oneself."""
    owners.remove_photo(binding=request.binding, photo_id=pk, actor=request.actor)
    back = request.POST.get("booking", "")
    if back.isascii() and back.isdigit() and len(back) < 19:
        return redirect("portal:booking", request.binding.pk, int(back))
    return redirect("portal:car", request.binding.pk)
