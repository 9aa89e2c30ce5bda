"""Papers and figures of bookings: reserve ledger, overrides, register, statistics, slip, advisors' and next-day lists."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.appointments import ledger, queries
from huichang.domains.appointments.house import rules_told
from huichang.domains.appointments.models import PROMISED, Booking, Channel
from huichang.domains.appointments.operations import day as steering
from huichang.domains.appointments.permissions import P
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import Duty
from huichang.domains.customers.queries import primary_phones
from huichang.domains.dealers import calendars
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments.boards import shown_day
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import add_months, day_bounds, local_date


def reserve(request: StaffRequest) -> HttpResponse:
    """What ate the reserve of a day; hours lost are entered here."""
    day = shown_day(request)
    refusal: OperationRefused | None = None
    if request.method == "POST":
        request.actor.require(P.RUN_DAY)
        try:
            steering.lose_hours(
                dealer=request.dealer, day=day, skill=request.POST.get("skill", ""),
                hours=_hours(request.POST.get("hours", "")), reason=request.POST.get("reason", ""),
                actor=request.actor, now=request.now,
            )  # fmt: skip
        except OperationRefused as error:
            refusal = error
        else:
            messages.success(request, _("已记入当天的预留。"))
            return redirect(f"{reverse('staff:reserve')}?day={day:%Y-%m-%d}")
    lines = [line for line in ledger.reserve_of(request.dealer, day, request.now) if line.capacity]
    context = {
        "day": day, "previous": day - timedelta(days=1), "next": day + timedelta(days=1), "lines": lines,
        "eaters": ledger.eaters_of(request.dealer, day), "refusal": refusal,
        "may_run": request.actor.can(P.RUN_DAY) and day >= local_date(request.now),
    }  # fmt: skip
    return render(request, "staff/appointments/reserve.html", context, status=422 if refusal else 200)


def _hours(raw: str) -> Decimal:
    try:
        hours = Decimal(raw)
    except InvalidOperation:
        return Decimal(0)
    return hours if hours.is_finite() and hours < 100 else Decimal(0)


def overrides(request: StaffRequest) -> HttpResponse:
    """Bookings beyond the rules of a month: which rule, who, why."""
    first = shown_day(request).replace(day=1)
    start, end = day_bounds(first)[0], day_bounds(add_months(first, 1))[0]
    context = {
        "first": first, "previous": add_months(first, -1), "next": add_months(first, 1),
        "rows": ledger.overrides_between(request.dealer, start, end),
    }  # fmt: skip
    return render(request, "staff/appointments/overrides.html", context)


def register(request: StaffRequest) -> HttpResponse:
    """The booking register of a day or span, on screen and on paper (form 12)."""
    first = shown_day(request)
    last = max(first, min(_until(request, first), first + timedelta(days=62)))
    rows = ledger.register(request.dealer, day_bounds(first)[0], day_bounds(last)[1])
    prefetch_related_objects([row.customer for row in rows], primary_phones())
    names = {str(value): label for value, label in Channel.choices}
    template = "register_print" if request.GET.get("print") else "register"
    context = {
        "first": first,
        "last": last,
        "rows": [(row, _phone(row), names.get(row.source, row.source)) for row in rows],
    }
    return render(request, f"staff/appointments/{template}.html", context)


def _until(request: StaffRequest, first: date) -> date:
    try:
        return date.fromisoformat(request.GET.get("until", ""))
    except ValueError:
        return first


def _phone(row: Booking) -> str:
    if row.drop_off_phone:
        return row.drop_off_phone
    return next((phone.number for phone in row.customer.phones.all()), "")


def statistics(request: StaffRequest) -> HttpResponse:
    """The booking statistics table of a month."""
    first = shown_day(request).replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)
    template = "statistics_print" if request.GET.get("print") else "statistics"
    context = {
        "first": first, "previous": add_months(first, -1), "next": add_months(first, 1),
        "table": ledger.statistics(request.dealer, first, last),
    }  # fmt: skip
    return render(request, f"staff/appointments/{template}.html", context)


def slip(request: StaffRequest, pk: int) -> HttpResponse:
    """The booking slip for the customer's signature (form 4)."""
    try:
        booking = queries.get(pk)
    except Booking.DoesNotExist as error:
        raise Http404 from error
    prefetch_related_objects([booking.customer], primary_phones())
    context = {
        "booking": booking, "blocks": queries.work_blocks(booking), "advisor": queries.advisor_of(booking),
        "phone": _phone(booking), "store": request.dealer, "told": rules_told(request.dealer, local_date(request.now)),
    }  # fmt: skip
    return render(request, "staff/appointments/slip.html", context)


def advisor_day(request: StaffRequest) -> HttpResponse:
    """An advisor's customers of a day: the signed-in advisor's own, or anybody's by choice."""
    day = shown_day(request)
    advisors = catalog.active_staff(request.dealer, (Duty.ADVISOR,))
    own = next((a for a in advisors if a.user_id and a.user_id == request.actor.user_id), None)
    raw = request.GET.get("advisor", "")
    chosen = None if raw == "all" else next((a for a in advisors if str(a.pk) == raw), own)
    start, end = day_bounds(day)
    found = queries.bookings_between(
        dealer=request.dealer, start=start, end=end, statuses=(*PROMISED, "arrived")
    )
    mine = [row for row in found if chosen is None or queries.advisor_of(row) == chosen]
    prefetch_related_objects([row.customer for row in mine], primary_phones())
    context = {
        "day": day, "advisors": advisors, "chosen": chosen, "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1),
        "rows": [
            (row, _phone(row), queries.work_blocks(row), queries.advisor_of(row))
            for row in sorted(mine, key=lambda one: one.arrive_at)
        ],
    }  # fmt: skip
    template = "advisor_print" if request.GET.get("print") else "advisor"
    return render(request, f"staff/appointments/{template}.html", context)


def arrangement(request: StaffRequest) -> HttpResponse:
    """The next working day's arrangement: whom to expect, who receives and repairs, what is new since yesterday."""
    today = local_date(request.now)
    day = (
        shown_day(request)
        if request.GET.get("day")
        else calendars.load(request.dealer, today, today + timedelta(days=60)).step(today, 1)
    )
    start, end = day_bounds(day)
    found = queries.bookings_between(dealer=request.dealer, start=start, end=end, statuses=PROMISED)
    made_today = day_bounds(today)
    context = {
        "day": day, "previous": day - timedelta(days=1), "next": day + timedelta(days=1), "bookings": found,
        "rows": [
            (row, queries.advisor_of(row), queries.work_blocks(row), made_today[0] <= row.created_at < made_today[1])
            for row in sorted(found, key=lambda one: one.arrive_at)
        ],
        "lines": [line for line in ledger.reserve_of(request.dealer, day, request.now) if line.capacity],
        "new_today": ledger.register(request.dealer, *made_today),
        "may_run": request.actor.can(P.RUN_DAY),
    }  # fmt: skip
    template = "arrangement_print" if request.GET.get("print") else "arrangement"
    return render(request, f"staff/appointments/{template}.html", context)
