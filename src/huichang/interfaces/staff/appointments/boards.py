"""The store's bookings by week, the list on paper, the bands of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import PROMISED, Booking, BookingBand
from huichang.domains.appointments.permissions import P
from huichang.domains.customers.queries import primary_phones, search
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments.dayboard import SHOWN
from huichang.interfaces.staff.appointments.forms import WEEKDAYS, BandForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import add_months, day_bounds, local_date


def bookings_today(request: StaffRequest) -> int:
    """The rail's count: customers still expected today."""
    start, end = day_bounds(local_date(request.now))
    return Booking.objects.filter(status__in=PROMISED, starts_at__gte=start, starts_at__lt=end).count()


_STEPS = ((10, 0), (30, 1), (60, 2), (85, 3), (100, 4))  # from so many percent on, how warm a cell is


def heat(percent: int, *, is_open: bool) -> str:
    """How warm a cell of a heat map is: `none` for closed days, else 0 (idle) to 5 (full and over)."""
    if not is_open:
        return "none"
    return str(next((level for below, level in _STEPS if percent < below), 5))


def month(request: StaffRequest) -> HttpResponse:
    """A month as a heat map: how full each day is of what may be promised."""
    first = shown_day(request).replace(day=1)
    following = add_months(first, 1)
    monday = first - timedelta(days=first.weekday())
    days = -(-(following - monday).days // 7) * 7
    loads = queries.overview(dealer=request.dealer, first=monday, days=days, now=request.now)
    cells = [
        (load, heat(load.percent, is_open=load.is_open), load.day.month == first.month) for load in loads
    ]
    context = {
        "first": first, "today": local_date(request.now), "previous": add_months(first, -1), "next": following,
        "weeks": [cells[start : start + 7] for start in range(0, days, 7)],
        "weekdays": [load.day for load in loads[:7]],
    }  # fmt: skip
    return render(request, "staff/appointments/month.html", context)


def week(request: StaffRequest) -> HttpResponse:
    """Seven days: load per skill as bars, bookings by the hour of each day."""
    monday = shown_day(request) - timedelta(days=shown_day(request).weekday())
    start, end = day_bounds(monday)[0], day_bounds(monday + timedelta(days=6))[1]
    found = queries.bookings_between(dealer=request.dealer, start=start, end=end, statuses=SHOWN)
    by_day: dict[date, list[Booking]] = {}
    for row in found:
        if row.status != "held" or (row.hold_until and row.hold_until > request.now):
            by_day.setdefault(local_date(row.starts_at), []).append(row)
    loads = queries.overview(dealer=request.dealer, first=monday, days=7, now=request.now)
    context = {
        "monday": monday, "today": local_date(request.now), "previous": monday - timedelta(days=7),
        "next": monday + timedelta(days=7), "days": [(load, by_day.get(load.day, [])) for load in loads],
        "heat": _by_skill(loads),
        "may_book": request.actor.can(P.BOOK),
    }  # fmt: skip
    return render(request, "staff/appointments/week.html", context)


def _by_skill(
    loads: Sequence[queries.DayLoad],
) -> list[tuple[str, list[tuple[queries.SkillLoad, str, date]]]]:
    """The week's heat map: for each skill its seven days."""
    names = [one.skill for one in loads[0].skills] if loads else []
    return [
        (
            name,
            [
                (load.skills[number], heat(load.skills[number].percent, is_open=load.is_open), load.day)
                for load in loads
            ],
        )
        for number, name in enumerate(names)
        if any(load.skills[number].available_hours for load in loads)
    ]


def printed(request: StaffRequest) -> HttpResponse:
    """The day's list for the reception desk, on paper."""
    shown = shown_day(request)
    start, end = day_bounds(shown)
    found = queries.bookings_between(
        dealer=request.dealer, start=start, end=end, statuses=(*PROMISED, "arrived")
    )
    prefetch_related_objects([row.customer for row in found], primary_phones())
    rows = [(row, _phone(row)) for row in sorted(found, key=lambda row: row.arrive_at)]
    return render(request, "staff/appointments/printed.html", {"day": shown, "bookings": rows})


def _phone(row: Booking) -> str:
    """The number of whoever brings the car, else of the customer."""
    if row.drop_off_phone:
        return row.drop_off_phone
    return next((phone.number for phone in row.customer.phones.all()), "")


def find_car(request: StaffRequest) -> HttpResponse:
    """Cars for a new booking, by plate, phone, VIN or name."""
    text = request.GET.get("q", "").strip()
    hits = search(dealer=request.dealer, text=text, most=8) if text else []
    to = {"drop-in": "staff:booking-drop-in", "replan": "staff:replan"}.get(request.GET.get("to", ""), "")
    return render(
        request, "staff/appointments/_cars.html", {"hits": hits, "q": text, "to": to or "staff:booking-new"}
    )


def bands(request: StaffRequest) -> HttpResponse:
    """The bands of the day: peaks closed to bookings, quiet times with a discount."""
    rows = [(row, band_weekday(row)) for row in queries.bands(request.dealer)]
    return render(request, "staff/appointments/bands.html", {"bands": rows})


def band_weekday(row: BookingBand) -> str:
    """`每天` or the weekday's name."""
    labels = {value: str(label) for value, label in WEEKDAYS}
    return labels["" if row.weekday is None else row.weekday]


def band(request: StaffRequest, pk: int = 0) -> HttpResponse:
    """A new or an existing band."""
    row = get_object_or_404(BookingBand.objects.all(), pk=pk) if pk else BookingBand(dealer=request.dealer)
    form = BandForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_band(band=form.save(commit=False), actor=request.actor)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("时段已保存,新的预约按它计算。"))
            return redirect("staff:booking-bands")
    context = {"form": form, "band": row if pk else None}
    return render(request, "staff/appointments/band.html", context, status=422 if form.errors else 200)


def remove_band(request: StaffRequest, pk: int) -> HttpResponse:
    """Let the time be ordinary again."""
    operations.remove_band(band=get_object_or_404(BookingBand.objects.all(), pk=pk), actor=request.actor)
    messages.success(request, _("时段已删除。"))
    return redirect("staff:booking-bands")


def shown_day(request: StaffRequest) -> date:
    """The day the address names, else today."""
    try:
        return parse_date(request.GET.get("day", "")) or local_date(request.now)
    except ValueError:
        return local_date(request.now)
