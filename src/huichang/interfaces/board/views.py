"""The welcome board: today's booked customers, masked as the store wants, for whoever stands before the screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from huichang.domains.appointments.screens import guests, screen_of
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date

EVERY_SECONDS = "30"


def welcome(request: HttpRequest, key: str) -> HttpResponse:
    """The board of the key's store; 404 for any other key. It draws itself anew every half minute, without scripts."""
    now = timezone.now()
    screen = screen_of(key, now)
    if screen is None:
        return render(request, "404.html", status=404)
    with dealer_scope(screen.dealer_id):
        context = {
            "store": screen.dealer,
            "guests": guests(screen.dealer, now),
            "now": now,
            "today": local_date(now),
        }
        response = render(request, "board/welcome.html", context)
    response.headers["Refresh"] = EVERY_SECONDS
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
