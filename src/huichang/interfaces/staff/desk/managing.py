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
from huichang.domains.customers.queries import demands
from huichang.domains.dealers.queries import policy
from huichang.domains.reminders import kinds, renewals
from huichang.domains.reminders.capacity import overload_of
from huichang.domains.reminders.desk import lines_of
from huichang.domains.reminders.policies import BOOKED_SHARE, RENEWAL_TARGET
from huichang.domains.reminders.work import booked_share, figures_by_kind
from huichang.domains.worklist import operations, policies
from huichang.domains.worklist.queries import agents_of, counts, nearly_late
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.desk.forms import AssignForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

SHOWN = 200  # tasks on the page; who has more assigns these first


def manage(request: StaffRequest) -> HttpResponse:
    """Figures of a period by agent and by reason, and the tasks near their last safe day."""
    first, last = _period(request)
    start, _end = day_bounds(first)
    _start, end = day_bounds(last)
    today = local_date(request.now)
    days = policy(policies.SOON_DAYS, request.dealer, today)
    load = overload_of(request.dealer, request.now)
    people, too_many = _people(request), set(load.task_ids)
    holder = _holder(request, people)
    tasks = nearly_late(
        request.dealer, now=request.now, days=days, also=load.task_ids[:SHOWN], holder_id=holder, limit=SHOWN
    )
    lines = lines_of(tasks)
    share = booked_share(first=first, last=last + timedelta(days=1))
    target = policy(BOOKED_SHARE, request.dealer, today)
    renewals_target = policy(RENEWAL_TARGET, request.dealer, today)
    context: dict[str, Any] = {
        "first": first, "last": last, "days": days, "today": today,
        "agents": contacts.figures_by_agent(start, end),
        "reasons": _by_reason(first, last),
        "tasks": [
            (task, lines[task.pk], (task.last_safe_day - today).days, task.pk in too_many) for task in tasks
        ],
        "share": share, "share_target": target,
        "is_below": share.share is not None and 100 * share.share < target,
        "is_cut": len(tasks) == SHOWN, "capacity": load.capacity, "too_many": len(too_many),
        "counts": counts(request.dealer, actor=request.actor, now=request.now),
        "renewals": renewals.together(renewals.of_month(last)), "renewals_target": renewals_target,
        "demands": demands(start=start, end=end),
        "people": people, "holder": holder, "form": AssignForm(people=people), "now": request.now,
    }  # fmt: skip
    return render(request, "staff/desk/manage.html", context)


def _by_reason(first: date, last: date) -> list[dict[str, Any]]:
    """For each reason what was said of it on the phone in the period, and what became of those due in it."""
    start, _end = day_bounds(first)
    _start, end = day_bounds(last)
    talked = {row.key: row for row in contacts.figures_by_kind(start, end)}
    became = {row.kind: row for row in figures_by_kind(first=first, last=last + timedelta(days=1))}
    return [
        {
            "label": kinds.label(code) if code else _("没有事由"),
            "talked": talked.get(code),
            "due": became.get(code),
        }
        for code in [*kinds.KINDS, ""]
        if code in talked or code in became
    ]


def _holder(request: StaffRequest, people: list[tuple[int, str]]) -> int | None:
    """The person whose tasks are asked for, if they work calls here."""
    asked = request.GET.get("holder", "")
    return next((pk for pk, _name in people if str(pk) == asked), None)


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
