"""Customers who did not come, and whether booking was worth it: waiting of booked against walk-in (PEERS §10.8)."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from huichang.domains.appointments import figures
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.worktime import add_months, local_date


def _period(request: StaffRequest, months: int) -> tuple[date, date]:
    """From the first to the last day asked for (inclusive), else the last months."""
    today = local_date(request.now)
    first, last = (_given(request, name) for name in ("from", "to"))
    return first or add_months(today, -months), last or today


def _given(request: StaffRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None


def no_shows(request: StaffRequest) -> HttpResponse:
    """Who did not come, how often, and whether they came or booked again since; first services first (CHG-11)."""
    first, last = _period(request, 3)
    rows = figures.no_shows(request.dealer, first, last + timedelta(days=1))
    context = {"rows": rows, "first": first, "last": last, "open": sum(not row.is_back for row in rows)}
    return render(request, "staff/preparation/no_shows.html", context)


def wait_to_start(request: StaffRequest) -> HttpResponse:
    """Minutes from arrival to the start of work, booked against walk-in, with what the figures cover."""
    first, last = _period(request, 1)
    found = figures.wait_to_start(request.dealer, first, last + timedelta(days=1))
    return render(request, "staff/preparation/wait.html", {"found": found, "first": first, "last": last})
