"""The vehicle reminder slip 车辆提醒单 of a call task, on paper (REM-19, REM-22)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from huichang.domains.reminders.desk import brief_of
from huichang.domains.worklist.models import CallTask
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.worktime import local_date


def slip(request: StaffRequest, task: int) -> HttpResponse:
    """Everything the call is about and what was said so far, with room for what is said now."""
    row = get_object_or_404(CallTask.objects.select_related("customer"), pk=task)
    brief = brief_of(customer=row.customer, dealer=request.dealer, now=request.now, task=row)
    context = {"brief": brief, "task": row, "today": local_date(request.now)}
    return render(request, "staff/desk/slip.html", context)
