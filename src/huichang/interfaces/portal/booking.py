"""Book in three taps: the reason (known from a link), a slot that can be kept, yes (APT-01, APT-05, APT-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations as appointments
from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import limits as owner_limits
from huichang.domains.owners import operations as owners
from huichang.domains.owners import policies
from huichang.domains.owners.pictures import redrawn
from huichang.domains.owners.rights import Right
from huichang.domains.reminders.models import CarForecast, Case, CaseStatus
from huichang.interfaces.portal import slots
from huichang.interfaces.portal.garage import garage_of
from huichang.interfaces.portal.limits import check_book, why_not_book
from huichang.interfaces.portal.reasons import Visit, choices, visit_of
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.interfaces.portal.slots import Wish, wish_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import CHINA, local_date

SHOWN_DAYS = 14
WEEK = timedelta(days=7)


def reasons(request: OwnerRequest) -> HttpResponse:
    """First tap, when no link brought the reason: what is due is ticked already."""
    garage = garage_of(request.binding, request.now)
    context = {
        "garage": garage, "binding": request.binding, "tab": "book",
        "choices": choices(
            request.binding, garage.reminders, sees_file=garage.sees_file, is_first=garage.is_before_first_service
        ),
        "refusal": why_not_book(request.binding, request.now), "missing": "missing" in request.GET,
    }  # fmt: skip
    return render(request, "portal/reasons.html", context)


def visit_for(request: OwnerRequest, wish: Wish) -> Visit:
    forecast = CarForecast.objects.filter(car_id=request.binding.car_id).first()
    return visit_of(
        request.binding, request.dealer, wish.why, due_km=forecast.service_due_km if forecast else None
    )


def times(request: OwnerRequest) -> HttpResponse:
    """Second tap: the days, and the slots of one that can be kept, with duration and price."""
    wish = wish_of(request.GET)
    visit = visit_for(request, wish)
    if not visit.jobs:
        return redirect(f"{reverse('portal:reasons', args=[request.binding.pk])}?missing=1")
    if refusal := why_not_book(request.binding, request.now):
        context = {"binding": request.binding, "refusal": refusal, "tab": "book"}
        return render(request, "portal/refused.html", context)
    if visit.first_service and not (wish.since or wish.day):
        wish = replace(wish, since=_before_due(request))
    offers = slots.find(request, visit, wish, days=SHOWN_DAYS)
    return render(request, "portal/times.html", times_context(request, visit, wish, offers))


def _before_due(request: OwnerRequest) -> date | None:
    """The week before a first service is due: it may be booked long ahead, and is not wanted at once (A25)."""
    today = local_date(request.now)
    forecast = CarForecast.objects.filter(car_id=request.binding.car_id).first()
    due = forecast.service_due_date if forecast else None
    return due - WEEK if due and due - WEEK > today else None


def times_context(request: OwnerRequest, visit: Visit, wish: Wish, offers: Any) -> dict[str, Any]:
    """What the page of slots shows; each day and slot with the address it leads to."""
    base = Wish(wish.why, advisor_id=wish.advisor_id, stay=wish.stay, since=wish.since)
    first, today = wish.since or local_date(request.now), local_date(request.now)
    return {
        "binding": request.binding, "visit": visit, "wish": wish, "offers": offers, "tab": "book",
        "days": [(day, base.address(day=day.day)) for day in offers.days],
        "parts": [
            (part.label, [(slot, base.address(start=slot.starts_at)) for slot in part.slots])
            for part in slots.parts_of_day(offers.slots)
        ],
        "best": [(slot, base.address(start=slot.starts_at)) for slot in offers.slots if slot.is_recommended],
        "price": slots.price(request, visit), "advisors": slots.advisors(request.dealer),
        "waits": slots.waits_of(wish, offers.hours), "query": base.address(),
        "later": base.address(since=first + timedelta(days=SHOWN_DAYS)),
        "earlier": base.address(since=max(today, first - timedelta(days=SHOWN_DAYS))) if first > today else "",
        "waiting_query": base.address(day=offers.day),
    }  # fmt: skip


def confirm(request: OwnerRequest) -> HttpResponse:
    """Third tap: everything in view; yes books it. A slot that went meanwhile is refused with others near it."""
    wish = wish_of(request.POST if request.method == "POST" else request.GET)
    visit = visit_for(request, wish)
    if not visit.jobs or wish.start is None:
        return redirect(f"{reverse('portal:reasons', args=[request.binding.pk])}?missing=1")
    if request.method == "POST":
        return _book(request, wish, visit)
    return _confirm_page(request, wish, visit)


def _confirm_page(
    request: OwnerRequest, wish: Wish, visit: Visit, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    offers = slots.find(request, visit, wish, days=1)
    slot = offers.wanted_slot
    if slot is None or not slot.is_free:
        return _gone(request, wish, visit, slot.refusals if slot else (), offers.alternatives, status=409)
    context = {
        "binding": request.binding, "visit": visit, "wish": wish, "slot": slot, "tab": "book",
        "price": slots.price(request, visit, slot), "hours": offers.hours, "waits": slots.waits_of(wish, offers.hours),
        "advisors": slots.advisors(request.dealer), "refusal": refusal,
        "start": f"{slot.starts_at.astimezone(CHINA):%Y-%m-%dT%H:%M}", "typed": request.POST,
        "photos": policy(policies.PHOTOS, request.dealer, local_date(request.now)),
        "is_driver": request.binding.right == Right.DRIVER,
    }  # fmt: skip
    return render(request, "portal/confirm.html", context, status=status)


def _gone(
    request: OwnerRequest, wish: Wish, visit: Visit, why: Any, alternatives: Any, *, status: int
) -> HttpResponse:
    context = {
        "binding": request.binding, "visit": visit, "wish": wish, "why": why, "tab": "book",
        "alternatives": [(one, wish.address(start=one.slot.starts_at, day=None)) for one in alternatives],
        "query": wish.address(start=None),
    }  # fmt: skip
    return render(request, "portal/gone.html", context, status=status)


def _book(request: OwnerRequest, wish: Wish, visit: Visit) -> HttpResponse:
    binding, now = request.binding, request.now
    assert wish.start is not None  # `confirm` asked
    owner_limits.take_turn(
        f"book {binding.car_id}"
    )  # a second tap waits for the first, and then finds its booking
    if (already := _same(request, wish.start)) is not None:
        return redirect("portal:booking", binding.pk, already.pk)
    try:
        check_book(binding, now)
        pictures = redrawn(request.FILES.getlist("photos"), dealer=request.dealer, now=now)
        booking = appointments.book(**_asked(request, wish, visit))
        if pictures:
            owners.keep_photos(
                binding=binding, reference=booking.number, pictures=pictures, actor=request.actor, now=now
            )
    except SlotTaken as taken:
        return _gone(request, wish, visit, taken.reasons, taken.alternatives, status=409)
    except OperationRefused as refusal:
        return _confirm_page(request, wish, visit, refusal=str(refusal), status=422)
    return redirect(f"{reverse('portal:booking', args=[binding.pk, booking.pk])}?done=booked")


def _same(request: OwnerRequest, start: datetime) -> Booking | None:
    """A booking of this car for the same start: the button was pressed twice."""
    rows = Booking.objects.filter(
        car_id=request.binding.car_id,
        customer_id=request.binding.customer_id,
        starts_at=start,
        status__in=PROMISED,
    )
    return rows.first()


def _was_invited(request: OwnerRequest) -> bool:
    """Whether the store has asked this car to come and waits for an answer."""
    return Case.objects.filter(car_id=request.binding.car_id, status=CaseStatus.OPEN).exists()


def _asked(request: OwnerRequest, wish: Wish, visit: Visit) -> dict[str, Any]:
    """The arguments of `book` from the form."""
    data, binding = request.POST, request.binding
    hours = sum((job.standard_hours for job in visit.jobs), Decimal(0))
    fault = data.get("fault", "").strip()
    name = data.get("drop_off_name", "").strip() or (binding.label if binding.right == Right.DRIVER else "")
    phone = data.get("drop_off_phone", "").strip() or (
        binding.account.mobile if binding.right == Right.DRIVER else ""
    )
    if visit.has_fault and not fault:
        raise OperationRefused(_("请说说故障的现象,方便我们安排合适的技师"), field="fault")
    return {
        "dealer": request.dealer, "car": binding.car, "customer": binding.customer, "labour_ids": visit.labour_ids,
        "starts_at": wish.start, "actor": request.actor, "now": request.now, "first_service": visit.first_service,
        "advisor_id": wish.advisor_id, "source": slots.channel_of(request), "waits": slots.waits_of(wish, hours),
        "fault": fault, "special_needs": data.get("special_needs", ""), "drop_off_name": name[:40],
        "drop_off_phone": phone[:20], "is_invited": _was_invited(request),
    }  # fmt: skip
