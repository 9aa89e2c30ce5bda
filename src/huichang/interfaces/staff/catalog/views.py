"""Bays and people, labour operations and schedules: lists and their forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.appointments.models import BookingBlock
from huichang.domains.appointments.queries import bookings_of, promised_blocks
from huichang.domains.catalog import operations, queries
from huichang.domains.catalog.models import Absence, Bay, Duty, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.catalog.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.catalog.forms import AbsenceForm, BayForm, LabourForm, PersonForm, ScheduleForm
from huichang.kernel.operations import OperationRefused

_AHEAD = timedelta(days=90)


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
        "gaps": _gaps(request, bays, technicians), "absences": _absences(request),
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


def _absences(request: StaffRequest) -> list[tuple[Absence, int]]:
    """Absences from now on, each with the number of bookings it hits; two queries."""
    end = request.now + _AHEAD
    rows = queries.absences(request.dealer, request.now, end)
    needed = promised_blocks(
        start=request.now, end=end, staff_ids=[row.staff_id for row in rows if row.staff_id],
        bay_ids=[row.bay_id for row in rows if row.bay_id],
    )  # fmt: skip
    return [(row, len({block.booking_id for block in needed if _needs(block, row)})) for row in rows]


def _needs(block: BookingBlock, row: Absence) -> bool:
    same = block.staff_id == row.staff_id if row.staff_id else block.bay_id == row.bay_id
    return same and block.starts_at < row.ends_at and block.ends_at > row.starts_at


def _hit(row: Absence) -> list[Any]:
    return bookings_of(start=row.starts_at, end=row.ends_at, staff_id=row.staff_id, bay_id=row.bay_id)


def absence(request: StaffRequest) -> HttpResponse:
    """Say that a person or a bay is away, and see which bookings it hits."""
    people = StaffMember.objects.filter(is_active=True, duty__in=(Duty.TECHNICIAN, Duty.ADVISOR)).order_by(
        "name"
    )
    form = AbsenceForm(
        request.POST or None, people=people, bays=Bay.objects.filter(is_active=True).order_by("name")
    )
    if request.method == "POST" and form.is_valid():
        row = Absence(dealer=request.dealer, **form.for_absence())
        try:
            operations.add_absence(absence=row, actor=request.actor)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            hit = _hit(row)
            if hit:
                return render(request, "staff/catalog/hit.html", {"absence": row, "bookings": hit})
            messages.success(request, _("已登记,不影响已有预约。"))
            return redirect("staff:resources")
    context = {"form": form, "title": _("登记停用或休假"), "back": "staff:resources", "skills": []}
    return render(request, "staff/catalog/edit.html", context, status=422 if form.errors else 200)


def end_absence(request: StaffRequest, pk: int) -> HttpResponse:
    """The person or bay is back."""
    row = get_object_or_404(Absence.objects.all(), pk=pk)
    operations.end_absence(absence=row, actor=request.actor, now=request.now)
    messages.success(request, _("已恢复,可以重新安排。"))
    return redirect("staff:resources")


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
