"""The supervisor's view: who did what, what is about to be too late, giving tasks to others."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import User
from huichang.domains.contacts import register as contacts
from huichang.domains.dealers.queries import policy
from huichang.domains.reminders import kinds
from huichang.domains.reminders.desk import lines_of
from huichang.domains.worklist import operations, policies
from huichang.domains.worklist.queries import agents_of, nearly_late
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.desk.forms import AssignForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date


def manage(request: StaffRequest) -> HttpResponse:
    """Figures of a period by agent and by reason, and the tasks near their last safe day."""
    first, last = _period(request)
    start, _end = day_bounds(first)
    _start, end = day_bounds(last)
    today = local_date(request.now)
    days = policy(policies.SOON_DAYS, request.dealer, today)
    tasks = nearly_late(request.dealer, now=request.now, days=days)
    lines = lines_of(tasks)
    context: dict[str, Any] = {
        "first": first, "last": last, "days": days, "today": today,
        "agents": contacts.figures_by_agent(start, end),
        "reasons": [
            (kinds.label(row.key) if row.key else _("没有事由"), row) for row in contacts.figures_by_kind(start, end)
        ],
        "tasks": [(task, lines[task.pk], (task.last_safe_day - today).days) for task in tasks],
        "form": AssignForm(people=_people(request)),
        "now": request.now,
    }  # fmt: skip
    return render(request, "staff/desk/manage.html", context)


def _people(request: StaffRequest) -> list[tuple[int, str]]:
    found = agents_of(request.dealer.pk, local_date(request.now))
    return [(person.pk, person.name) for person in found]


def _period(request: StaffRequest) -> tuple[date, date]:
    """The days asked for, both included; the last seven by default."""
    today = local_date(request.now)
    first, last = _day(request, "first"), _day(request, "last")
    last = last or today
    first = first or last - timedelta(days=6)
    return (first, last) if first <= last else (last, first)


def _day(request: StaffRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None


def assign(request: StaffRequest) -> HttpResponse:
    """Give the ticked tasks to an agent, put them back for all, or take claims away."""
    ids = [int(text) for text in request.POST.getlist("tasks") if text.isdigit()]
    form = AssignForm(request.POST, people=_people(request))
    if not ids:
        messages.warning(request, _("请先勾选客户。"))
    elif request.POST.get("action") == "release":
        count = operations.release_claims(task_ids=ids, actor=request.actor)
        messages.success(request, _("已放回队列:{count} 位").format(count=count))
    elif form.is_valid():
        to = form.cleaned_data["to"]
        person = User.objects.get(pk=to) if to else None
        try:
            count = operations.assign(task_ids=ids, to=person, actor=request.actor, now=request.now)
        except OperationRefused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("已分派:{count} 位").format(count=count))
    return redirect("staff:desk-manage")
