"""The preparation board, the store's checks of its preparations, the plan of tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations, queries, readiness
from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.models import (
    PROMISED,
    Booking,
    CheckKind,
    DayCheck,
    PaperPlace,
    Touch,
    TouchKind,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.readiness import Readiness
from huichang.domains.catalog import queries as catalog
from huichang.domains.dealers import calendars
from huichang.domains.dealers.queries import policy
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

_AHEAD = 14  # days of the board: nearer than the longest usual lead time
_MOST = 200


def lacking_soon(request: StaffRequest) -> int:
    """The rail's count: visits of today and the next two days whose papers or parts are still tentative."""
    end = day_bounds(local_date(request.now) + timedelta(days=2))[1]
    return (
        readiness.upcoming(request.dealer, request.now).filter(status="tentative", starts_at__lt=end).count()
    )


def board(request: StaffRequest) -> HttpResponse:
    """【维修准备】: what is booked, by day and urgency, with what is missing and whose turn it is."""
    today = local_date(request.now)
    shown = request.GET.get("show", "all")
    found = _states(request, today, today + timedelta(days=_AHEAD))
    is_technician = _is_technician(request)
    mine = is_technician and request.GET.get("mine", "1" if not request.actor.can(P.PREPARE) else "") == "1"
    if mine:
        found = [one for one in found if request.actor.user_id in _workers(one.booking)]
    ordered = sorted(found, key=lambda one: _place(one, today))
    chosen = [one for one in ordered if shown == "all" or one.is_ready == (shown == "ready")]
    turns: dict[str, int] = {}
    for one in found:
        for point in one.lacking:
            turns[point.turn] = turns.get(point.turn, 0) + 1
    context = {
        "groups": _by_day(chosen), "shown": shown, "today": today, "turns": sorted(turns.items()),
        "ready": sum(one.is_ready for one in found), "total": len(found), "days": _AHEAD,
        "late": sum(one.rank(today) == 0 for one in found), "checks": _last_checks(request, today),
        "may_check": request.actor.can(P.CHECK), "is_technician": is_technician, "mine": mine,
    }  # fmt: skip
    return render(request, "staff/preparation/board.html", context)


def _is_technician(request: StaffRequest) -> bool:
    """Whether this person works on cars: then the board can be narrowed to the own ones (PRE-06)."""
    people = catalog.active_staff(request.dealer, ("technician",))
    return any(person.user_id == request.actor.user_id for person in people)


def _workers(booking: Booking) -> set[int | None]:
    return {block.staff.user_id for block in queries.work_blocks(booking) if block.staff}


def _states(request: StaffRequest, first: date, last: date) -> list[Readiness]:
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    rows = queries.whole().filter(
        dealer=request.dealer, status__in=PROMISED, starts_at__gte=start, starts_at__lt=end
    )
    bookings = list(rows.order_by("starts_at", "pk")[:_MOST])
    return list(readiness.of(request.dealer, bookings, request.now).values())


def _place(one: Readiness, today: date) -> tuple[Any, ...]:
    """By booked day, then the most urgent on top, then the clock (PRE-08)."""
    return (local_date(one.booking.starts_at), one.rank(today), one.booking.starts_at, one.booking.pk)


def _by_day(found: Sequence[Readiness]) -> list[tuple[date, list[Readiness]]]:
    days: dict[date, list[Readiness]] = {}
    for one in found:
        days.setdefault(local_date(one.booking.starts_at), []).append(one)
    return list(days.items())


def _last_checks(request: StaffRequest, today: date) -> dict[str, DayCheck]:
    """Today's check of each kind, if it was made."""
    rows = DayCheck.objects.filter(dealer=request.dealer, checked_on=today).order_by("checked_at")
    return {row.kind: row for row in rows}


def check(request: StaffRequest, kind: str) -> HttpResponse:
    """The technical director's start-of-day check, the folder check two days ahead, the close of tomorrow's plan."""
    about = _about(request, kind)
    found = sorted(_states(request, about, about), key=lambda one: _place(one, about))
    earlier = DayCheck.objects.filter(dealer=request.dealer, kind=kind).select_related("checked_by")
    today = local_date(request.now)
    ahead = _states(request, today + timedelta(days=1), today + timedelta(days=_AHEAD))
    context = {
        "to_start": [one for one in ahead if one.rank(today) == 0] if kind == CheckKind.MORNING else [],
        "kind": CheckKind(kind), "about": about, "found": found, "earlier": earlier.order_by("-checked_at")[:10],
        "done": earlier.filter(about=about, checked_on=local_date(request.now)).first(),
        "unfiled": _unfiled(found) if kind == CheckKind.FOLDERS else [],
        "lacking": [one for one in found if not one.is_ready], "may_check": request.actor.can(P.CHECK),
        "kinds": [(value, label) for value, label in CheckKind.choices if value != CheckKind.TOMORROW],
    }  # fmt: skip
    return render(request, "staff/preparation/check.html", context)


def _unfiled(found: Sequence[Readiness]) -> list[Readiness]:
    """Ready, but its papers are not in the folder: somebody still has them (CNF-04)."""
    return [
        one for one in found
        if one.is_ready and (one.preparation is None or one.preparation.papers_with != PaperPlace.FOLDER)
    ]  # fmt: skip


def _about(request: StaffRequest, kind: str) -> date:
    """The day a check is about: today, the policy's days ahead, or the next open day."""
    if kind not in CheckKind.values:
        raise Http404
    today = local_date(request.now)
    if kind == CheckKind.MORNING:
        return today
    if kind == CheckKind.TOMORROW:
        return _next_open(request)
    return today + timedelta(days=policy(rules.FOLDER_DAYS, request.dealer, today))


def _next_open(request: StaffRequest) -> date:
    today = local_date(request.now)
    return calendars.load(request.dealer, today, today + timedelta(days=30)).step(today, 1)


def record_check(request: StaffRequest, kind: str) -> HttpResponse:
    """Keep that the check was made, with what was missing then."""
    about = _about(request, kind)
    made = operations.record_check(
        dealer=request.dealer, kind=kind, about=about, note=request.POST.get("note", ""), actor=request.actor,
        now=request.now,
    )  # fmt: skip
    text = _("已登记:{ready} / {expected} 个预约备好").format(ready=made.ready, expected=made.expected)
    messages.success(request, text)
    if kind == CheckKind.TOMORROW:
        return redirect("staff:preparation-tomorrow")
    return redirect("staff:preparation-check", kind)


def tomorrow(request: StaffRequest) -> HttpResponse:
    """The next open day: who receives and who works on each car, and what is still missing (PRE-17, PRE-18)."""
    day = _day(request)
    found = sorted(_states(request, day, day), key=lambda one: one.booking.starts_at)
    people = catalog.active_staff(request.dealer, ("advisor", "technician"))
    context = {
        "day": day, "today": local_date(request.now), "rows": [_plan_row(one, people) for one in found],
        "done": DayCheck.objects.filter(dealer=request.dealer, kind=CheckKind.TOMORROW, about=day).first(),
        "may_plan": request.actor.can(P.PLAN_DAY), "may_check": request.actor.can(P.CHECK),
        "is_next": day == _next_open(request),
        "previous": day - timedelta(days=1), "following": day + timedelta(days=1),
    }  # fmt: skip
    return render(request, "staff/preparation/tomorrow.html", context)


def _day(request: StaffRequest) -> date:
    given = request.GET.get("day", "")
    try:
        return parse_date(given) or _next_open(request)
    except ValueError:
        return _next_open(request)


def _plan_row(one: Readiness, people: Sequence[Any]) -> dict[str, Any]:
    work = queries.work_blocks(one.booking)
    skills = {block.skill for block in work}
    return {
        "state": one, "booking": one.booking, "advisor": queries.advisor_of(one.booking), "work": work,
        "advisors": [person for person in people if person.duty == "advisor"],
        "technicians": [
            person for person in people if person.duty == "technician" and skills <= set(person.skills)
        ],
    }  # fmt: skip


def assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a booking another advisor or technician."""
    found = Booking.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    day = local_date(found.starts_at)
    try:
        operations.assign(
            booking=found, advisor_id=_number(request.POST.get("advisor", "")),
            technician_id=_number(request.POST.get("technician", "")), actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('staff:preparation-tomorrow')}?day={day}")
    messages.success(request, _("已指派"))
    return redirect(f"{reverse('staff:preparation-tomorrow')}?day={day}")


def mail(request: StaffRequest) -> HttpResponse:
    """Send tomorrow's list now to those who need it; nobody gets it twice."""
    count = operations.mail_tomorrow(
        dealer=request.dealer, actor=request.actor, now=request.now, at_once=True
    )
    if count:
        messages.success(request, _("清单已交给 {count} 个人的邮箱").format(count=count))
    else:
        messages.info(request, _("没有要发的清单:第二天没有预约,或者没有启用。"))
    return redirect("staff:preparation-tomorrow")


def sales(request: StaffRequest) -> HttpResponse:
    """The list for sales: whom to text tomorrow's advisor and technician to (PRE-18, PRE-19)."""
    day = _day(request)
    start, end = day_bounds(day)
    rows = queries.bookings_between(dealer=request.dealer, start=start, end=end, statuses=PROMISED)
    open_touches = Touch.objects.filter(booking__in=rows, kind=TouchKind.SALES_NAMES).order_by("round")
    touches = {touch.booking_id: touch for touch in open_touches}
    context = {
        "day": day,
        "rows": [
            {
                "booking": row, "advisor": queries.advisor_of(row), "work": queries.work_blocks(row),
                "touch": touches.get(row.pk),
            }
            for row in rows
        ],
    }  # fmt: skip
    return render(request, "staff/preparation/sales.html", context)


def _number(raw: str) -> int | None:
    return int(raw) if raw.isdecimal() and len(raw) < 18 else None
