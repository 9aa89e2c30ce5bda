"""The day: its board, live; cars put elsewhere by drag or by form; work finished; walk-ins dropped in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from huichang.domains.appointments import queries
from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.appointments.operations import day as steering
from huichang.domains.appointments.permissions import P
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import Duty
from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.queries import owner_of
from huichang.domains.dealers import calendars
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments import dayboard
from huichang.interfaces.staff.appointments.boards import shown_day
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

_WARN_AHEAD = 90  # days for which a missing year of the public calendar is told


def day(request: StaffRequest) -> HttpResponse:
    """One day: figures, the board of bays, what somebody has to do, the list of customers expected."""
    return render(request, "staff/appointments/day.html", _context(request, shown_day(request)))


def board(request: StaffRequest) -> HttpResponse:
    """The living part of the day; 204 when what the page shows (`seen`) is still true."""
    context = _context(request, shown_day(request))
    if request.GET.get("seen") == context["board"].version:
        return HttpResponse(status=204)
    return render(request, "staff/appointments/_board.html", context)


def _context(request: StaffRequest, shown: date) -> dict[str, Any]:
    today = local_date(request.now)
    found = dayboard.day_bookings(request.dealer, shown, request.now)
    special = calendars.load(request.dealer, shown, shown).on(shown)
    return {
        "day": shown, "today": today, "is_today": shown == today, "previous": shown - timedelta(days=1),
        "next": shown + timedelta(days=1), "load": special, "bookings": dayboard.visits(found, request.now),
        "board": dayboard.build(request.dealer, shown, request.now, found),
        "promised": [row for row in found if row.status in PROMISED],
        "warning": calendars.warning(today, _WARN_AHEAD), "may_book": request.actor.can(P.BOOK),
        "may_run": request.actor.can(P.RUN_DAY), "may_arrive": request.actor.can(P.ARRIVE),
    }  # fmt: skip


def place(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a car elsewhere. GET and a POST with `check` show what it would mean; POST does it."""
    booking = _booking(pk)
    data = request.POST if request.method == "POST" else request.GET
    starts_at = _moment(request, data.get("starts_at", ""), data.get("clock", ""), booking)
    chosen: dict[str, Any] = {
        "starts_at": starts_at, "bay": _number(data.get("bay")), "technician": _number(data.get("technician")),
        "consent": data.get("consent", ""), "reason": data.get("reason", ""), "override": data.get("override", ""),
    }  # fmt: skip
    if request.method != "POST" or data.get("check"):
        return _place_dialog(request, booking, chosen)
    try:
        steering.place(
            booking=booking, starts_at=starts_at, bay_id=chosen["bay"] or None,
            technician_id=chosen["technician"] or None, consent=chosen["consent"], reason=chosen["reason"],
            override_reason=chosen["override"], actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        return _place_dialog(request, _booking(pk), chosen, refusal=refusal, status=409)
    response = HttpResponse()
    response.headers["HX-Trigger"] = "board-changed"
    return response


def _place_dialog(
    request: StaffRequest, booking: Booking, chosen: dict[str, Any], *,
    refusal: OperationRefused | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Where the car would go, whether that can be kept, and what the customer must be asked."""
    work = queries.work_blocks(booking)
    changes_time = chosen["starts_at"] != booking.starts_at
    slot: queries.Slot | None = None
    alternatives: tuple[queries.Alternative, ...] = ()
    if changes_time and booking.status in PROMISED and booking.items.exists():
        offers = queries.offers(
            dealer=request.dealer, labour_ids=[item.labour_id for item in booking.items.all()], now=request.now,
            wanted=chosen["starts_at"], days=7, earliest=local_date(chosen["starts_at"]), ignore_booking=booking,
            priority=booking.priority, first_service=booking.is_first_service, channel=booking.source,
            waits=booking.waits, bay_id=chosen["bay"] or None, technician_id=chosen["technician"] or None,
        )  # fmt: skip
        slot, alternatives = offers.wanted_slot, offers.alternatives
    if isinstance(refusal, SlotTaken) and refusal.alternatives:
        alternatives = refusal.alternatives
    people = catalog.active_staff(request.dealer, (Duty.TECHNICIAN,))
    context = {
        "booking": booking, "work": work, "chosen": chosen, "changes_time": changes_time,
        "asks_consent": changes_time and booking.status in PROMISED, "slot": slot, "alternatives": alternatives,
        "bays": catalog.active_bays(request.dealer), "people": people, "consents": steering.CONSENTS.items(),
        "refusal": refusal, "may_override": request.actor.can(P.OVERBOOK),
    }  # fmt: skip
    return render(request, "staff/appointments/_place.html", context, status=status)


def begin(request: StaffRequest, pk: int) -> HttpResponse:
    """The work on a car begins."""
    booking = _booking(pk)
    try:
        steering.begin_work(booking=booking, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('staff:bookings')}?day={local_date(booking.starts_at):%Y-%m-%d}")


def finish(request: StaffRequest, pk: int) -> HttpResponse:
    """The work on a car is done."""
    booking = _booking(pk)
    try:
        steering.finish_work(booking=booking, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('staff:bookings')}?day={local_date(booking.starts_at):%Y-%m-%d}")


def drop_in(request: StaffRequest) -> HttpResponse:
    """A customer without a booking: find the car, choose the jobs, take the first place of today."""
    data = request.POST if request.method == "POST" else request.GET
    car = Car.objects.select_related("vehicle").filter(pk=_number(data.get("car"))).first()
    customer = Customer.objects.filter(pk=_number(data.get("customer"))).first()
    if car is not None and customer is None:
        customer = owner_of(car)
    refusal: OperationRefused | None = None
    labour_ids = [pk for pk in map(_number, data.getlist("labour")) if pk]
    if request.method == "POST" and car is not None and customer is not None:
        try:
            booking = steering.drop_in(
                dealer=request.dealer, car=car, customer=customer, labour_ids=labour_ids, actor=request.actor,
                now=request.now, purpose=data.get("purpose", ""), note=data.get("note", "")[:400],
                override_reason=data.get("override", ""),
            )  # fmt: skip
        except OperationRefused as error:
            refusal = error
        else:
            messages.success(
                request, _("已安排:{time} 开始").format(time=f"{_local(booking.starts_at):%H:%M}")
            )
            return redirect("staff:bookings")
    context = {
        "car": car, "customer": customer, "labour": catalog.labour(request.dealer), "chosen": labour_ids,
        "purpose": data.get("purpose") or "quick", "note": data.get("note", ""), "refusal": refusal,
        "may_override": request.actor.can(P.OVERBOOK), "override": data.get("override", ""),
    }  # fmt: skip
    return render(request, "staff/appointments/drop_in.html", context, status=409 if refusal else 200)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _booking(pk: int) -> Booking:
    try:
        return queries.get(pk)
    except Booking.DoesNotExist as error:
        raise Http404 from error


def _moment(request: StaffRequest, raw: str, clock: str, booking: Booking) -> datetime:
    """The start asked for: an aware moment, a clock time on its day, else where the booking stands."""
    try:
        moment = parse_datetime(raw)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        moment = booking.starts_at
    if clock:
        try:
            at = datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007  # a clock time, put on a day below
        except ValueError:
            return moment
        return datetime.combine(_local(moment).date(), at, tzinfo=_local(moment).tzinfo)
    return moment


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isdecimal() and len(raw) < 18 else 0
