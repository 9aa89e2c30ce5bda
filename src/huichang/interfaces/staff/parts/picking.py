"""What is to be prepared, the baskets and issue slips, what goes back, old parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.dealers.queries import policy
from huichang.domains.parts import lists, operations, policies, queries
from huichang.domains.parts.models import IssueSlip, OldPart, ReservationStatus, SlipStatus
from huichang.domains.parts.permissions import P
from huichang.domains.parts.queries import Readiness
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.parts.forms import IssueForm
from huichang.interfaces.staff.parts.visits import Visit, visits_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

TONES = {"drawn": "ok", "ready": "accent", "ordered": "", "short": "warn", "late": "bad"}


def slips_to_draw(request: StaffRequest) -> int:
    """The rail's count: slips of today and tomorrow that are not in their baskets."""
    until = local_date(request.now) + timedelta(days=1)
    return IssueSlip.objects.filter(status=SlipStatus.OPEN, need_date__lte=until).count()


@dataclass(frozen=True, slots=True)
class Row:
    """A slip with its visit; `can_draw` while something of it lies reserved on the shelves."""

    slip: IssueSlip
    visit: Visit | None
    readiness: Readiness
    tone: str
    can_draw: bool
    technician: str


def picking(request: StaffRequest) -> HttpResponse:
    """The slips of the next days by day, and the baskets that go back."""
    today = local_date(request.now)
    ahead = policy(policies.PICK_AHEAD, request.dealer, today)
    slips = lists.slips_to_prepare(today + timedelta(days=ahead))
    returning = lists.slips_returning()
    visits = visits_of(slip.reference for slip in [*slips, *returning])
    readiness = queries.readiness(request.dealer, [slip.reference for slip in slips])
    days: dict[date, list[Row]] = {}
    for slip in slips:
        days.setdefault(slip.need_date, []).append(_row(slip, visits, readiness))
    for rows in days.values():
        rows.sort(key=lambda row: (row.visit is None, row.visit and row.visit.arrive_at, row.slip.pk))
    context = {
        "days": sorted(days.items()), "today": today, "tomorrow": today + timedelta(days=1), "ahead": ahead,
        "returning": [(slip, _plate(slip, visits), _in_basket(slip)) for slip in returning],
        "may_draw": request.actor.can(P.DRAW), "may_issue": request.actor.can(P.MOVE),
        "counts": _counts(slips, readiness), "late": [slip for slip in slips if slip.need_date < today],
    }  # fmt: skip
    return render(request, "staff/parts/picking.html", context)


def _row(slip: IssueSlip, visits: dict[str, Visit], readiness: dict[str, Readiness]) -> Row:
    stand = readiness[slip.reference]
    lines: Sequence[Any] = slip.lines  # type: ignore[attr-defined]  # set by lists
    can_draw = any(line.status == ReservationStatus.RESERVED for line in lines)
    visit = visits.get(slip.reference)
    technician = slip.technician or (visit.technician if visit else "")
    return Row(slip, visit, stand, TONES[stand.state], can_draw, technician)


def _plate(slip: IssueSlip, visits: dict[str, Visit]) -> str:
    return slip.plate or (visits[slip.reference].plate if slip.reference in visits else "")


def _in_basket(slip: IssueSlip) -> list[Any]:
    lines: Sequence[Any] = slip.lines  # type: ignore[attr-defined]  # set by lists
    return [line for line in lines if line.status == ReservationStatus.RETURNING]


def _counts(slips: list[IssueSlip], readiness: dict[str, Readiness]) -> dict[str, int]:
    found = dict.fromkeys(TONES, 0)
    for slip in slips:
        found[readiness[slip.reference].state] += 1
    return found


def _slip(pk: int) -> IssueSlip:
    slip = lists.slip_with_lines(pk)
    if slip is None:
        raise Http404
    return slip


def _context(request: StaffRequest, slip: IssueSlip) -> dict[str, Any]:
    visit = visits_of([slip.reference]).get(slip.reference)
    lines: Sequence[Any] = slip.lines  # type: ignore[attr-defined]  # set by lists
    states = {line.status for line in lines}
    return {
        "slip": slip, "lines": lines, "visit": visit, "plate": slip.plate or (visit.plate if visit else ""),
        "technician": slip.technician or (visit.technician if visit else ""),
        "can_draw": ReservationStatus.RESERVED in states and request.actor.can(P.DRAW),
        "can_issue": bool(states & {ReservationStatus.RESERVED, ReservationStatus.DRAWN}) and request.actor.can(P.MOVE),
        "can_put_back": ReservationStatus.RETURNING in states and request.actor.can(P.DRAW),
        "can_sign": slip.issued_at is not None and slip.signed_at is None and request.actor.can(P.MOVE),
    }  # fmt: skip


def slip(request: StaffRequest, pk: int) -> HttpResponse:
    """One issue slip: what of it lies where, and the next step."""
    return render(request, "staff/parts/slip.html", _context(request, _slip(pk)))


def slip_print(request: StaffRequest, pk: int) -> HttpResponse:
    """The slip on paper, with the technician's line to sign (PRT-03)."""
    return render(request, "staff/parts/slip_print.html", _context(request, _slip(pk)))


def label(request: StaffRequest, pk: int) -> HttpResponse:
    """The basket's label: plate, date, technician (PRE-11), and a code that opens the slip."""
    found = _slip(pk)
    address = request.build_absolute_uri(reverse("staff:parts-slip", args=[found.pk]))
    context = {
        **_context(request, found),
        "code": segno.make(address, micro=False).svg_data_uri(scale=4, border=1),
    }
    return render(request, "staff/parts/label.html", context)


def act(request: StaffRequest, pk: int) -> HttpResponse:
    """Draw, hand out, put back or sign: the button says which; back to where it was pressed."""
    found = get_object_or_404(IssueSlip, pk=pk)
    step = request.POST.get("step", "")
    try:
        messages.success(request, _done(request, found, step))
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    if request.POST.get("back") == "picking":
        return redirect("staff:parts-picking")
    return redirect("staff:parts-slip", found.pk)


def _done(request: StaffRequest, found: IssueSlip, step: str) -> str:
    visit = visits_of([found.reference]).get(found.reference)
    technician = (
        request.POST.get("technician", "").strip() or found.technician or (visit.technician if visit else "")
    )
    who: dict[str, Any] = {"actor": request.actor, "now": request.now}
    by: dict[str, Any] = {"dealer": request.dealer, "reference": found.reference, **who}
    if step == "draw":
        drawn = operations.draw(**by, technician=technician[:40], plate=visit.plate if visit else "")
        return _("已放入筐位 {place}。").format(place=drawn.basket)
    if step == "issue":
        operations.issue(
            **by, technician=technician[:40], signed_by=request.POST.get("signed_by", "").strip()[:40]
        )
        return _("已出库。")
    if step == "put_back":
        operations.put_back(**by)
        return _("已退回货架。")
    if step == "sign":
        operations.sign(slip=found, signed_by=request.POST.get("signed_by", "")[:40], **who)
        return _("已签收。")
    raise OperationRefused(_("没有这个操作。"))


def issue(request: StaffRequest) -> HttpResponse:
    """Hand parts out at the counter: to a booking, or to a car that came without one."""
    form = IssueForm(request.POST or None, initial={"reference": request.GET.get("reference", "")})
    if not request.actor.can(P.OVERDRAW):
        del form.fields["overdraw"]
    if request.method == "POST" and form.is_valid():
        try:
            done = operations.issue(
                dealer=request.dealer, actor=request.actor, now=request.now, **form.cleaned_data
            )
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已出库,出库单 {number}。").format(number=done.number))
            return redirect("staff:parts-slip", done.pk)
    return render(request, "staff/parts/issue.html", {"form": form}, status=422 if form.errors else 200)


def old_parts(request: StaffRequest) -> HttpResponse:
    """The register of old parts (PRT-09): to be taken in, kept, or where they went."""
    status = request.GET.get("status", "")
    known = dict(OldPart._meta.get_field("status").flatchoices)
    status = status if status in known else ""
    rows = list(lists.old_parts(status)[:200])
    context = {
        "rows": [(row, [(to, known[to]) for to in sorted(OldPart.LIFECYCLE.available(row.status))]) for row in rows],
        "status": status, "statuses": known.items(), "may_move": request.actor.can(P.MOVE),
    }  # fmt: skip
    return render(request, "staff/parts/old.html", context)


def move_old(request: StaffRequest, pk: int) -> HttpResponse:
    """The next step of an old part."""
    old = get_object_or_404(OldPart, pk=pk)
    try:
        operations.move_old_part(
            old=old, to=request.POST.get("to", ""), place=request.POST.get("place", ""), actor=request.actor,
            now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-old")
