"""The store's bookings by day and week, the list on paper, the bands of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import PROMISED, Booking, BookingBand
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.planning.facts import DAY
from huichang.domains.appointments.queries import OCCUPYING, DayLoad
from huichang.domains.catalog import queries as catalog
from huichang.domains.customers.queries import primary_phones, search
from huichang.domains.dealers import calendars
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments.forms import WEEKDAYS, BandForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

_SHOWN = (*OCCUPYING, "no_show")
_WARN_AHEAD = 90  # days for which a missing year of the public calendar is told


def bookings_today(request: StaffRequest) -> int:
    """The rail's count: customers still expected today."""
    start, end = day_bounds(local_date(request.now))
    return Booking.objects.filter(status__in=PROMISED, starts_at__gte=start, starts_at__lt=end).count()


@dataclass(frozen=True, slots=True)
class Bar:
    """A block on the board: `left` and `width` in grid columns of five minutes."""

    booking: Booking
    label: str
    left: int
    width: int
    tone: str
    is_narrow: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A bay with its bars; `shut` are the columns in which it cannot be used."""

    name: str
    skill: str
    bars: tuple[Bar, ...]
    shut: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A day of bays × time between two full hours; columns of five minutes."""

    hours: tuple[tuple[int, int], ...]  # each with its column
    lanes: tuple[Lane, ...]
    now: int | None


_MINUTES = 5
_PER_HOUR = 60 // _MINUTES
_TONES = {"held": "held", "tentative": "tentative", "arrived": "arrived", "no_show": "missed"}


def day(request: StaffRequest) -> HttpResponse:
    """One day: figures, the board of bays, the list of customers expected."""
    shown = _day(request)
    start, end = day_bounds(shown)
    found = [
        row for row in queries.bookings_between(dealer=request.dealer, start=start, end=end, statuses=_SHOWN)
        if row.status != "held" or (row.hold_until and row.hold_until > request.now)
    ]  # fmt: skip
    load = queries.overview(dealer=request.dealer, first=shown, days=1, now=request.now)[0]
    context = {
        **_dates(request, shown), "load": load, "bookings": found, "board": _board(request, shown, found, load),
        "counts": _counts(found), "promised": [row for row in found if row.status in PROMISED],
        "warning": calendars.warning(local_date(request.now), _WARN_AHEAD), "may_book": request.actor.can(P.BOOK),
    }  # fmt: skip
    return render(request, "staff/appointments/day.html", context)


def week(request: StaffRequest) -> HttpResponse:
    """Seven days: load per skill as bars, bookings by the hour of each day."""
    monday = _day(request) - timedelta(days=_day(request).weekday())
    start, end = day_bounds(monday)[0], day_bounds(monday + timedelta(days=6))[1]
    found = queries.bookings_between(dealer=request.dealer, start=start, end=end, statuses=_SHOWN)
    by_day: dict[date, list[Booking]] = {}
    for row in found:
        if row.status != "held" or (row.hold_until and row.hold_until > request.now):
            by_day.setdefault(local_date(row.starts_at), []).append(row)
    loads = queries.overview(dealer=request.dealer, first=monday, days=7, now=request.now)
    context = {
        "monday": monday, "today": local_date(request.now), "previous": monday - timedelta(days=7),
        "next": monday + timedelta(days=7), "days": [(load, by_day.get(load.day, [])) for load in loads],
        "may_book": request.actor.can(P.BOOK),
    }  # fmt: skip
    return render(request, "staff/appointments/week.html", context)


def printed(request: StaffRequest) -> HttpResponse:
    """The day's list for the reception desk, on paper."""
    shown = _day(request)
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
    return render(request, "staff/appointments/_cars.html", {"hits": hits, "q": text})


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


def _day(request: StaffRequest) -> date:
    try:
        return parse_date(request.GET.get("day", "")) or local_date(request.now)
    except ValueError:
        return local_date(request.now)


def _dates(request: StaffRequest, shown: date) -> dict[str, Any]:
    today = local_date(request.now)
    return {
        "day": shown, "today": today, "is_today": shown == today,
        "previous": shown - timedelta(days=1), "next": shown + timedelta(days=1),
    }  # fmt: skip


def _counts(found: Sequence[Booking]) -> dict[str, int]:
    statuses = [row.status for row in found]
    return {
        "all": sum(status != "held" for status in statuses),
        "arrived": statuses.count("arrived"),
        "missed": statuses.count("no_show"),
        "held": statuses.count("held"),
    }


def _board(request: StaffRequest, shown: date, found: Sequence[Booking], load: DayLoad) -> Board:
    midnight, end = day_bounds(shown)
    bays = catalog.active_bays(request.dealer)
    away = [row for row in catalog.absences(request.dealer, midnight, end) if row.bay_id]
    spans = [
        (
            block.bay_id,
            _minute(block.starts_at, midnight),
            _minute(block.ends_at, midnight),
            row,
            str(block.staff),
        )
        for row in found
        for block in queries.work_blocks(row)
        if block.is_active or row.status == "no_show"
    ]
    first, last = _hours(load, [(start, stop) for _bay, start, stop, _row, _who in spans])
    lanes = []
    for bay in bays:
        bars = [
            _bar(row, who, max(start, first * 60) - first * 60, min(stop, last * 60) - first * 60)
            for bay_id, start, stop, row, who in spans
            if bay_id == bay.pk and start < last * 60 and stop > first * 60
        ]
        gone = [
            (_minute(a.starts_at, midnight), _minute(a.ends_at, midnight)) for a in away if a.bay_id == bay.pk
        ]
        opened = [(_clock(o), _clock(c)) for o, c in load.periods]
        shut = _shut(first * 60, last * 60, opened, (_clock(bay.opens_at), _clock(bay.closes_at)), gone)
        lanes.append(Lane(bay.name, bay.skill, tuple(bars), shut))
    now = _minute(request.now, midnight)
    inside = first * 60 <= now < last * 60
    hours = tuple((hour, (hour - first) * _PER_HOUR) for hour in range(first, last))
    return Board(hours, tuple(lanes), (now - first * 60) // _MINUTES if inside else None)


def _hours(load: DayLoad, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The full hours the board reaches over: opening hours and whatever is booked outside them."""
    starts = [_clock(opens) for opens, _closes in load.periods] + [max(0, start) for start, _stop in spans]
    ends = [_clock(closes) for _opens, closes in load.periods] + [min(DAY, stop) for _start, stop in spans]
    return min(starts, default=8 * 60) // 60, -(-max(ends, default=18 * 60) // 60)


def _bar(booking: Booking, who: str, start: int, stop: int) -> Bar:
    return Bar(
        booking=booking,
        label=who,
        left=start // _MINUTES,
        width=max(1, (stop - start) // _MINUTES),
        tone=_TONES.get(booking.status, "kept"),
        is_narrow=stop - start <= 45,
    )


def _shut(
    first: int,
    last: int,
    opened: Sequence[tuple[int, int]],
    own: tuple[int, int],
    gone: Sequence[tuple[int, int]],
) -> tuple[tuple[int, int], ...]:
    """The (left, width) columns in which a bay cannot be used."""
    usable = sorted((max(o, own[0]), min(c, own[1])) for o, c in opened)
    edges, shut = first, []
    for start, stop in [span for span in usable if span[0] < span[1]]:
        if start > edges:
            shut.append((edges, start))
        edges = max(edges, stop)
    if edges < last:
        shut.append((edges, last))
    shut += [(max(first, s), min(last, e)) for s, e in gone if s < last and e > first]
    return tuple(((s - first) // _MINUTES, max(1, (e - s) // _MINUTES)) for s, e in shut)


def _minute(moment: datetime, midnight: datetime) -> int:
    return int((moment - midnight).total_seconds() // 60)


def _clock(value: Any) -> int:
    return int(value.hour * 60 + value.minute)
