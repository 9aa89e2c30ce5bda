"""Lost customers in figures (LST-02): for a store, or over the stores somebody sees."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from huichang.domains.dealers.queries import policy
from huichang.domains.reminders import lost
from huichang.domains.reminders.permissions import P
from huichang.domains.reminders.policies import LAPSED_MONTHS
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.worktime import local_date


def statistics(request: StaffRequest) -> HttpResponse:
    """Lost cars by length and series, and the months: lost, called, back."""
    today = local_date(request.now)
    rows = lost.by_series(today)
    context: dict[str, Any] = {
        "whole": lost.together(rows), "rows": rows, "months": lost.by_month(today),
        "limit": policy(LAPSED_MONTHS, request.store, today) if request.store else None,
        "may_list": request.store is not None and request.actor.can(P.SEE),
    }  # fmt: skip
    return render(request, "staff/census/lost.html", context)
