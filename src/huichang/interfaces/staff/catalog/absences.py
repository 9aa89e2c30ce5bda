"""Who and what is away: people, bays, equipment; and the bookings it hits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.appointments.away import hits, name_of
from huichang.domains.appointments.models import Away, Equipment, EquipmentOutage
from huichang.domains.appointments.operations import rules
from huichang.domains.appointments.permissions import P as Bookings
from huichang.domains.appointments.queries import active_equipment, bookings_of, outages, promised_blocks
from huichang.domains.catalog import operations, queries
from huichang.domains.catalog.models import Absence, Bay, Duty, StaffMember
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.catalog.forms import AbsenceForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

_AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Gone:
    """A line of the list: what is away, and how many promised visits need it then."""

    row: Away
    name: str
    hit: int
    is_equipment: bool


def upcoming(request: StaffRequest) -> list[Gone]:
    """What is away from now on, soonest first; three queries."""
    end = request.now + _AHEAD
    rows: list[Away] = [
        *queries.absences(request.dealer, request.now, end), *outages(request.dealer, request.now, end),
    ]  # fmt: skip
    needed = promised_blocks(start=request.now, end=end, away=rows)
    return [
        Gone(
            row, name_of(row), len({block.booking_id for block in needed if hits(row, block)}),
            isinstance(row, EquipmentOutage),
        )
        for row in sorted(rows, key=lambda one: one.starts_at)
    ]  # fmt: skip


def absence(request: StaffRequest) -> HttpResponse:
    """Say that a person, a bay or a piece of equipment is away, and see which bookings it hits."""
    people = StaffMember.objects.filter(is_active=True, duty__in=(Duty.TECHNICIAN, Duty.ADVISOR))
    form = AbsenceForm(
        request.POST or None, people=people.order_by("name"), equipment=active_equipment(request.dealer),
        bays=Bay.objects.filter(is_active=True).order_by("name"),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            row = put_away(request, **form.for_absence())
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            return _hit(request, row)
    context = {"form": form, "title": _("登记停用或休假"), "back": "staff:resources", "skills": []}
    return render(request, "staff/catalog/edit.html", context, status=422 if form.errors else 200)


def put_away(
    request: StaffRequest, *, kind: str, pk: int, starts_at: datetime, ends_at: datetime, reason: str
) -> Away:
    """Register that `kind` (staff, bay, equipment) number `pk` is away. Raises OperationRefused, 404 for unknown ones."""
    if kind == "equipment":
        piece = get_object_or_404(Equipment.objects.filter(is_active=True), pk=pk)
        return rules.add_outage(
            equipment=piece,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            actor=request.actor,
            now=request.now,
        )
    row = Absence(
        dealer=request.dealer, starts_at=starts_at, ends_at=ends_at, reason=reason[:100],
        **{"bay_id" if kind == "bay" else "staff_id": pk or None},
    )  # fmt: skip
    return operations.add_absence(absence=row, actor=request.actor)


def _hit(request: StaffRequest, row: Away) -> HttpResponse:
    found = bookings_of(
        start=row.starts_at, end=row.ends_at, staff_id=row.staff_id, bay_id=row.bay_id,
        equipment_id=row.equipment_id if isinstance(row, EquipmentOutage) else None,
    )  # fmt: skip
    if not found:
        messages.success(request, _("已登记,不影响已有预约。"))
        return redirect("staff:resources")
    context = {
        "absence": row, "name": name_of(row), "bookings": found,
        "days": sorted({local_date(one.starts_at) for one in found}),
        "may_run": request.actor.can(Bookings.RUN_DAY),
    }  # fmt: skip
    return render(request, "staff/catalog/hit.html", context)


def end_absence(request: StaffRequest, pk: int) -> HttpResponse:
    """The person or bay is back."""
    row = get_object_or_404(Absence.objects.all(), pk=pk)
    operations.end_absence(absence=row, actor=request.actor, now=request.now)
    messages.success(request, _("已恢复,可以重新安排。"))
    return redirect("staff:resources")


def end_outage(request: StaffRequest, pk: int) -> HttpResponse:
    """The piece of equipment works again."""
    row = get_object_or_404(EquipmentOutage.objects.all(), pk=pk)
    rules.end_outage(outage=row, actor=request.actor, now=request.now)
    messages.success(request, _("已恢复,可以重新安排。"))
    return redirect("staff:resources")
