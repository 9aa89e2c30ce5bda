"""Bays and people, labour operations and schedules: lists and their forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.catalog import operations, queries
from huichang.domains.catalog.models import Bay, Duty, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.catalog.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.catalog.absences import upcoming
from huichang.interfaces.staff.catalog.forms import BayForm, LabourForm, PersonForm, ScheduleForm
from huichang.kernel.operations import OperationRefused


@dataclass(frozen=True, slots=True)
class Editor:
    """How one kind of row is edited."""

    model: type[Any]
    form: type[forms.ModelForm]  # type: ignore[type-arg]  # a parameter the stubs have and Django has not
    save: Callable[..., Any]
    argument: str
    back: str
    new_title: str
    initial: dict[str, Any]


EDITORS = {
    "bay": Editor(
        Bay, BayForm, operations.save_bay, "bay", "staff:resources", gettext_noop("新工位"),
        {"opens_at": "08:30", "closes_at": "17:30"},
    ),
    "person": Editor(
        StaffMember, PersonForm, operations.save_person, "person", "staff:resources", gettext_noop("新人员"),
        {"duty": "technician"},
    ),
    "labour": Editor(LabourOperation, LabourForm, operations.save_labour, "labour", "staff:labour", gettext_noop("新项目"), {}),
    "schedule": Editor(
        ServiceSchedule, ScheduleForm, operations.save_schedule, "schedule", "staff:schedules", gettext_noop("新保养周期"),
        {"first_months": 3, "first_km": 5000, "interval_months": 6, "interval_km": 10000, "warranty_months": 36,
         "warranty_km": 100000},
    ),
}  # fmt: skip


def edit(request: StaffRequest, kind: str, pk: int = 0) -> HttpResponse:
    """One bay, person, job or schedule: changed, or new when `pk` is 0."""
    editor = EDITORS[kind]
    row = get_object_or_404(editor.model.objects.all(), pk=pk) if pk else editor.model(dealer=request.dealer)
    form = editor.form(request.POST or None, instance=row, initial={} if pk else editor.initial)
    if request.method == "POST" and form.is_valid():
        try:
            editor.save(**{editor.argument: form.save(commit=False)}, actor=request.actor)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect(editor.back)
    context = {
        "form": form, "title": str(row) if pk else _(editor.new_title), "back": editor.back,
        "skills": queries.skills(request.dealer), "kind": kind,
    }  # fmt: skip
    return render(request, "staff/catalog/edit.html", context, status=422 if form.errors else 200)


def bay(request: StaffRequest, pk: int = 0) -> HttpResponse:
    return edit(request, "bay", pk)


def person(request: StaffRequest, pk: int = 0) -> HttpResponse:
    return edit(request, "person", pk)


def labour_operation(request: StaffRequest, pk: int = 0) -> HttpResponse:
    return edit(request, "labour", pk)


def schedule(request: StaffRequest, pk: int = 0) -> HttpResponse:
    return edit(request, "schedule", pk)


def resources(request: StaffRequest) -> HttpResponse:
    """Bays, people with skills, and who or what is away."""
    bays = list(Bay.objects.order_by("-is_active", "name"))
    people = StaffMember.objects.order_by("-is_active", "team", "name")
    technicians = [row for row in people if row.duty == Duty.TECHNICIAN]
    context = {
        "bays": bays, "technicians": technicians,
        "advisors": [row for row in people if row.duty == Duty.ADVISOR],
        "others": [row for row in people if row.duty not in {Duty.TECHNICIAN, Duty.ADVISOR}],
        "gaps": _gaps(request, bays, technicians), "absences": upcoming(request),
        "may_edit": request.actor.can(P.EDIT), "may_absent": request.actor.can(P.EDIT_ABSENCES),
    }  # fmt: skip
    return render(request, "staff/catalog/resources.html", context)


def _gaps(request: StaffRequest, bays: list[Bay], technicians: list[StaffMember]) -> list[str]:
    """Skills that jobs ask for and nobody, or no bay, can give: such jobs can never be booked."""
    found = []
    bays = [row for row in bays if row.is_active]
    technicians = [row for row in technicians if row.is_active]
    for skill in sorted({row.skill for row in queries.labour(request.dealer)}):
        if not any(skill in row.skills for row in technicians):
            found.append(_("没有人有“{skill}”资质,这类项目约不了").format(skill=skill))
        elif not queries.bays_for(skill, bays, technicians):
            found.append(_("没有工位能做“{skill}”,这类项目约不了").format(skill=skill))
    return found


def labour(request: StaffRequest) -> HttpResponse:
    """The labour catalogue."""
    text = request.GET.get("q", "").strip()
    rows = LabourOperation.objects.order_by("-is_active", "code")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(skill=text))
    context = {"rows": list(rows[:500]), "q": text, "may_edit": request.actor.can(P.EDIT)}
    return render(request, "staff/catalog/labour.html", context)


def schedules(request: StaffRequest) -> HttpResponse:
    """Service schedules and warranty of each series."""
    context = {
        "rows": list(ServiceSchedule.objects.order_by("series")),
        "may_edit": request.actor.can(P.EDIT),
    }
    return render(request, "staff/catalog/schedules.html", context)
